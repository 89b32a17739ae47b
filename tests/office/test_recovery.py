"""After a loss: is everything there again, is nothing mailed twice, and does nobody who was erased come back?"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from gru.bootstrap import Office, open_databases, open_office
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain.case import WriteReply
from gru.domain.references import new_id
from gru.office.reactions import POSITION
from gru.office.recovery import Recovered, Waiting
from gru.settings import Settings
from gru.storage.backup import Copies
from gru.storage.databases import checkpoint, reading, writing
from gru.storage.migrations import migrate
from gru.storage.seals import Anchor, verify
from gru.storage.standing import SqliteFile
from gru.storage.work import NotStarted
from projections.queue import queue
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail, settings_for
from tests.office.remains import found_in_files, found_in_rows
from tests.servers import find_postgres, fresh_database

BY = "system:operator"
AGENT = "agent:" + "a" * 32
MARIE = "Marie Zoltowska <marie.zoltowska@courriel.example>"
TRACES = ("zoltowska", "qzx7714")


@pytest.fixture
def elsewhere(
    journey: Journey, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A machine on which nothing is yet, with the same secrets."""
    data = tmp_path / "elsewhere"
    if journey.office.settings.embedded:
        yield settings_for(data)
        return
    monkeypatch.setenv("PATH", f"{find_postgres()}{os.pathsep}{os.environ['PATH']}")
    admin: str = request.getfixturevalue("postgres_url")
    with fresh_database(admin) as main, fresh_database(admin) as keys:
        yield settings_for(data, main.dsn, keys.dsn)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "backup of the keys"


def copies(journey: Journey, settings: Settings) -> Copies:
    return Copies(open_databases(settings), settings.secret, settings.master_key, journey.watch)


def back_up(journey: Journey, to: Path, keys_to: Path | None) -> None:
    copies(journey, journey.office.settings).make(to, keys_to, lambda what: None)


@contextmanager
def restored(
    journey: Journey,
    settings: Settings,
    source: Path | None,
    keys_from: Path | None = None,
    only: Collection[str] = (),
    forget: Collection[str] = (),
) -> Iterator[tuple[Journey, Recovered]]:
    """The town that was put back there, and what was made true again."""
    copies(journey, settings).put_back(source, keys_from, lambda what: None, only)
    databases = open_databases(settings)
    migrate(databases)
    databases.close()
    with open_office(settings, journey.watch) as office:
        found = office.recovery.recover(BY, forget=forget, anew=True)
        yield Journey(office, journey.watch, settings.data / "outbox"), found


def answers(journey: Journey, words: str = "Nous réparons demain.") -> str:
    """An agent answers the first case; nobody has sent it yet. The reply's id."""
    office = journey.office
    with reading(office.databases.views) as connection:
        row = connection.execute(queue.select().order_by(queue.c.number)).first()
    assert row is not None
    reply = new_id(journey.watch(), os.urandom(10))
    body = office.archive.write_text(f"Objet : Réponse\n\n{words}", person=row.requester, case=row.case_id)
    command = WriteReply(case_id=row.case_id, reply_id=reply, kind="answer", channel="email", text=body, human=True)
    office.desk.execute(command, by=AGENT)
    return reply


def lose_work(journey: Journey) -> None:
    lose(journey, "work")


def lose(journey: Journey, part: str) -> None:
    """The file is deleted; on PostgreSQL the schema is dropped."""
    databases = journey.office.databases
    if databases.kind == "sqlite":
        databases.work.dispose()
        for path in journey.office.settings.data.glob(f"{part}.db*"):
            path.unlink()
        return
    with writing(databases.work) as connection:
        connection.execute(text(f"DROP SCHEMA {part} CASCADE"))


def seal(journey: Journey) -> Anchor:
    """All there is, as the clock does; the line to keep elsewhere."""
    while journey.office.sealer.seal(journey.watch()):
        pass
    anchor = journey.office.blocks.anchor()
    assert anchor
    return anchor


def keys_of(journey: Journey, settings: Settings) -> Settings:
    """`settings` with the keys as they are now, those of the town that was lost."""
    here = journey.office.settings
    if here.embedded:
        settings.data.mkdir()
        assert checkpoint(journey.office.databases.keys)
        shutil.copy(here.data / "keys.db", settings.data)
        return settings
    return settings_for(settings.data, settings.database_url, here.keys_database_url)


def names(waiting: tuple[Waiting, ...]) -> list[str]:
    return [letter.what for letter in waiting]


def rows(office: Office) -> list[object]:
    with reading(office.databases.views) as connection:
        return sorted((tuple(row) for row in connection.execute(queue.select())), key=str)


# --- everything comes back ---------------------------------------------------------------------------------------


def test_a_town_put_back_elsewhere_is_the_town_it_was(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path
) -> None:
    with_picture = mail()
    with_picture.add_attachment(b"\xff\xd8JFIF", maintype="image", subtype="jpeg", filename="trou.jpg")
    journey.arrives(with_picture)
    answers(journey)
    journey.settle()
    seal(journey)
    back_up(journey, folder, keys_folder)
    before = rows(journey.office)
    claire = journey.office.archive.find_person(email="claire.aubry@courriel.example")
    with restored(journey, elsewhere, folder, keys_folder) as (town, found):
        assert (found.waiting, found.dropped, found.awaited, found.erased) == ((), 0, 0, 0)
        assert rows(town.office) == before
        assert verify(town.office.log, town.office.blocks, journey.office.blocks.anchor()) is None
        words = [word for _, word in town.office.archive.words_of(claire)]
        assert town.office.archive.texts(words) == journey.office.archive.texts(words)
        files = [file.content for word in words if (file := town.office.archive.file(word))]
        assert files == [b"\xff\xd8JFIF"]
        town.settle()
        assert town.sent() == []
        town.arrives(mail(message_id="<m2@courriel.example>", sender="Paul <paul@courriel.example>"))
        assert len(town.sent()) == 1


def test_what_happens_while_the_copy_is_made_is_not_half_there(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail is taken in after the log was copied and before the archive and the work were."""
    journey.arrives(mail())
    place = type(copies(journey, elsewhere)._places["log"])
    copy_to: Callable[..., None] = place.copy_to

    def slowly(self: SqliteFile, path: Path) -> None:
        copy_to(self, path)
        if self.name == "log":
            journey.arrives(mail("Paul <paul@courriel.example>", "Banc cassé", "Un banc.", "<p@courriel.example>"))

    monkeypatch.setattr(place, "copy_to", slowly)
    back_up(journey, folder, keys_folder)
    assert len(rows(journey.office)) == 2
    last = journey.office.work.next_number(2026)
    with restored(journey, elsewhere, folder, keys_folder) as (town, found):
        assert (found.awaited, found.dropped > 0) == (1, True)
        assert len(rows(town.office)) == 1
        [key] = town.office.archive.pending()
        town.office.intake.attempt(key)
        town.settle()
        assert len(rows(town.office)) == 2
        assert town.office.work.next_number(2026) >= last
        assert town.office.archive.pending() == []


# --- nothing is mailed twice -------------------------------------------------------------------------------------


def test_a_letter_that_waited_when_the_copy_was_made_leaves_only_when_asked_for(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path
) -> None:
    journey.arrives(mail())
    answers(journey)
    while journey.office.reactions.react():
        pass
    back_up(journey, folder, keys_folder)
    journey.settle()
    assert len(journey.sent()) == 2  # the receipt, and the answer after the copy
    with restored(journey, elsewhere, folder, keys_folder) as (town, found):
        assert names(found.waiting) == ["answer"]
        town.settle()
        assert town.sent() == []
        assert town.office.recovery.send() == 1
        town.settle()
        assert [letter["Subject"] for letter in town.sent()] == ["Réponse"]
        assert town.office.recovery.send() == 0
        assert town.office.recovery.recover(BY).waiting == ()


def test_a_lost_work_stops_the_reactions_with_a_sentence_that_says_what_to_do(journey: Journey) -> None:
    journey.arrives(mail())
    lose_work(journey)
    with pytest.raises(NotStarted) as refusal:
        journey.office.reactions.react()
    assert "gru restore" in str(refusal.value)
    assert "gru recover" in str(refusal.value)


def test_after_a_lost_work_each_unsent_letter_is_listed_and_none_leaves_twice(journey: Journey) -> None:
    journey.arrives(mail())
    answers(journey)
    sent = len(journey.sent())
    lose_work(journey)
    with open_office(journey.office.settings, journey.watch) as office:
        migrate(office.databases)
        town = Journey(office, journey.watch, journey.outbox)
        found = office.recovery.recover(BY)
        assert names(found.waiting) == ["answer"]
        assert found.position == office.log.head()
        assert office.recovery.recover(BY) == found
        town.settle()
        assert len(town.sent()) == sent
        assert office.recovery.send() == 1
        town.settle()
        town.settle()
        assert len(town.sent()) == sent + 1
        assert not office.work.next_number(2026).endswith("-000001")


def test_a_receipt_that_was_never_written_is_listed_too(journey: Journey) -> None:
    raw = bytes(mail())
    address = journey.office.settings.mail_address
    key = journey.office.keep(RawMessage("email", address, external_id(raw), journey.watch(), content_digest(raw), raw))
    journey.office.intake.attempt(key)
    lose_work(journey)
    with open_office(journey.office.settings, journey.watch) as office:
        migrate(office.databases)
        assert names(office.recovery.recover(BY).waiting) == ["receipt"]
        assert office.recovery.send() == 1
        town = Journey(office, journey.watch, journey.outbox)
        town.settle()
        assert len(town.sent()) == 1


def test_only_the_lost_work_is_put_back_with_its_passwords(journey: Journey, elsewhere: Settings, folder: Path) -> None:
    journey.arrives(mail())
    agent = next(iter(journey.office.town.agents()))
    journey.office.access.set_password(agent, "a@ville.example", "motdepasse-long")
    back_up(journey, folder, None)
    answers(journey)
    journey.settle()
    sent = len(journey.sent())
    lose_work(journey)
    with restored(journey, journey.office.settings, folder, only=["work"]) as (town, found):
        assert found.waiting == ()
        town.settle()
        assert len(town.sent()) == sent
        assert town.office.access.check_password("a@ville.example", "motdepasse-long") == agent


def test_a_log_older_than_the_work_stops_nothing_once_recovered(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path
) -> None:
    """Only the log and the archive came back by hand: the position of the reactions lies behind the log's end."""
    journey.arrives(mail())
    back_up(journey, folder, keys_folder)
    with restored(journey, elsewhere, folder, keys_folder) as (town, _):
        head = town.office.log.head()
        town.office.work.reset(POSITION, head + 50)
        found = town.office.recovery.recover(BY)
        assert (found.position, found.waiting) == (head, ())
        town.arrives(mail("Paul <paul@courriel.example>", message_id="<p@courriel.example>"))
        assert len(town.sent()) == 1


def test_recovering_a_town_that_lost_nothing_changes_nothing(journey: Journey) -> None:
    journey.arrives(mail())
    answers(journey)
    while journey.office.reactions.react():
        pass
    waiting = journey.office.work.backlog()
    before = rows(journey.office)
    found = journey.office.recovery.recover(BY)
    assert (found.waiting, found.awaited, found.dropped, found.erased) == ((), 0, 0, 0)
    assert journey.office.work.backlog() == waiting
    assert rows(journey.office) == before


# --- the proof holds ---------------------------------------------------------------------------------------------


def proof_holds(town: Journey, anchor: Anchor, later: Anchor) -> None:
    """Now, and once other facts have taken the positions of the lost ones; a line of those is refused."""
    for number in range(2):
        assert verify(town.office.log, town.office.blocks, anchor) is None
        assert verify(town.office.log, town.office.blocks, later)
        for who in ("luc", "zoe", "ana", "tom"):
            town.arrives(mail(f"{who}@courriel.example", "Banc", "Un banc.", f"<{who}{number}@courriel.example>"))
        assert seal(town).position == town.office.log.head() > later.position
    assert verify(town.office.log, town.office.blocks, anchor) is None
    assert verify(town.office.log, town.office.blocks, later)


def test_facts_sealed_while_the_copy_is_made_are_no_fault_of_the_town_put_back(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock seals what came after the log was copied and before the work was."""
    journey.arrives(mail())
    anchor = seal(journey)
    place = type(copies(journey, elsewhere)._places["log"])
    copy_to: Callable[..., None] = place.copy_to

    def slowly(self: SqliteFile, path: Path) -> None:
        copy_to(self, path)
        if self.name == "log":
            journey.arrives(mail("Paul <paul@courriel.example>", "Banc cassé", "Un banc.", "<p@courriel.example>"))
            seal(journey)

    monkeypatch.setattr(place, "copy_to", slowly)
    back_up(journey, folder, keys_folder)
    later = seal(journey)
    with restored(journey, elsewhere, folder, keys_folder) as (town, found):
        assert (found.unsealed, found.position) == (1, anchor.position)
        assert town.office.recovery.recover(BY).unsealed == 0
        proof_holds(town, anchor, later)


def test_a_lost_log_put_back_alone_fits_its_seals(journey: Journey, folder: Path) -> None:
    journey.arrives(mail())
    anchor = seal(journey)
    back_up(journey, folder, None)
    journey.arrives(mail("Paul <paul@courriel.example>", "Banc cassé", "Un banc.", "<p@courriel.example>"))
    later = seal(journey)
    journey.office.log.close()
    lose(journey, "log")
    with restored(journey, journey.office.settings, folder, only=["log"]) as (town, found):
        assert found.unsealed == 1
        proof_holds(town, anchor, later)


# --- nobody comes back -------------------------------------------------------------------------------------------


def erased_after_the_copy(journey: Journey, folder: Path, keys_folder: Path) -> str:
    journey.arrives(mail(MARIE, "Panne qzx7714", "Le lampadaire qzx7714 est éteint.", "<z@courriel.example>"))
    journey.arrives(mail())
    back_up(journey, folder, keys_folder)
    marie = journey.office.archive.find_person(email="marie.zoltowska@courriel.example")
    journey.office.erasure.erase(marie, by=BY)
    return marie


def nobody_there(office: Office, case: str) -> None:
    assert found_in_rows(office, TRACES) == []
    assert found_in_files(office, TRACES) == []
    facts = [recorded.event.NAME for recorded in office.log.history(case)]
    assert facts.count("case.person_erased") == 1


def test_an_older_copy_with_todays_keys_gives_nothing_back(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path
) -> None:
    marie = erased_after_the_copy(journey, folder, keys_folder)
    [case] = journey.office.erasure.cases_of(marie)
    with restored(journey, keys_of(journey, elsewhere), folder) as (town, found):
        assert (found.erased, found.in_the_way) == (1, ())
        nobody_there(town.office, case)
        assert len(rows(town.office)) == 2


def test_older_keys_beside_a_log_that_knows_of_the_erasure_give_nothing_back(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path, tmp_path: Path
) -> None:
    marie = erased_after_the_copy(journey, folder, keys_folder)
    [case] = journey.office.erasure.cases_of(marie)
    newer = tmp_path / "newer"
    back_up(journey, newer, None)
    for part in ("archive.db", "archive.dump"):
        if (folder / part).exists():  # the older archive too: only log and work are of today
            shutil.copy(folder / part, newer / part)
            manifest = (newer / "backup.json").read_text().replace(digest(newer, part), digest(folder, part))
            (newer / "backup.json").write_text(manifest)
    with restored(journey, elsewhere, newer, keys_folder) as (town, found):
        assert (found.erased, found.in_the_way) == (1, ())
        nobody_there(town.office, case)


def test_when_log_and_keys_are_older_the_certificates_say_whom_to_erase(
    journey: Journey, elsewhere: Settings, folder: Path, keys_folder: Path
) -> None:
    marie = erased_after_the_copy(journey, folder, keys_folder)
    [case] = journey.office.erasure.cases_of(marie)
    with restored(journey, elsewhere, folder, keys_folder, forget=[marie]) as (town, found):
        assert found.erased == 1
        nobody_there(town.office, case)


def test_a_copy_holds_no_word_that_can_be_read(journey: Journey, folder: Path, keys_folder: Path) -> None:
    if not journey.office.settings.embedded:
        return
    erased_after_the_copy(journey, folder, keys_folder)
    written = b"".join(path.read_bytes() for path in (*folder.rglob("*"), *keys_folder.rglob("*")) if path.is_file())
    assert not any(trace.encode() in written.lower() for trace in TRACES)


def digest(folder: Path, part: str) -> str:
    return str(json.loads((folder / "backup.json").read_text())["parts"][part])
