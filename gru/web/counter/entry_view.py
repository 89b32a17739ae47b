"""How is the screen of the counter put together from what was typed so far?"""

from secrets import token_hex
from typing import Any

from gru.domain.reception import ticket_name
from gru.domain.references import new_id
from gru.domain.town import RequestType
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.counter import known
from gru.web.counter.entry import CHANNELS, CONTACTS, SOMEBODY_ELSE, Typed, sites_of
from gru.web.counter.entry_page import EntryPage, Pick, Strip
from gru.web.counter.motives import OTHER
from gru.web.forms import Choices, Field, FieldError
from gru.web.i18n import alphabetical, t
from gru.web.pages import Link
from projections import visits

CHANNEL_NAMES = {"guichet": "canal.guichet", "telephone": "canal.telephone", "courrier": "canal.courrier"}
CONTACT_NAMES = {
    "email": "guichet.contact_email",
    "telephone": "guichet.contact_telephone",
    "courrier": "guichet.contact_courrier",
    "retrait": "guichet.contact_retrait",
    "aucun": "guichet.contact_aucun",
}
BUTTONS = {"guichet": "guichet.enregistrer", "telephone": "guichet.enregistrer_seul",
           "courrier": "guichet.enregistrer_seul"}  # fmt: skip


def new_key() -> str:
    return new_id(current.now(), bytes.fromhex(token_hex(10)))


def entry_page(typed: Typed, errors: tuple[FieldError, ...] = (), *, looked: bool = False) -> EntryPage:
    """`looked`: something was typed, so that what was found, or that nothing was, is said."""
    wrong = {error.field: error.text for error in errors}
    sites = sites_of(typed.agent, current.town())
    site = typed.site if typed.site in {one.code for one in sites} else sites[0].code
    kind = typed.kind

    def field(name: str, key: str, kind: str = "text", value: str = "", **more: Any) -> Field:
        return Field(name, t(key), kind, value, error=wrong.get(name, ""), **more)

    return EntryPage(
        title=t("guichet.titre"),
        channels=tuple((code, t(CHANNEL_NAMES[code])) for code in CHANNELS),
        channel=typed.channel,
        sites=tuple((one.code, one.name) for one in sites),
        site=site,
        words=field("mots", "guichet.motif", value=typed.words, hint=t("guichet.motif_aide"), autocomplete="off"),
        motives=_motives(typed),
        no_motive=t("guichet.motif_vide", q=typed.words) if typed.words and not typed.motives else "",
        announce=_announced(typed, kind),
        place=field("lieu", "guichet.lieu", value=typed.place, autocomplete="off"),
        said=field("texte", "guichet.description", "textarea", typed.said),
        danger=field("danger", "guichet.danger", "checkbox", "oui" if typed.danger else ""),
        phone=field("tel", "guichet.tel", "tel", typed.phone, hint=t("guichet.tel_aide"), autocomplete="off"),
        email=field("email", "guichet.email", "email", typed.email, optional=True, autocomplete="off"),
        name=field("nom", "guichet.nom", value=typed.name, autocomplete="off"),
        address=field("adresse", "guichet.adresse", value=typed.address, optional=True, autocomplete="off",
                      hint=t("guichet.adresse_aide")),
        known=_known(typed),
        contact=field("contact", "guichet.contact", "radios", typed.contact,
                      choices=tuple((code, t(CONTACT_NAMES[code])) for code in CONTACTS)),
        anonymous=field("anonyme", "guichet.sans_coordonnees", "checkbox", "oui" if typed.anonymous else ""),
        consent=field("consentement", "guichet.consentement", "checkbox", "oui" if typed.consent else ""),
        documents=_documents(typed, kind),
        documents_for=kind.code if kind and kind.documents else "",
        originals=field("originaux", "guichet.originaux", "checkbox", "oui" if typed.originals else ""),
        files=field("pieces", "guichet.numeriser", "file", hint=t("dossier.joindre_aide"), optional=True),
        late_at=field("recu_le", "guichet.recu_le", "datetime-local", typed.late_at, optional=True),
        late_why=field("raison", "guichet.recu_raison", "select", typed.late_why, optional=True, choices=_reasons()),
        similar=tuple(one for one in _similar(typed, kind) if one.ref not in typed.apart),
        apart=typed.apart,
        looked=looked or bool(errors),
        tally=topics(),
        links=_links(),
        key=typed.key or new_key(),
        typist=typed.typist or typed.agent.id,
        button=t(BUTTONS[typed.channel]),
        strip=strip(site),
        errors=errors,
    )  # fmt: skip


def _similar(typed: Typed, kind: RequestType | None) -> tuple[known.Similar, ...]:
    return known.similar(typed.who.id if typed.who else "", kind.code if kind else "", typed.place, typed.said)


def _motives(typed: Typed) -> tuple[Pick, ...]:
    departments = typed.town.departments
    picked = OTHER if typed.type == OTHER else typed.kind.code if typed.kind else ""
    picks = [Pick(one.code, one.label, departments[one.department].name, one.code == picked) for one in typed.motives]
    other = Pick(OTHER, t("guichet.motif_autre"), t("guichet.motif_autre_aide"), picked == OTHER)
    return (*picks, other) if typed.words or picked else ()


def _announced(typed: Typed, kind: RequestType | None) -> tuple[str, ...]:
    """What the agent says aloud: by when there will be an answer, and what to bring."""
    if kind is None and typed.type != OTHER:
        return ()
    code = kind.code if kind else ""
    received = typed.received_at or current.now()
    made = typed.town.promises(code, "", CHANNELS[typed.channel], received, typed.danger)
    due = next((one.due for one in made if one.kind == "resolve"), None)
    said = [t("guichet.promesse", date=current.french().last_day(due))] if due else []
    if kind is not None:
        names = [typed.town.documents[one].label for one in kind.documents if one in typed.town.documents]
        said.append(t("guichet.pieces_requises", pieces=" ; ".join(names) or t("guichet.rien")))
    return tuple(said)


def _documents(typed: Typed, kind: RequestType | None) -> tuple[Pick, ...]:
    if kind is None or typed.channel == "telephone":
        return ()
    known_documents = typed.town.documents
    return tuple(
        Pick(code, known_documents[code].label, checked=code in typed.documents)
        for code in kind.documents
        if code in known_documents
    )


def _known(typed: Typed) -> tuple[Pick, ...]:
    """Those known by what was typed, and somebody else at the same number."""
    if not typed.people or typed.anonymous:
        return ()
    picked = typed.who.id if typed.who else SOMEBODY_ELSE if typed.person or typed.name else ""
    picks = [
        Pick(one.id, t("guichet.connue", nom=one.name or t("guichet.sans_nom"), n=known.open_cases(one.id)),
             checked=one.id == picked)
        for one in typed.people
    ]  # fmt: skip
    return (*picks, Pick(SOMEBODY_ELSE, t("guichet.autre_personne"), checked=picked == SOMEBODY_ELSE))


def _reasons() -> Choices:
    choices = {code: key for code, key in labels.LATE_REASONS.items() if code != "entered_later"}
    return (("", t("commun.choisir")), *((code, t(key)) for code, key in choices.items()))


def topics() -> Choices:
    """What a question answered on the spot can be about: the services, by name."""
    found = current.town().departments.values()
    return tuple((one.code, one.name) for one in sorted(found, key=lambda one: alphabetical(one.name)))


def strip(site: str) -> Strip:
    """How many wait here, and whom this agent has called."""
    office, agent = current.office(), current.agent()
    day = office.reception.today()
    with reading(office.databases.views) as connection:
        waiting = visits.waiting(connection, site, day)
        called = visits.called(connection, site, day, limit=50)
        helpless = visits.helpless(connection, site, day)
    mine = next((one for one in called if one.caller == f"agent:{agent.id}"), None)
    return Strip(
        href=f"/guichet/file?site={site}",
        text=t("accueil.attendent", n=len(waiting)),
        help=t("accueil.aide") if helpless else "",
        visit=mine.visit if mine else "",
        ticket=ticket_of(mine) if mine else "",
    )


def ticket_of(visit: visits.Visited) -> str:
    return ticket_name(visit.kind, visit.number)


def _links() -> tuple[Link, ...]:
    return (
        Link("/guichet/file", t("accueil.titre"), "users"),
        Link("/guichet/courriers", t("lettres.titre"), "inbox"),
        Link("/guichet/sur-place", t("guichet.sur_place_bilan"), "chart"),
        Link("/guichet/relais", t("relais.titre"), "swap"),
    )
