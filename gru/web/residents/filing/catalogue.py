"""What may residents ask here, and what should they know before they begin?"""

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.town import RequestType, Town
from gru.office.letters.french import hours_of, length_of
from gru.web import at_kiosk, current
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import Link, LinkGroup, Row, phone
from gru.web.residents.filing import around, draft, steps
from gru.web.residents.filing.choosing import LONGEST, meant
from gru.web.residents.filing.filing_page import HomePage, SheetPage

pages = Blueprint("catalogue", __name__)

OPEN_TO_ALL = "residents file their requests here, without an account"
_SECONDS_A_PAGE = 25


@pages.get("/deposer")
@public(OPEN_TO_ALL)
def choose() -> ResponseReturnValue:
    """The catalogue by department, or what was looked for in the resident's words."""
    return _home(request.args.get("q", ""))


@pages.post("/deposer")
@public(OPEN_TO_ALL)
def look_for() -> ResponseReturnValue:
    """As a kiosk asks, so that the words stand in no address."""
    return _home(request.form.get("q", ""))


def _home(asked: str) -> ResponseReturnValue:
    query, town = asked.replace("\0", "").strip()[:LONGEST], current.town()
    found = tuple(_link(kind) for kind in meant(town.types.values(), query)) if query else ()
    page = HomePage(query, () if found else _groups(town), found, _resumable(town), around.help_line(),
                    at_kiosk.path("/deposer"))  # fmt: skip
    return render_template("residents/filing/home.html", page=page)


def _link(kind: RequestType) -> Link:
    return Link(at_kiosk.path(f"/demarches/{kind.slug}"), kind.label)


def _groups(town: Town) -> tuple[LinkGroup, ...]:
    by_department: dict[str, list[RequestType]] = {}
    for kind in town.types.values():
        by_department.setdefault(kind.department, []).append(kind)
    return tuple(
        LinkGroup(town.departments[code].name, tuple(_link(kind) for kind in kinds))
        for code, kinds in by_department.items()
    )


def _resumable(town: Town) -> Link | None:
    """What this browser has begun and not sent."""
    held = draft.in_hand()
    kind = town.types.get(held.draft.type) if held and not held.draft.sent else None
    return _link(kind) if kind else None


@pages.get("/demarches/<slug>")
@public(OPEN_TO_ALL)
def show(slug: str) -> ResponseReturnValue:
    kind = around.kind_of(slug)
    return render_template("residents/filing/sheet.html", page=sheet_page(current.town(), kind))


def sheet_page(town: Town, kind: RequestType) -> SheetPage:
    filed_here = around.can_be_filed(kind)
    held = draft.in_hand(kind)
    documents = [town.documents[code] for code in kind.documents]
    begun = bool(held and held.draft.done and not held.draft.sent)
    return SheetPage(
        title=kind.label,
        action=at_kiosk.path(f"/deposer/{kind.slug}") if filed_here else "",
        duration=_duration(town, kind),
        facts=tuple(_facts(town, kind)),
        steps=kind.steps,
        documents=tuple(one.label for one in documents if not one.keep),
        to_show=tuple(one.label for one in documents if one.keep),
        instead=() if filed_here else _instead(kind),
        places=() if filed_here else _places(town),
        resume=at_kiosk.path(f"/deposer/{kind.slug}") if begun and filed_here else "",
        notice=around.where_gone(draft.why_gone(kind)),
        help=around.help_line(kind),
        all=at_kiosk.path("/deposer"),
    )


def _duration(town: Town, kind: RequestType) -> str:
    pages_asked = len(steps.steps(town, kind, draft.Draft(type=kind.code)))
    return t("depot.duree", n=max(1, round((pages_asked + 1) * _SECONDS_A_PAGE / 60)))


def _facts(town: Town, kind: RequestType) -> list[Row]:
    department = town.departments[kind.department]
    number = phone(department.phone)
    targets = (kind.targets.first_response or town.default_targets.first_response,
               kind.targets.resolve or town.default_targets.resolve)  # fmt: skip
    rows = [Row(t("depot.service"), f"{department.name}, {number.shown if number else department.phone}")]
    if targets[0]:
        rows.append(Row(t("depot.premiere_reponse"), t("depot.sous", duree=length_of(targets[0]))))
    if targets[1]:
        rows.append(Row(t("depot.fin_prevue"), t("depot.sous", duree=length_of(targets[1]))))
    rows.append(Row(t("depot.identite"), t(f"depot.identite_{kind.identification}")))
    return rows


def _instead(kind: RequestType) -> tuple[str, ...]:
    return (t("depot.autre_teleservice") if kind.electronic == "reserved" else t("depot.guichet_seul"),)


def _places(town: Town) -> tuple[Row, ...]:
    real = (site for site in town.sites.values() if site.kind != "virtual")
    return tuple(Row(site.name, f"{site.address}. {hours_of(site.week)}") for site in real)


@pages.post("/deposer/<slug>")
@public(OPEN_TO_ALL)
def begin(slug: str) -> ResponseReturnValue:
    """A new draft, or the one that was begun, where it was left."""
    kind, town = around.kind_of(slug), current.town()
    if not around.can_be_filed(kind):
        return redirect(at_kiosk.path(f"/demarches/{slug}"), 303)
    held = draft.in_hand(kind)
    if held is None or held.draft.sent or request.form.get("debut") == "neuf":
        if not around.allow("begun", around.BEGUN):
            page = replace(sheet_page(town, kind), busy=True)
            return make_response(render_template("residents/filing/sheet.html", page=page), 429)
        if held is not None and not held.draft.sent:
            current.office().drafts.forget(held.token)
        held = draft.begin(kind)
    at = steps.next_open(steps.steps(town, kind, held.draft), held.draft)
    return draft.hand_over(make_response(redirect(at_kiosk.path(f"/deposer/{slug}/{at}"), 303)), held.token)
