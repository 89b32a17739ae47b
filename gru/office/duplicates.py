"""Has this been asked already: by the same person, near the same place, in similar words?

Asked while somebody types at the counter, and on the page of a case (residents are asked otherwise: `filing`).
Candidates come from three bounded questions; their words are read in one call and compared here.

Similar words: the share of stems both texts have among all they have (Jaccard), over stems of four letters or more and
those with a digit. `ALIKE` and more counts, with `SHARED` stems in common, so that two short greetings are not alike.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, Engine

from gru.domain.case import Case
from gru.domain.events import Channel
from gru.domain.rights import Scope
from gru.domain.town import Point, Town
from gru.domain.town.squares import cell_of, cells_around, distance
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.databases import reading
from projections import duplicates, search
from projections.duplicates import Neighbour

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

READ, OPENED = 60, 25
"""Candidates whose words are read, and how many of them for their words alone."""

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
        found = [one for one in found if one.case_id not in draft.besides][:READ]
        texts = self._archive.texts({id for one in found for id in _texts_of(one) if id}) if found else {}
        judged = (_judged(one, draft, point, cell, stems, texts, town, now) for one in found)
        alike = [candidate for candidate in judged if candidate.reasons]
        return tuple(sorted(alike, key=_strength, reverse=True)[:limit])

    def of_case(self, case: Case, scope: Scope) -> tuple[Candidate, ...]:
        """For the page of a case; nothing for a closed one."""
        if case.status == "closed":
            return ()
        besides = frozenset({case.id, *case.absorbed})
        with reading(self._views) as connection:
            row = next(iter(duplicates.of_cases(connection, [case.id])), None)
        if row is None:
            return ()
        texts = self._archive.texts({id for id in _texts_of(row) if id})
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


def _found(
    connection: Connection, draft: Draft, cell: str, stems: frozenset[str], now: datetime, scope: Scope
) -> list[Neighbour]:
    """At most `MOST` rows by each sign, each case once, the strongest signs first."""
    lately = now - PLACE_FOR
    found: list[Neighbour] = []
    if cell:
        found += duplicates.in_cells(connection, cells_around(cell), lately, scope)
    if draft.person:
        found += duplicates.of_person(connection, draft.person, now - PERSON_FOR, scope)
    if stems:
        found += _of_like_words(connection, draft.type, stems, lately, scope)
    return list({one.case_id: one for one in found}.values())


def _of_like_words(
    connection: Connection, type_code: str, stems: frozenset[str], since: datetime, scope: Scope
) -> list[Neighbour]:
    """Of the newest of this type, and of those nobody has said the type of, the ones that share most stems."""
    types = dict.fromkeys((type_code, ""))
    newest = [one for code in types for one in duplicates.of_type(connection, code, since, scope)]
    said = search.stems_of(connection, [one.case_id for one in newest])
    shared = {one.case_id: len(stems & said.get(one.case_id, frozenset())) for one in newest}
    alike = [one for one in newest if shared[one.case_id] >= SHARED]
    return sorted(alike, key=lambda one: -shared[one.case_id])[:OPENED]


def _judged(
    one: Neighbour,
    draft: Draft,
    point: Point | None,
    cell: str,
    stems: frozenset[str],
    texts: dict[str, str | None],
    town: Town,
    now: datetime,
) -> Candidate:
    reasons = [*_by_words(one, stems, texts, now), *_by_place(one, draft, point, cell, texts, town, now)]
    if draft.person and one.requester == draft.person:
        reasons.append(Likeness("person"))
    reasons.sort(key=lambda reason: -_WEIGHT[reason.sign])
    return Candidate(one.case_id, one.number, one.type, one.channel, one.title_id, one.received_at, tuple(reasons))


def _by_words(one: Neighbour, stems: frozenset[str], texts: dict[str, str | None], now: datetime) -> Iterable[Likeness]:
    if one.received_at >= now - PLACE_FOR and (share := likeness(stems, _telling(_words(one, texts)))) >= ALIKE:
        yield Likeness("text", round(100 * share))


def _by_place(
    one: Neighbour,
    draft: Draft,
    point: Point | None,
    cell: str,
    texts: dict[str, str | None],
    town: Town,
    now: datetime,
) -> Iterable[Likeness]:
    """Only of the same kind, or where one of both is not known yet: a hole and a lamp may be neighbours."""
    differ = draft.type and one.type and draft.type != one.type
    if differ or one.received_at < now - PLACE_FOR:
        return
    theirs = _point(town, _place(one, texts))
    if point and theirs:
        if (metres := distance(point, theirs)) <= NEAR:
            yield Likeness("place", metres)
    elif cell and one.cell == cell:
        yield Likeness("square", NEAR)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1; 0 too when they share so few words that it says nothing."""
    both = one & other
    return len(both) / len(one | other) if len(both) >= SHARED else 0.0


def _strength(candidate: Candidate) -> tuple[float, datetime]:
    return sum(_WEIGHT[reason.sign] for reason in candidate.reasons), candidate.received_at


def _telling(words: str) -> frozenset[str]:
    """The stems that say something."""
    found = search.stems(words).split()
    long_or_numbered = (stem for stem in found if len(stem) >= SHORTEST_STEM or any(sign.isdigit() for sign in stem))
    return frozenset(long_or_numbered) - POLITE


def _point(town: Town, words: str) -> Point | None:
    found = town.locate(words) if words else None
    return found.point if found else None


def _texts_of(one: Neighbour) -> Sequence[str]:
    return one.title_id, one.text_id, one.place_id


def _place(one: Neighbour, texts: dict[str, str | None]) -> str:
    """The place that was given, else what the request itself names."""
    return texts.get(one.place_id) or _words(one, texts)


def _words(one: Neighbour, texts: dict[str, str | None]) -> str:
    return "\n".join(texts.get(id) or "" for id in (one.title_id, one.text_id))
