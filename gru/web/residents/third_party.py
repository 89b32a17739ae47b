"""How does somebody outside the town answer by his link, without an account?

The link is signed and dies at its date; it shows the question, the place and the kind of request, and the requester
only when an agent ticked it.
"""

from datetime import date, datetime, time, timedelta
from secrets import token_hex

from flask import Blueprint, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain import events as e
from gru.domain.case import AnswerThirdParty
from gru.domain.references import new_id
from gru.domain.town import Department, Town
from gru.office.third_parties import Opened
from gru.storage.access import Limit
from gru.web import current, labels, uploads
from gru.web.agents.cases import download
from gru.web.agents.deeds.base import pairs
from gru.web.dates import long_date
from gru.web.errors import plain
from gru.web.forms import Acting, Field, FieldError, FormView, LocalDay, choice, optional_text, read, refilled
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import FileLink, Row, file_size, phone
from gru.web.residents.third_party_page import ThirdPartyPage
from gru.web.residents.tracking_page import Service
from gru.web.security import client_address

pages = Blueprint("third_party", __name__)

LINK = "a third party's own link: signed, expiring, revocable; shows one question"
WINDOW = timedelta(minutes=15)
MOST_WRONG = 40
MOST_ANSWERS = 20
ANSWERS = {code: key for code, key in labels.THIRD_PARTY_ANSWERS.items() if code != "words"}


class AnswerForm(Acting):
    reponse = choice(ANSWERS)
    jour = LocalDay(load_default=None)
    texte = optional_text()


def find(token: str) -> Opened | ResponseReturnValue:
    """What the link opens, or the page that says why it opens nothing; wrong links are counted by address."""
    office = current.office()
    opened = office.third_parties.opened(token)
    if opened is None:
        if not office.access.allow_all((Limit("third_party_link", client_address(), MOST_WRONG),), WINDOW):
            abort(429)
        return plain(t("tiers.page_inconnu_titre"), t("tiers.page_inconnu"), 404)
    if not opened.alive:
        department = _department(opened)
        said = t("tiers.page_fini", service=department.name, tel=_dialled(department)[0])
        return plain(t("tiers.page_fini_titre"), said, 410)
    return opened


@pages.get("/tiers/<token>")
@public(LINK)
def show(token: str) -> ResponseReturnValue:
    opened = find(token)
    if not isinstance(opened, Opened):
        return opened
    return render_template("residents/third_party.html", page=page_of(token, opened))


@pages.post("/tiers/<token>")
@public(LINK)
def answer(token: str) -> ResponseReturnValue:
    opened = find(token)
    if not isinstance(opened, Opened):
        return opened
    if opened.request.over:
        return redirect(f"/tiers/{token}", 303)
    if not current.office().access.allow("third_party_answer", opened.request_id, MOST_ANSWERS, WINDOW):
        abort(429)
    values, errors = read(AnswerForm(), request.form)
    files, wrong = uploads.take(request.files.getlist("pieces"))
    if wrong:
        errors = (*errors, FieldError("pieces", wrong))
    errors = errors or _day_check(values["reponse"], values["jour"])
    if errors:
        page = page_of(token, opened, errors)
        return make_response(render_template("residents/third_party.html", page=page), 422)
    _record(opened, values["cle"], values["reponse"], values["jour"], values["texte"], files)
    return redirect(f"/tiers/{token}", 303)


def _day_check(said: str, day: date | None) -> tuple[FieldError, ...]:
    french = current.french()
    missing = day is None or day < french.local(french.now).date()
    return (FieldError("jour", t("tiers.jour_erreur")),) if said == "planned" and missing else ()


def _record(
    opened: Opened, key: str, said: e.ThirdPartyAnswer, day: date | None, words: str, files: tuple[uploads.Upload, ...]
) -> None:
    """What he says lies under his own key."""
    office, case, person = current.office(), opened.case, opened.request.to
    archive, zone = office.archive, current.french().zone
    planned = day if said == "planned" else None
    done = office.desk.execute(
        AnswerThirdParty(
            case_id=case.id,
            request_id=opened.request_id,
            answer_id=key,
            answer=said,
            channel="web",
            day=planned,
            day_end=datetime.combine(planned + timedelta(days=1), time(0), zone) if planned else None,
            text=archive.write_text(words, person=person, case=case.id) if words else None,
            files=tuple(
                archive.put_file(one.name, one.media_type, one.content, person=person, case=case.id) for one in files
            ),
        ),
        by="third_party",
    )
    office.projector.catch_up("inline", to=done.position)


@pages.get("/tiers/<token>/pieces/<file>")
@public(LINK)
def show_file(token: str, file: str) -> ResponseReturnValue:
    """The files the agent sent along; nothing else of the case."""
    opened = find(token)
    if not isinstance(opened, Opened):
        return opened
    return download(file, {one.id for one in opened.request.files})


# --- what the page says ------------------------------------------------------------------------------------------


def page_of(token: str, opened: Opened, errors: tuple[FieldError, ...] = ()) -> ThirdPartyPage:
    office, french, asked = current.office(), current.french(), opened.request
    town, department = _town(opened), _department(opened)
    texts = office.archive.texts([asked.text.id, *([opened.place.id] if opened.place else [])])
    late = french.now > asked.due
    day = french.last_day(asked.due)
    shown, dial = _dialled(department)
    return ThirdPartyPage(
        ref=opened.case.number,
        title=t("tiers.page_titre", ville=town.name),
        question=texts.get(asked.text.id) or t("suivi.masque"),
        due=t("tiers.page_depasse", date=day) if late else t("tiers.page_avant", date=day),
        service=Service(department.name, department.address, shown, dial),
        note=t("tiers.page_lien", date=french.last_day(asked.expires)),
        rows=tuple(_rows(opened, town, texts)),
        files=_files(token, asked.files),
        late=late and not asked.over,
        thanks=_thanks(opened, department),
        form=None if asked.over else FormView(f"/tiers/{token}", t("tiers.page_envoyer"), _fields(errors), _hidden()),
        errors=errors,
    )


def _rows(opened: Opened, town: Town, texts: dict[str, str | None]) -> list[Row]:
    kind = town.types.get(opened.case.type)
    rows = []
    if kind is not None and opened.case.confidentiality == "normal":
        rows.append(Row(t("tiers.page_type"), kind.label))
    if opened.place and (place := texts.get(opened.place.id)):
        rows.append(Row(t("tiers.page_lieu"), place))
    if opened.request.named and (resident := current.office().third_parties.resident(opened.case)):
        rows.append(Row(t("tiers.page_usager"), resident))
    return rows


def _thanks(opened: Opened, department: Department) -> tuple[str, ...]:
    if opened.request.over:
        return (t("tiers.page_merci"), t("tiers.page_merci_texte", service=department.name))
    if opened.request.answers:
        last_day = current.french().local(opened.request.due - timedelta(seconds=1)).date()
        return (t("tiers.page_merci"), t("tiers.page_prevu", date=long_date(last_day)))
    return ()


def _fields(errors: tuple[FieldError, ...]) -> tuple[Field, ...]:
    fields = (
        Field("reponse", t("tiers.page_ou"), "radios", choices=pairs(ANSWERS)),
        Field("jour", t("tiers.page_quand"), "date", short=True, optional=True, hint=t("tiers.page_quand_aide")),
        Field("texte", t("tiers.page_dire"), "textarea", optional=True),
        Field("pieces", t("tiers.page_pieces"), "file", optional=True, hint=t("depot.photo_aide")),
    )
    return refilled(fields, request.form, errors) if errors else fields


def _hidden() -> tuple[tuple[str, str], ...]:
    return (("cle", new_id(current.now(), bytes.fromhex(token_hex(10)))),)


def _files(token: str, refs: tuple[e.FileRef, ...]) -> tuple[FileLink, ...]:
    known = current.office().archive.file_names([ref.id for ref in refs]) if refs else {}
    return tuple(
        FileLink(f"/tiers/{token}/pieces/{id}", name.name, file_size(name.size)) for id, name in known.items() if name
    )


def _town(opened: Opened) -> Town:
    return current.office().town.version(opened.case.town_version)


def _department(opened: Opened) -> Department:
    return _town(opened).departments[opened.case.department]


def _dialled(department: Department) -> tuple[str, str]:
    number = phone(department.phone)
    return (number.shown, number.dial) if number else ("", "")
