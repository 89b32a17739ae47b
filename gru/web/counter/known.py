"""Who is this, by the telephone or address he gives, and is the same request open already?"""

from collections.abc import Sequence
from dataclasses import dataclass

from gru.domain.rights import scope_of
from gru.office.duplicates import Candidate, Draft
from gru.storage.databases import reading
from gru.storage.people import Person
from gru.web import current, labels
from gru.web.i18n import t
from projections import case_file, people
from projections.base import folded
from projections.case_file import CaseFile

MOST_PEOPLE = 5
MOST_CASES = 5
LOOKED_AT = 60
NOT_OPEN = ("closed",)


@dataclass(frozen=True, slots=True)
class Similar:
    """An open case that may be the same request, and why it may be."""

    ref: str
    href: str
    title: str
    why: str
    received: str


def people_at(phone: str, email: str, name: str) -> tuple[Person, ...]:
    """Everybody known by this telephone or address whom the agent may know: families share them.

    A telephone alone must not tell who asked for what another service keeps secret: such a person is known to whoever
    is told his name.
    """
    archive = current.office().archive
    if not (phone or email):
        return ()
    ids = archive.find_people(email, phone)[:MOST_PEOPLE]
    found = archive.people(ids)
    known = {person.id: person for key in ids if (person := found[key])}.values()
    return tuple(person for person in known if _bears(person, name) or _visible(_cases_of(person.id)))


def _bears(person: Person, name: str) -> bool:
    return bool(name) and folded(person.name) == folded(name)


def chosen(among: Sequence[Person], picked: str, name: str) -> Person | None:
    """The one the agent picked; without a pick the one who bears this name, or the only one when no name was typed."""
    if picked:
        return next((person for person in among if person.id == picked), None)
    if name:
        return next((person for person in among if _bears(person, name)), None)
    return among[0] if len(among) == 1 else None


def open_cases(person: str) -> int:
    """How many of this person's cases the agent sees that are open."""
    return sum(one.status not in NOT_OPEN for one in _visible(_cases_of(person)))


def similar(person: str, type_code: str, place: str, said: str) -> tuple[Similar, ...]:
    """What is open already and may be the same, with the reasons; none that the agent may not see."""
    office, french = current.office(), current.french()
    draft = Draft(person=person, type=type_code, place=place, text=said)
    found = office.likenesses.like(draft, scope_of(current.agent()), MOST_CASES)
    titles = office.archive.texts([one.title_id for one in found if one.title_id and not _is_secret(one)])
    return tuple(
        Similar(
            ref=one.number,
            href=f"/agent/demandes/{one.number}",
            title=_title(one, titles.get(one.title_id)),
            why=", ".join(labels.likeness(each.sign, each.figure) for each in one.reasons),
            received=french.short_day(one.received_at),
        )
        for one in found
    )


def _title(one: Candidate, written: str | None) -> str:
    """The screen may be read by whoever stands before it."""
    if _is_secret(one):
        return t("confidentialite.secret_liste")
    kind = current.town().types.get(one.type)
    return written or (kind.label if kind else one.number)


def _is_secret(one: Candidate) -> bool:
    return one.confidentiality == "secret"


def _cases_of(person: str) -> list[str]:
    if not person:
        return []
    with reading(current.office().databases.views) as connection:
        return people.cases_of(connection, person, LOOKED_AT)


def _visible(case_ids: Sequence[str]) -> list[CaseFile]:
    """Those of these that this agent may see."""
    scope = scope_of(current.agent())
    with reading(current.office().databases.views) as connection:
        found = case_file.by_ids(connection, list(case_ids)) if case_ids else ()
    return [one for one in found if scope.shows(one)]
