"""What becomes of an attachment nobody should open, and of one no scanner could judge?"""

from dataclasses import replace
from email.message import EmailMessage

from gru.bootstrap import open_office
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain import events as e
from gru.office.files.scanner import EICAR
from gru.office.inspection import TRIES
from tests.journeys.towns import ADDRESS, Journey, mail


def with_files(*files: tuple[str, bytes]) -> EmailMessage:
    message = mail()
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def kept(journey: Journey, message: EmailMessage) -> str:
    raw = bytes(message)
    return journey.office.keep(
        RawMessage("email", ADDRESS, external_id(raw), journey.watch(), content_digest(raw), raw)
    )


def facts(journey: Journey) -> tuple[e.CaseOpened, list[e.FileNotKept]]:
    recorded = [r.event for r in journey.office.log.read(0, 1000)]
    [opened] = [event for event in recorded if isinstance(event, e.CaseOpened)]
    return opened, [event for event in recorded if isinstance(event, e.FileNotKept)]


def test_a_virus_is_not_put_beside_the_case_and_the_case_says_so(journey: Journey) -> None:
    key = kept(journey, with_files(("plan.bin", b"un plan"), ("facture.exe", b"..." + EICAR + b"...")))
    journey.office.intake.attempt(key)
    opened, missing = facts(journey)
    names = journey.office.archive.file_names([file.id for file in opened.files])
    assert [name.name for name in names.values() if name] == ["plan.bin"]
    assert [(one.message, one.number, one.reason) for one in missing] == [(key, 2, "virus")]


def test_while_the_scanner_is_silent_the_message_waits_then_comes_in_without_its_file(journey: Journey) -> None:
    key = kept(journey, with_files(("plan.bin", b"un plan")))
    deaf = replace(journey.office.settings, clamd="tcp://127.0.0.1:1")
    with open_office(deaf, journey.watch) as office:
        for _ in range(TRIES):
            office.intake.attempt(key)
            assert office.archive.pending() == [key]
        office.intake.attempt(key)
    opened, missing = facts(journey)
    assert opened.files == ()
    assert [one.reason for one in missing] == ["not_scanned"]
    assert journey.office.archive.pending() == []


def test_reading_it_anew_finds_nothing_else(journey: Journey) -> None:
    key = kept(journey, with_files(("plan.bin", b"un plan"), ("facture.exe", EICAR)))
    journey.office.intake.attempt(key)
    now = journey.watch()
    [seen] = journey.office.replay().look(now.replace(year=2025), now)
    assert (seen.key, seen.difference) == (key, None)
