"""Is the month's report begun once, on the first working day, and is the committee written to once?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256

import msgspec
import pytest

from gru.bootstrap import build_office
from gru.domain.events import ReportBegun
from gru.domain.report import Report
from gru.office.committee import CommitteePost
from gru.office.town_hall import SAMPLE, WrongCatalogue, adopt
from gru.office.town_hall.reading import concluded, read_catalogue
from tests.domain.towns import sample_content
from tests.web.conftest import Town
from tests.web.test_committee import WRITER

READERS = ("maire@val-des-tilleuls.example", "dgs@val-des-tilleuls.example")
BEFORE = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
OPEN = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)
"""Wednesday 1 April, before and after the reception opens."""


@pytest.fixture
def asking(town: Town) -> Town:
    """A town whose committee has addresses."""
    catalogue = msgspec.structs.replace(sample_content().catalogue, committee=READERS)
    at = town.clock.at
    adopt(town.office.log, town.office.archive, concluded(catalogue), at, by="system:operator", at=at)
    town.office.town.refresh()
    return town


def ticks(town: Town, at: datetime) -> int:
    """How many reports a clock begins that has just been started."""
    town.clock.at = at
    with_clock = build_office(town.office.settings, town.clock)
    try:
        before = len(list(begun(town)))
        with_clock.clock.tick()
        with_clock.clock.tick()
        with_clock.work.release("clock", with_clock.holder)
        return len(list(begun(town))) - before
    finally:
        with_clock.close()


def begun(town: Town) -> Iterator[tuple[str, ReportBegun]]:
    for recorded in town.office.log.read(0, 10_000):
        if isinstance(recorded.event, ReportBegun):
            yield recorded.stream_id, recorded.event


def work(town: Town) -> None:
    """React, and do what falls due."""
    while town.office.reactions.react():
        pass
    for effect in town.office.work.due_effects(town.clock.at, 500):
        assert town.office.reactions.perform(effect.key)


def mails(town: Town) -> list[EmailMessage]:
    folder = town.office.settings.data / "outbox" / "new"
    found = sorted(folder.iterdir()) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def report_of(town: Town, stream: str) -> Report:
    report = town.office.committee.report(stream)
    assert report is not None
    return report


def test_the_report_of_the_last_month_is_begun_on_the_first_working_day_once(asking: Town) -> None:
    assert ticks(asking, BEFORE) == 0
    assert ticks(asking, OPEN) == 1
    assert ticks(asking, OPEN + timedelta(hours=1)) == 0
    assert ticks(asking, OPEN + timedelta(days=20)) == 0
    [(_, event)] = begun(asking)
    assert event == ReportBegun(first=date(2026, 3, 1), last=date(2026, 3, 31), automatic=True)
    assert ticks(asking, datetime(2026, 5, 4, 9, 0, tzinfo=UTC)) == 1


def test_a_month_that_begins_with_a_holiday_waits_for_the_first_day_that_is_none(asking: Town) -> None:
    assert ticks(asking, datetime(2026, 5, 1, 12, 0, tzinfo=UTC)) == 0
    assert ticks(asking, datetime(2026, 5, 3, 12, 0, tzinfo=UTC)) == 0
    assert ticks(asking, datetime(2026, 5, 4, 12, 0, tzinfo=UTC)) == 1


def test_a_town_that_names_no_address_begins_its_reports_itself(town: Town) -> None:
    assert ticks(town, OPEN) == 0


def test_the_committee_is_told_of_the_draft_and_sent_the_frozen_report_once(asking: Town) -> None:
    ticks(asking, OPEN)
    work(asking)
    work(asking)
    told = mails(asking)
    [(stream, _)] = begun(asking)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in told) == sorted(READERS)
    assert all(f"/rapports/{stream}" in mail.get_body().get_content() for mail in told)
    assert all("1er mars 2026" in str(mail["Subject"]) and "31 mars 2026" in str(mail["Subject"]) for mail in told)
    assert not any(list(mail.iter_attachments()) for mail in told)

    path = f"/rapports/{stream}"
    writer = asking.agent(WRITER)
    assert writer.fill(f"{path}/figer", f"{path}/figer").status_code == 303
    work(asking)
    work(asking)
    sent = [mail for mail in mails(asking) if list(mail.iter_attachments())]
    assert len(sent) == 2 and len(mails(asking)) == 4
    [version] = report_of(asking, stream).versions
    for mail in sent:
        [paper] = mail.iter_attachments()
        content = paper.get_content()
        assert sha256(content).hexdigest() == version.pdf
        assert version.digest in mail.get_body().get_content()
    assert report_of(asking, stream).posted == {0, 1}


def test_a_mail_that_could_not_be_sent_is_given_up_and_the_report_says_so(asking: Town) -> None:
    ticks(asking, OPEN)
    [(stream, _)] = begun(asking)
    post = CommitteePost(
        desk=asking.office.desk,
        committee=asking.office.committee,
        town=asking.office.town,
        channels=asking.office.channels,
        secret=asking.office.settings.secret,
        public_url=asking.office.settings.public_url,
        now=asking.clock,
    )
    post.give_up(stream, "0", "")
    post.post(stream, "0", "")
    assert mails(asking) == [] and report_of(asking, stream).posted == {0}


def test_a_wrong_address_of_the_committee_is_refused_with_its_line() -> None:
    text = (SAMPLE / "catalogue.yaml").read_text("utf-8")
    with pytest.raises(WrongCatalogue) as refused:
        read_catalogue(text.replace("committee: []", "committee: [maire@ville.example, personne]"))
    [fault] = refused.value.faults
    assert fault.code == "bad_address"
    missing = text.replace("committee: []", "committee: [maire@ville.example]")
    with pytest.raises(WrongCatalogue):
        read_catalogue(missing.replace("  committee_report: rapport_fige\n", ""))
    assert read_catalogue(missing).catalogue.committee == ("maire@ville.example",)
