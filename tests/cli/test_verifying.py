"""Does `gru verify` name a frozen report of which something was changed?"""

from datetime import date
from hashlib import sha256

from sqlalchemy import delete, update

from gru.office.committee import Made
from gru.storage.databases import writing
from gru.storage.schema import contents
from tests.cli.conftest import Gru, Place

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
