"""Do the tables of the committee say what happened, on both databases, and does the balance add up in every history?"""

from collections.abc import Callable
from datetime import UTC, date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gru.domain import events as e
from gru.domain.events import TextRef
from gru.office.figures import Cut
from gru.office.figures.committee import summary
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from projections import decisions, reports
from projections.durations import durations
from projections.volumes import volumes
from tests.domain.towns import sample_town
from tests.examples import examples
from tests.projections.lives import archive, lived, told
from tests.projections.places import AGENT, MONDAY, Place, new, qualified
from tests.projections.test_rebuilt_is_live import Told

ONE = TextRef("1" * 32, "d")
FROZEN = e.ReportFrozen(
    number=1, digest="d" * 64, pdf="p" * 64, xlsx="x" * 64, cut=41, cut_at=MONDAY, town_version=1
)  # fmt: skip


def test_a_report_is_listed_from_its_beginning_and_readers_see_the_frozen_ones(place: Place) -> None:
    draft, frozen = new(), new()
    place.record(draft, e.ReportBegun(first=date(2026, 1, 1), last=date(2026, 1, 31), automatic=True))
    place.record(frozen, e.ReportBegun(first=date(2026, 2, 1), last=date(2026, 2, 28)), by=AGENT)
    place.record(frozen, e.SectionWritten(section="title", text=ONE), FROZEN, by=AGENT)
    place.project()
    with reading(place.databases.views) as connection:
        everything = reports.all_of(connection)
        readable = reports.all_of(connection, frozen_only=True)
    assert [one.report for one in everything] == [frozen, draft]
    assert [(one.report, one.title, one.draft, one.frozen, one.cut) for one in readable] == [
        (frozen, ONE.id, False, 1, 41)
    ]
    place.record(frozen, e.CorrectionBegun(number=2), by=AGENT)
    place.project()
    with reading(place.databases.views) as connection:
        assert [(one.draft, one.frozen) for one in reports.all_of(connection, frozen_only=True)] == [(True, 1)]


def test_decisions_stand_by_their_day_without_those_struck_out(place: Place) -> None:
    kept, struck, later = new(), new(), new()
    for stream, day in ((kept, 1), (struck, 2), (later, 20)):
        place.record(stream, e.DecisionTaken(title=ONE, effect=date(2026, 3, day), departments=("VOI",)), by=AGENT)
    place.record(struck, e.DecisionStruck(), by=AGENT)
    place.project()
    with reading(place.databases.views) as connection:
        assert [one.decision for one in decisions.standing(connection)] == [later, kept]
        [one] = decisions.standing(connection, date(2026, 3, 1), date(2026, 3, 10))
    assert (one.decision, one.kind, one.types, one.departments) == (kept, "decision", (), ("VOI",))


def test_both_tables_rebuilt_are_the_live_ones(place: Place) -> None:
    report, decision = new(), new()
    place.record(report, e.ReportBegun(first=date(2026, 2, 1), last=date(2026, 2, 28)), FROZEN)
    place.record(decision, e.DecisionTaken(title=ONE, effect=date(2026, 3, 1)), e.DecisionStruck())
    place.project()
    live = place.tables()
    rebuild(place.projector, ["reports", "decisions"], passes=1, processes=0)
    assert place.tables() == live


def test_what_moved_at_the_very_instant_of_the_cut_is_counted(place: Place) -> None:
    place.projector.archive = archive()
    place.record(place.open("2026-000001", at=MONDAY), qualified("VOI"), at=MONDAY)
    place.project()
    with reading(place.databases.views) as connection:
        counted = summary(connection, sample_town(), MONDAY.date(), MONDAY.date(), Cut(1, MONDAY))
    assert (counted.town.balance.opened, counted.town.balance.end) == (1, 1)


@pytest.mark.timeout(300)
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told, st.integers(0, 60), st.integers(1, 40), st.integers(0, 60))
def test_what_came_less_what_went_is_the_change_of_what_is_open(
    fresh: Callable[[], Place], told: Told, begin: int, length: int, after: int
) -> None:
    place = fresh()
    place.projector.archive = archive()
    place.log.append_many(lived(told))
    place.project()
    first = date(2026, 2, 20) + timedelta(days=begin)
    last = first + timedelta(days=length)
    town = sample_town()
    with reading(place.databases.views) as connection:
        moves = connection.execute(select(volumes.c.at)).scalars().all()
        counted_open = len(connection.execute(select(durations.c.case_id).where(durations.c.closed_at.is_(None))).all())
        latest = max([*moves, MONDAY]) + timedelta(days=after)
        counted = summary(connection, town, first, last, Cut(1, latest.astimezone(UTC)))
    balance = counted.town.balance
    assert balance.difference == 0
    assert balance.start >= 0 and balance.end >= 0
    before = [at for at in moves if at < counted.period.start]
    if not before:
        assert balance.start == 0
    if latest < counted.period.end:
        assert balance.end == counted_open
    for part in ("start", "opened", "reopened", "closed", "end"):
        assert sum(getattr(group.balance, part) for group in counted.departments.values()) == getattr(balance, part)
    assert counted.town.gross == sum(counted.town.stages)
