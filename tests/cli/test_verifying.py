"""Does `gru verify` name a frozen report or a word of which something was changed?"""

from datetime import date
from hashlib import sha256

from sqlalchemy import delete, update

from gru.office.committee import Made
from gru.storage.databases import writing
from gru.storage.schema import contents, texts
from tests.cli.conftest import Gru, Place
from tests.journeys.towns import arrived_mail, mail

PDF, WORDS = b"%PDF-1.7 invented", b'{"words":"invented"}'


def frozen(place: Place) -> str:
    """A report of January that is frozen; its id."""
    office = place.office()
    try:
        report = office.committee.begin(date(2026, 1, 1), date(2026, 1, 31), by="agent:a1", key="1" * 32)
        made = Made(
            content=WORDS,
            pdf=PDF,
            xlsx=b"PK invented",
            cut=1,
            cut_at=office.now(),
            town_version=1,
            made_from=1,
            number=1,
            today=date(2026, 2, 2),
        )
        office.committee.freeze(report, made, by="agent:a1")
        return report
    finally:
        office.close()


def test_every_file_of_a_frozen_report_is_verified_and_a_changed_one_named(place: Place, command: Gru) -> None:
    assert "frozen report" not in command("verify").output
    report = frozen(place)
    whole = command("verify")
    assert whole.exit_code == 0 and "Every frozen report fits: 1." in whole.output, whole.output
    pdf, words = sha256(PDF).hexdigest(), sha256(WORDS).hexdigest()
    office = place.office()
    with writing(office.databases.archive) as connection:
        connection.execute(update(contents).where(contents.c.digest == pdf).values(body=b"%PDF-1.7 another"))
        connection.execute(delete(contents).where(contents.c.digest == words))
    office.close()
    found = command("verify")
    assert found.exit_code == 1, found.output
    assert f"Report {report}, version 1: its pdf is changed or gone (SHA-256 {pdf})." in found.output
    assert f"its content is changed or gone (SHA-256 {words})." in found.output
    assert "its xlsx" not in found.output


def test_words_are_held_against_the_log_when_asked_and_a_deleted_one_is_named(place: Place, command: Gru) -> None:
    office = place.office()
    key = office.keep(arrived_mail(mail(), office.now()))
    office.intake.attempt(key)
    office.close()
    whole = command("verify", "--words")
    assert whole.exit_code == 0 and "Every word and file fits: 2; erased, as the log says: 0." in whole.output
    with writing(office.databases.archive) as connection:
        connection.execute(delete(texts))
    found = command("verify", "--words")
    assert found.exit_code == 1 and found.output.count(" is missing") == 2, found.output
    assert command("verify").exit_code == 0
