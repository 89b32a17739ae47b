"""Do open cases count the right days after a correction, also when it was stopped half-way, and later ones at once?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from gru.bootstrap import Office
from gru.domain.case import Case, CloseCase, OpenCase, QualifyCase, ReopenCase
from gru.domain.errors import Refused
from gru.domain.events import CommitmentMoved, LegalDateSet
from gru.domain.references import new_id
from gru.office import correcting
from gru.office.town_hall import adopt, correct
from gru.office.town_hall.reading import Content, concluded
from tests.domain.towns import sample_content
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import MONDAY, Journey

BY = "system:operator"
FORGOTTEN = date(2026, 3, 4)


def right_days() -> Content:
    """The sample catalogue with a holiday nobody had thought of."""
    catalogue = sample_content().catalogue
    calendars = {
        code: replace(
            cal, closed=tuple(sorted({*cal.closed, FORGOTTEN})), holidays=tuple(sorted({*cal.holidays, FORGOTTEN}))
        )
        for code, cal in catalogue.calendars.items()
    }
    return concluded(replace(catalogue, calendars=calendars))


def opened(office: Office, nth: int, at: datetime = MONDAY) -> str:
    case_id = new_id(at, nth.to_bytes(10, "big"))
    office.desk.execute(
        OpenCase(case_id=case_id, channel="email", site="EN-LIGNE", received_at=at, number=f"2026-{nth:06d}",
                 type="VOI-CHAUSSEE"),
        by="system:intake",
    )  # fmt: skip
    return case_id


def case(office: Office, case_id: str) -> Case:
    found = office.desk.case(case_id)
    assert found is not None
    return found


def due(office: Office, case_id: str) -> tuple[datetime, datetime]:
    one = case(office, case_id)
    return one.commitments["resolve"].due, one.legal["acknowledgement"].due


@pytest.fixture
def office(journey: Journey) -> Iterator[Office]:
    yield journey.office


def adopted(office: Office) -> None:
    adopt(office.log, office.archive, right_days(), datetime(2030, 1, 1, tzinfo=UTC), by=BY, at=office.now())
    office.town.refresh()


def said(office: Office) -> None:
    adopted(office)
    correct(office.log, office.town.latest().number, by=BY, at=office.now())
    office.town.refresh()


def test_open_cases_move_by_the_forgotten_day_and_closed_ones_stay(office: Office) -> None:
    first, second = opened(office, 900001), opened(office, 900002)
    office.desk.execute(CloseCase(case_id=second, outcome="resolved"), by=BY)
    before, closed = due(office, first), due(office, second)
    adopted(office)
    assert due(office, first) == before, "a version alone moves nothing"
    said(office)
    steps: list[tuple[int, int]] = []
    done = office.correcting.correct(by=BY, progress=lambda *step: steps.append(step))

    assert (done.cases, done.dates, done.failed) == (1, 1, ())
    assert steps == [(1, 1)]
    assert due(office, first)[1] == before[1] + timedelta(days=1)
    assert due(office, first)[0] > before[0]
    assert due(office, second) == closed
    reasons = {r.event.reason for r in office.log.history(first) if isinstance(r.event, CommitmentMoved)}
    assert reasons == {"calendar"}
    assert office.correcting.correct(by=BY).moved == 0


def test_stopped_half_way_it_goes_on_where_it_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [opened(office, 900010 + n) for n in range(5)]
    said(office)
    monkeypatch.setattr(correcting, "BATCH", 2)

    def stop(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.correcting.correct(by=BY, progress=stop)
    assert sum(case(office, one).days_of > 0 for one in cases) == 2
    done = office.correcting.correct(by=BY)

    assert all(case(office, one).days_of for one in cases)
    assert done.dates == 3


def test_what_is_opened_or_reopened_after_the_correction_counts_the_right_days_by_itself(office: Office) -> None:
    closed = opened(office, 900020)
    office.desk.execute(CloseCase(case_id=closed, outcome="withdrawn"), by=BY)
    said(office)
    office.desk.execute(ReopenCase(case_id=closed, reason="x"), by=BY)
    late = opened(office, 900021)
    number = office.town.latest().number

    assert (case(office, closed).days_of, case(office, late).days_of) == (number, number)


def test_a_later_qualification_counts_the_right_days(office: Office) -> None:
    one = opened(office, 900030)
    said(office)
    office.correcting.correct(by=BY)
    office.desk.execute(QualifyCase(case_id=one, type="ODP-DEMEN"), by=BY)
    office.desk.execute(QualifyCase(case_id=one, type="VOI-CHAUSSEE"), by=BY)
    set_to = [r.event.due for r in office.log.history(one) if isinstance(r.event, LegalDateSet)]

    assert due(office, one)[1] == datetime(2026, 3, 17, 23, tzinfo=UTC)
    assert datetime(2026, 3, 16, 23, tzinfo=UTC) in set_to


def test_one_case_that_cannot_be_corrected_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, other = opened(office, 900040), opened(office, 900041)
    said(office)
    execute, each = office.desk.execute, office.desk.execute_each

    def refusing(*commands: object, **more: object) -> object:
        if any(getattr(command, "case_id", "") == wrong for command in commands):
            raise Refused("broken")
        return execute(*commands, **more)

    def refusing_each(wishes: list[list[object]], **more: object) -> object:
        if any(getattr(command, "case_id", "") == wrong for wish in wishes for command in wish):
            raise Refused("broken")
        return each(wishes, **more)

    monkeypatch.setattr(office.desk, "execute", refusing)
    monkeypatch.setattr(office.desk, "execute_each", refusing_each)
    done = office.correcting.correct(by=BY)

    assert done.failed == (wrong,)
    assert case(office, other).days_of and not case(office, wrong).days_of
