"""Does what was fetched add up with what became of it, and is a difference named?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert

from gru.domain import events as e
from gru.office.mail_ledger import OUTCOMES, MailLedger, mail_ledger
from gru.office.rebuild import rebuild
from gru.storage.databases import writing
from gru.storage.schema import messages
from tests.projections.places import Place, new

ROADS, HALL = "voirie@ville.example", "mairie@ville.example"
EVENING = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
"""Half past eleven in the evening of Monday, in the town."""

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def town(place: Place) -> Place:
    with writing(place.databases.archive) as connection:
        connection.execute(delete(messages))
    return place


def kept(
    place: Place, at: datetime = EVENING, *, ticked: bool = True, erased: bool = False, channel: str = "email"
) -> str:
    key = new()
    row = {
        "key": key,
        "channel": channel,
        "received_at": at,
        "kept_at": at,
        "sealed": None if erased else b"x",
        "ticked_at": at if ticked else None,
    }
    with writing(place.databases.archive) as connection:
        connection.execute(insert(messages).values(row))
    return key


def taken_in(
    place: Place, key: str, outcome: e.MessageOutcome = "opened", source: str = HALL, at: datetime = EVENING
) -> None:
    place.record(key, e.MessageTakenIn(source=source, channel="email", outcome=outcome, received_at=at))


def shown(place: Place, first: date = MONDAY, last: date = TUESDAY) -> MailLedger:
    zone = ZoneInfo("Europe/Paris")
    return mail_ledger(place.log, place.databases.archive, place.databases.views, zone, first, last)


def test_every_outcome_is_counted_by_mailbox_and_by_the_towns_day(town: Place) -> None:
    for outcome in OUTCOMES:
        taken_in(town, kept(town), outcome)
    taken_in(town, kept(town), "opened", ROADS)
    taken_in(town, kept(town, EVENING + timedelta(hours=1)))
    town.project()
    found = shown(town)
    assert [(line.day, line.mailbox, line.fetched, line.difference) for line in found.lines] == [
        (TUESDAY, HALL, 1, 0),
        (MONDAY, HALL, 6, 0),
        (MONDAY, ROADS, 1, 0),
    ]
    assert found.lines[1].counts == dict.fromkeys(OUTCOMES, 1)
    assert (found.total.fetched, found.total.difference, found.is_balanced) == (8, 0, True)
    assert [line.day for line in shown(town, MONDAY, MONDAY).lines] == [MONDAY, MONDAY]


def test_what_waits_or_was_erased_unread_is_explained_and_other_channels_are_not_mail(town: Place) -> None:
    kept(town, ticked=False)
    kept(town, erased=True)
    kept(town, channel="facebook")
    found = shown(town)
    assert found.total.counts == {"waiting": 1, "erased": 1}
    assert (found.total.fetched, found.is_balanced) == (2, True)


def test_what_the_projector_has_not_come_to_is_known_to_the_log(town: Place) -> None:
    taken_in(town, kept(town), "joined")
    assert shown(town).total.counts == {"joined": 1}


def test_a_mail_without_an_outcome_and_an_outcome_without_a_mail_are_named(town: Place) -> None:
    lost, ghost = kept(town), new()
    taken_in(town, ghost, "opened")
    town.project()
    found = shown(town)
    assert (found.astray, found.unkept, found.is_balanced) == ((lost,), (ghost,), False)
    assert {line.mailbox: line.difference for line in found.lines} == {"": 1, HALL: -1}


def test_a_mail_kept_before_the_period_is_not_missed_in_it(town: Place) -> None:
    """Its sender's mail server was ahead of time."""
    taken_in(town, kept(town, EVENING - timedelta(days=1)), at=EVENING)
    town.project()
    found = shown(town)
    assert (found.lines, found.is_balanced) == ((), True)


def test_a_rebuild_finds_the_same(town: Place) -> None:
    taken_in(town, kept(town), "joined")
    town.project()
    live = town.tables()["ledger"]
    rebuild(town.projector, ["ledger"])
    assert len(live) == 1 and town.tables()["ledger"] == live
