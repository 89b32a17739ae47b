"""What becomes of a form that is sent, and has somebody reported the same already?

A form is kept like a mail and taken in by the same intake at once, so that its author sees his number. If that fails
nothing is lost: it waits with the other messages, and his page says so.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Engine

from gru.channels.webform import Submission, raw_message
from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.rights import Scope
from gru.domain.status import Status
from gru.domain.town import Point, RequestType, Spot, Town
from gru.domain.town.squares import cell_of, cells_around, distance
from gru.office.desk import Desk
from gru.office.intake import Intake
from gru.office.projector import Projector
from gru.storage.archive import Archive
from gru.storage.databases import reading
from gru.storage.log import Log
from projections import case_file, duplicates

NEAR = 250
"""Metres within which an open report of the same type is shown to a resident, who says whether it is the same."""

RINGS = 3
"""So many squares of some 100 m to each side hold all that lies so near."""

MOST_SHOWN = 3
ANYBODYS = Scope(everywhere=("normal",))
"""What may be shown to whoever asks: that something was reported here, never by whom nor in which words."""


class Nearby(msgspec.Struct, frozen=True):
    number: str
    street: str
    metres: int
    received_at: datetime
    status: Status


class Filing:
    def __init__(
        self,
        *,
        log: Log,
        views: Engine,
        desk: Desk,
        archive: Archive,
        intake: Intake,
        projector: Projector,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._views = views
        self._desk = desk
        self._archive = archive
        self._intake = intake
        self._projector = projector
        self._now = now

    def send(self, submission: Submission, contents: tuple[bytes, ...], *, draft: str) -> str:
        """The key of the form as it was kept, taken in if it can be; the same draft sent again is the same form."""
        name = sha256(b"sent draft\0" + draft.encode("utf-8", "replace")).hexdigest()
        message = raw_message(submission, contents, draft=name, received_at=self._now())
        key = self._archive.keep(
            message.channel,
            message.source,
            message.external_id,
            message.raw,
            message.received_at,
            message.content_digest,
        )
        if self.case_of(key) is None:
            self._intake.attempt(key)
            self._projector.catch_up("inline")
        return key

    def case_of(self, key: str) -> Case | None:
        """The case a kept form opened; `None` while it waits."""
        for recorded in self._log.history(key):
            if isinstance(recorded.event, (e.MessageTakenIn, e.MessageLinked)) and recorded.event.case:
                return self._desk.case(recorded.event.case)
        return None

    def nearby(self, town: Town, kind: RequestType, spot: Spot) -> tuple[Nearby, ...]:
        """Open reports of the same thing close by, the closest first; only of what concerns public space."""
        if kind.kind != "report" or kind.confidentiality != "normal" or not spot.number:
            return ()
        here = Point(spot.latitude, spot.longitude)
        with reading(self._views) as connection:
            rows = duplicates.of_type_in(connection, kind.code, cells_around(cell_of(here), RINGS), ANYBODYS)
            files = case_file.by_ids(connection, [row.case_id for row in rows])
        places = self._archive.texts([file.place_id for file in files if file.place_id])
        found = (self._near(town, file, places.get(file.place_id), here) for file in files)
        return tuple(sorted((one for one in found if one), key=lambda one: one.metres)[:MOST_SHOWN])

    def _near(self, town: Town, file: case_file.CaseFile, place: str | None, here: Point) -> Nearby | None:
        known = town.locate(place) if place else None
        if known is None or known.point is None:
            return None
        metres = distance(known.point, here)
        if metres > NEAR:
            return None
        return Nearby(file.number, known.street.name, metres, file.received_at, file.status)
