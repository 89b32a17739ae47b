"""Does the check name each fault, with what to do, and stay silent about what is well?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gru.bootstrap import Office, open_databases, open_office
from gru.channels.base import ChannelBroken, Count, TryLater, never
from gru.channels.email.imap import ImapAccount, ImapSource
from gru.channels.email.smtp import SmtpTransport
from gru.office import checking
from gru.office.checking import Checking, Finding, reach
from gru.office.reactions import POSITION
from gru.storage.databases import writing
from gru.storage.work import Effect
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail, settings_for
from tests.servers import Mailbox, Outbox


class Box:
    """A mailbox that lets us in, or says why not."""

    def __init__(self, name: str = "imap:box", broken: str = "", waiting: Count | None = None) -> None:
        self.name = name
        self.waiting = waiting
        self.trouble = ""
        self.broken = broken
        self.closed = False

    def fetch(self) -> Iterator[object]:
        raise AssertionError("a check fetches nothing")

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        raise AssertionError("a check waits for nothing")

    def check(self) -> None:
        if self.broken:
            raise ChannelBroken(self.broken)

    def count(self) -> Count | None:
        return self.waiting

    def close(self) -> None:
        self.closed = True


def check(office: Office, *sources: object, way_out: Callable[[], None] | None = None) -> list[Finding]:
    asked = Checking(
        databases=office.databases,
        data=office.settings.data,
        log=office.log,
        keys=office.keys,
        town=office.town,
        blocks=office.blocks,
        projector=office.projector,
        vitals=office.vitals,
        sources=sources,
        way_out=way_out,
        now=office.now,
    )
    return list(asked.findings())


def said(findings: list[Finding], level: str, about: str = "") -> list[str]:
    return [one.sentence for one in findings if one.level == level and about in one.about]


def healthy(journey: Journey) -> Box:
    journey.office.settings.data.chmod(0o700)
    journey.arrives(mail())
    while journey.office.sealer.seal(journey.watch()):
        pass
    box = Box()
    journey.office.work.sign(f"mailbox:{box.name}", True, "message")
    return box


def test_a_town_at_work_has_no_fault(journey: Journey) -> None:
    box = healthy(journey)
    found = check(journey.office, box, way_out=lambda: None)
    assert said([one for one in found if one.about != "clock"], "fault") == []  # the test's clock is not the server's
    warnings = said(found, "warning")
    # the throwaway server forgets at a power cut, and there is no scanner
    assert all("is off" in one or "files are not judged" in one for one in warnings), warnings
    assert box.closed


def test_every_finding_that_is_not_well_says_what_to_do(journey: Journey) -> None:
    found = check(journey.office, Box(broken="the mailbox refuses our login"))
    assert all(one.remedy for one in found if one.level != "ok")


def test_tables_that_are_not_made_are_the_only_thing_said_of_them(tmp_path: Path) -> None:
    with open_office(settings_for(tmp_path / "new")) as office:
        found = check(office)
    assert said(found, "fault") == ["are not made, or older than this program: archive, work, keys."]


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    settings = settings_for(Path("unused"), "postgresql://gru:geheim@127.0.0.1:1/gru", "postgresql://127.0.0.1:1/k")
    databases = open_databases(settings)
    found = reach(databases)
    databases.close()
    assert [one.level for one in found] == ["fault", "fault"]
    assert "geheim" not in str(found)


def test_another_master_key_is_a_fault(journey: Journey) -> None:
    healthy(journey)
    here = journey.office.settings
    other = settings_for(
        here.data, here.database_url, here.keys_database_url, GRU_MASTER_KEY="ee" * 32, GRU_SECRET="ef" * 32
    )
    with open_office(other, journey.watch) as office:
        found = check(office)
    assert said(found, "fault", "keys") == ["do not open with this GRU_MASTER_KEY."]
    assert said(found, "fault", "secret") == ["the last seal was not made with this GRU_SECRET."]


def test_a_town_without_catalogue_or_agents_cannot_work(tmp_path: Path) -> None:
    with open_office(settings_for(tmp_path / "new")) as office:
        office.prepare()
        assert said(check(office), "fault", "catalogue") == ["none is adopted."]


def test_a_mailbox_that_refuses_us_and_one_nobody_reads_are_told_apart(journey: Journey) -> None:
    office = journey.office
    refusing, unread, silent, failing = (
        Box("imap:a", "the mailbox refuses our login"),
        Box("imap:b"),
        Box("imap:c"),
        Box("imap:d"),
    )
    office.work.sign("mailbox:imap:c", True)
    journey.watch.pass_(hours=2)
    office.work.sign("mailbox:imap:d", True)
    office.work.sign("mailbox:imap:d", False, "3 of its messages could not be kept")
    found = check(office, refusing, unread, silent, failing)
    assert said(found, "fault", "imap:a") == ["the mailbox refuses our login."]
    assert said(found, "warning", "imap:b") == ["was never read."]
    assert said(found, "warning", "imap:c")[0].startswith("was last read on")
    assert said(found, "warning", "imap:d") == ["is not read whole: 3 of its messages could not be kept."]


def test_a_real_mailbox_is_logged_in_to_and_left_as_it_was(
    journey: Journey, imap_server: Mailbox, sqlite_town: Path
) -> None:
    account = ImapAccount(imap_server.host, imap_server.port, False, imap_server.user, imap_server.password)
    source = ImapSource(account, "demande", lambda name: None, lambda name, cursor: None)
    found = check(journey.office, source)
    assert said(found, "ok", "imap:") == ["lets us in."]
    wrong = ImapAccount(imap_server.host, imap_server.port, False, imap_server.user, "mauvais")
    source = ImapSource(wrong, "demande", lambda name: None, lambda name, cursor: None)
    assert len(said(check(journey.office, source), "fault", "imap:")) == 1


def test_a_real_mail_server_is_greeted(journey: Journey, smtp_server: Outbox) -> None:
    found = check(journey.office, way_out=SmtpTransport(f"smtp://127.0.0.1:{smtp_server.port}").check)
    assert said(found, "ok", "outgoing mail") == ["can leave."]
    assert smtp_server.messages == []


def test_a_mail_server_that_is_away_is_a_fault(journey: Journey) -> None:
    def away() -> None:
        raise TryLater("the mail server is away (ConnectionRefusedError)")

    assert len(said(check(journey.office, way_out=away), "fault", "outgoing mail")) == 1


def test_what_waits_long_is_a_warning_and_then_a_fault(journey: Journey) -> None:
    office, watch = journey.office, journey.watch
    office.work.add_effects([Effect(key="1:0:deliver", kind="deliver", payload={}, next_at=watch())])
    watch.pass_(minutes=20)
    assert said(check(office), "warning", "letters")[0].startswith("the oldest one to leave waits since")
    watch.pass_(hours=2)
    assert len(said(check(office), "fault", "letters")) == 1
    office.work.give_up("1:0:deliver", "TryLater")
    assert said(check(office), "warning", "letters") == ["1 were given up, or are held."]


@pytest.mark.parametrize("position", [None, 10_000])
def test_reactions_that_cannot_go_on_are_a_fault_that_names_the_cure(journey: Journey, position: int | None) -> None:
    journey.office.work.suspend(POSITION, "lost")
    if position:
        journey.office.work.reset(POSITION, position)
    [fault] = [one for one in check(journey.office) if one.about == "reactions"]
    assert fault.level == "fault"
    assert "gru recover" in fault.remedy


def test_an_outdated_projection_is_named(journey: Journey) -> None:
    journey.office.projector.shapes["search"] = "another"
    [fault] = [one for one in check(journey.office) if one.about == "projections"]
    assert (fault.sentence, fault.remedy) == ("made for another program: search.", "gru rebuild")


def test_a_clock_behind_the_last_fact_is_a_fault(journey: Journey) -> None:
    journey.arrives(mail())
    journey.watch.pass_(days=-1)
    assert any("behind the last fact" in one for one in said(check(journey.office), "fault", "clock"))


def test_a_clock_that_differs_from_the_databases_is_a_fault(journey: Journey) -> None:
    if journey.office.settings.embedded:
        return
    journey.watch.pass_(days=3650)
    assert any("differs from the database's" in one for one in said(check(journey.office), "fault", "clock"))


def test_a_server_that_forgets_or_talks_is_warned_of(journey: Journey) -> None:
    office = journey.office
    if office.settings.embedded:
        return
    with writing(office.databases.work) as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET log_statement = 'all'"))
    office.databases.work.dispose()
    found = said(check(office), "warning", "database")
    assert any("synchronous_commit is off" in one for one in found)
    assert any("values of statements" in one for one in found)


def test_keys_in_the_towns_own_database_are_a_fault(journey: Journey) -> None:
    here = journey.office.settings
    if here.embedded:
        return
    with open_office(settings_for(here.data, here.database_url, here.database_url), journey.watch) as office:
        office.prepare()
        assert said(check(office), "fault", "database of the keys") == ["is the same as the town's."]


def test_a_data_folder_everybody_can_read_is_warned_of(journey: Journey) -> None:
    journey.office.settings.data.chmod(0o755)
    assert len(said(check(journey.office), "warning", "data folder")) == 1
    journey.office.settings.data.chmod(0o700)
    assert said(check(journey.office), "warning", "data folder") == []


def test_a_disk_that_is_almost_full_is_a_fault(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10 * 1024**2})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    assert len(said(check(journey.office), "fault", "disk")) == 1


def test_a_question_that_breaks_is_a_fault_and_the_next_one_is_asked(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(journey.office.vitals, "read", broken)
    found = check(journey.office, way_out=lambda: None)
    assert "cannot be looked at (ZeroDivisionError)." in said(found, "fault", "work")
    assert said(found, "ok", "outgoing mail") == ["can leave."]


def test_unsealed_facts_are_warned_of(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(check(journey.office), "warning", "seals") == ["the log is not sealed yet."]
    healthy(journey)
    monkeypatch.setattr(checking, "UNSEALED", -1)
    assert len(said(check(journey.office), "warning", "seals")) == 1


def test_an_old_inbox_is_announced_before_anything_of_it_is_taken_in(journey: Journey) -> None:
    old = check(journey.office, Box(waiting=Count(4000, 0)))
    assert "4000 mails would be taken in now, and each request acknowledged." in said(old, "warning", "imap:box")
    assert any("GRU_MAIL_SINCE" in one.remedy for one in old if one.about == "imap:box")


def test_what_is_left_alone_is_counted(journey: Journey) -> None:
    found = check(journey.office, Box(waiting=Count(3, 3997)))
    [sentence] = [one for one in said(found, "ok", "imap:box") if "would be taken" in one]
    assert sentence.endswith("3997 came before the first day of mail and are left alone.")
