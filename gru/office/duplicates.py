"""Has this been asked already: by the same person, near the same place, in similar words?

Asked while somebody types at the counter, and on the page of a case (residents are asked otherwise: `filing`).
Candidates come from three bounded questions in one statement, which brings the stems of their words; only places are
opened, of those that may be near.

Similar words: the share of stems both texts have among all they have (Jaccard), over stems of four letters or more and
those with a digit. `ALIKE` and more counts, with `SHARED` stems in common, so that two short greetings are not alike.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, Engine

from gru.domain.case import Case
from gru.domain.events import Channel, Confidentiality
from gru.domain.rights import Scope
from gru.domain.town import Point, Town
from gru.domain.town.squares import cell_of, cells_around, distance
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.databases import reading
from projections import duplicates, search
from projections.duplicates import Beside, Neighbour

PERSON_FOR = timedelta(days=90)
PLACE_FOR = timedelta(days=30)
NEAR = 100
"""Metres."""

ALIKE = 0.4
SHARED = 3
SHORTEST_STEM = 4
_POLITE_WORDS = "bonjour bonsoir madame monsieur merci cordialement salutations comment pourriez"
POLITE = frozenset(search.stems(_POLITE_WORDS).split())
"""What nearly every letter says, and so tells none from another."""

ALIKE_AT_MOST, OPENED = 25, 60
"""Candidates that are looked at for their words alone, and how many of all have their place read."""

SHOWN = 5
Sign = Literal["person", "place", "square", "text"]
_WEIGHT: dict[Sign, float] = {"place": 1.0, "text": 1.0, "square": 0.5, "person": 0.4}


class Likeness(msgspec.Struct, frozen=True):
    """One reason: the same person; a place `figure` metres away, or in the same square; words alike to `figure` %."""

    sign: Sign
    figure: int = 0


class Candidate(msgspec.Struct, frozen=True):
    """An open case that may be the same, with every reason, the strongest first."""

    case_id: str
    number: str
    type: str
    channel: Channel
    title_id: str
    confidentiality: Confidentiality
    received_at: datetime
    reasons: tuple[Likeness, ...]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is known so far, each part perhaps not; `besides` are cases not to be named."""

    person: str = ""
    type: str = ""
    place: str = ""
    text: str = ""
    point: Point | None = None
    cell: str = ""
    besides: frozenset[str] = frozenset()


class Likenesses:
    def __init__(self, *, views: Engine, archive: Archive, town: TownBook, now: Callable[[], datetime]) -> None:
        self._views = views
        self._archive = archive
        self._town = town
        self._now = now

    def like(self, draft: Draft, scope: Scope, limit: int = SHOWN) -> tuple[Candidate, ...]:
        """The open cases within the scope that may be the same as this draft, the likeliest first."""
        town, now = self._town.in_force(self._now()), self._now()
        point = draft.point or _point(town, draft.place)
        cell = cell_of(point) if point else draft.cell
        stems = _telling(draft.text)
        with reading(self._views) as connection:
            found = _found(connection, draft, cell, stems, now, scope)
        found = [one for one in found if one.case.case_id not in draft.besides]
        comparable = [one.case for one in found if _is_comparable(one.case, draft, now)]
        metres = self._metres(point, comparable, town) if point else {}
        judged = (_judged(one, draft, cell, stems, metres, now) for one in found)
        alike = [candidate for candidate in judged if candidate.reasons]
        return tuple(sorted(alike, key=_strength, reverse=True)[:limit])

    def of_case(self, case: Case, texts: Mapping[str, str | None], scope: Scope) -> tuple[Candidate, ...]:
        """For the page of a case, which has its `texts` at hand; nothing for a closed one."""
        if case.status == "closed":
            return ()
        besides = frozenset({case.id, *case.absorbed})
        with reading(self._views) as connection:
            row = next(iter(duplicates.of_cases(connection, [case.id])), None)
        if row is None:
            return ()
        requester = "" if case.requester in case.erased else case.requester
        draft = Draft(
            person=requester,
            type=case.type,
            place=_place(row, texts),
            text=_words(row, texts),
            cell=row.cell,
            besides=besides,
        )
        return self.like(draft, scope)

    def _metres(self, point: Point, among: Sequence[Neighbour], town: Town) -> dict[str, int]:
        """How far each of these is, by case, where its place is known to the metre; not of those in squares far off."""
        around = {"", *cells_around(cell_of(point))}
        near = [one for one in among if one.cell in around][:OPENED]
        if not near:
            return {}
        texts = self._archive.texts({id for one in near for id in _place_texts(one) if id})
        places = {one.case_id: _point(town, _place(one, texts)) for one in near}
        return {id: distance(point, place) for id, place in places.items() if place}


def _found(
    connection: Connection, draft: Draft, cell: str, stems: frozenset[str], now: datetime, scope: Scope
) -> list[Beside]:
    """At most `MOST` rows by each sign, each case once, the strongest signs first."""
    lately = now - PLACE_FOR
    signs: list[duplicates.Newest] = []
    if cell:
        signs.append(duplicates.in_cells(cells_around(cell), lately, scope))
    if draft.person:
        signs.append(duplicates.of_person(draft.person, now - PERSON_FOR, scope))
    if stems:
        signs += [duplicates.of_type(code, lately, scope) for code in dict.fromkeys((draft.type, ""))]
    rows = duplicates.beside(connection, signs, search.said())
    near = {one.case.case_id: one for one in rows if one.sign != "type"}
    alike = _most_alike(stems, [one for one in rows if one.sign == "type" and one.case.case_id not in near])
    return [*near.values(), *alike]


def _most_alike(stems: frozenset[str], newest: Sequence[Beside]) -> list[Beside]:
    """Of the newest of this type, and of those nobody has said the type of, the ones that share most stems."""
    shared = [(len(stems.intersection(one.words.split())), one) for one in newest]
    alike = sorted((pair for pair in shared if pair[0] >= SHARED), key=lambda pair: -pair[0])
    return [one for _, one in alike[:ALIKE_AT_MOST]]


def _judged(
    beside: Beside, draft: Draft, cell: str, stems: frozenset[str], metres: Mapping[str, int], now: datetime
) -> Candidate:
    one = beside.case
    reasons = [*_by_words(beside, stems, now), *_by_place(one, draft, cell, metres, now)]
    if draft.person and one.requester == draft.person:
        reasons.append(Likeness("person"))
    reasons.sort(key=lambda reason: -_WEIGHT[reason.sign])
    return Candidate(
        case_id=one.case_id,
        number=one.number,
        type=one.type,
        channel=one.channel,
        title_id=one.title_id,
        confidentiality=one.confidentiality,
        received_at=one.received_at,
        reasons=tuple(reasons),
    )


def _by_words(beside: Beside, stems: frozenset[str], now: datetime) -> Iterable[Likeness]:
    """Their words are compared by their stems, which need not be opened."""
    one = beside.case
    if not stems or one.received_at < now - PLACE_FOR:
        return
    theirs = search.stems_in(beside.words, beside.parts, (one.title_id, one.text_id))
    if (share := likeness(stems, _long_enough(theirs))) >= ALIKE:
        yield Likeness("text", round(100 * share))


def _by_place(one: Neighbour, draft: Draft, cell: str, metres: Mapping[str, int], now: datetime) -> Iterable[Likeness]:
    if one.case_id in metres:
        if metres[one.case_id] <= NEAR:
            yield Likeness("place", metres[one.case_id])
    elif cell and one.cell == cell and _is_comparable(one, draft, now):
        yield Likeness("square", NEAR)


def _is_comparable(one: Neighbour, draft: Draft, now: datetime) -> bool:
    """Only of the same kind, or where one of both is not known yet: a hole and a lamp may be neighbours."""
    differ = draft.type and one.type and draft.type != one.type
    return not differ and one.received_at >= now - PLACE_FOR


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1; 0 too when they share so few words that it says nothing."""
    both = one & other
    return len(both) / len(one | other) if len(both) >= SHARED else 0.0


def _strength(candidate: Candidate) -> tuple[float, datetime]:
    return sum(_WEIGHT[reason.sign] for reason in candidate.reasons), candidate.received_at


def _telling(words: str) -> frozenset[str]:
    """The stems that say something."""
    return _long_enough(search.stems(words).split())


def _long_enough(stems: Iterable[str]) -> frozenset[str]:
    long_or_numbered = (stem for stem in stems if len(stem) >= SHORTEST_STEM or any(sign.isdigit() for sign in stem))
    return frozenset(long_or_numbered) - POLITE


def _point(town: Town, words: str) -> Point | None:
    found = town.locate(words) if words else None
    return found.point if found else None


def _place_texts(one: Neighbour) -> Sequence[str]:
    """In which its place is named."""
    return (one.place_id,) if one.place_id else (one.title_id, one.text_id)


def _place(one: Neighbour, texts: Mapping[str, str | None]) -> str:
    """The place that was given, else what the request itself names."""
    return texts.get(one.place_id) or _words(one, texts)


def _words(one: Neighbour, texts: Mapping[str, str | None]) -> str:
    return "\n".join(texts.get(id) or "" for id in (one.title_id, one.text_id))
