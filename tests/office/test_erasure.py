"""Is an erased person gone from every table and every file, while every figure stays?"""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text as sql

from gru.bootstrap import open_office
from gru.domain.case import RedactText
from gru.domain.errors import BadInput
from gru.domain.events import NoteAdded, ReplyWritten
from gru.domain.references import new_id
from gru.office.erasure import Certificate, Erasure
from gru.office.rebuild import rebuild
from gru.storage.archive import Archive
from gru.storage.databases import checkpoint, open_sqlite, writing
from gru.storage.keys import Keys
from gru.storage.people import Person
from gru.storage.scrubbing import rewritten
from gru.storage.seals import verify
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail
from tests.office.erasing import (
    BY,
    MARIE,
    TRACES,
    Killed,
    after,
    erased_everywhere,
    figures,
    make_unreadable,
    marie_writes,
)
from tests.office.remains import found_in_files, found_in_rows

# --- gone --------------------------------------------------------------------------------------------------------


def test_an_erased_person_is_in_no_row_no_file_and_no_line_of_output(
    journey: Journey, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    marie = marie_writes(journey)
    journey.arrives(mail(text="Bonjour, mot-de-claire ici.", subject="Autre affaire"))
    office = journey.office
    before = figures(office)
    while office.sealer.seal(journey.watch()):
        pass
    traces = {found.rpartition(": ")[2] for found in found_in_rows(office, TRACES)}
    assert {"zoltowska", "qzx7714"} <= traces  # else this test would look in the wrong places

    certificate = office.erasure.erase(marie, by=BY)

    assert (certificate.person, certificate.cases, certificate.clean) == (marie, 2, True)
    assert certificate.words >= 8
    erased_everywhere(office)
    assert figures(office) == before
    assert verify(office.log, office.blocks) is None
    assert office.archive.find_person(email="marie.zoltowska@courriel.example") == ""
    claire = office.archive.find_person(email="claire.aubry@courriel.example")
    [her_case] = office.erasure.cases_of(claire)
    words = office.archive.texts([word for _, word in office.archive.words_of(claire)])
    assert any(text and "mot-de-claire" in text for text in words.values()), her_case
    said = capfd.readouterr()
    assert not any(trace in (said.out + said.err + caplog.text).lower() for trace in TRACES)


def test_the_certificate_names_the_last_fact_that_says_so(journey: Journey) -> None:
    marie = marie_writes(journey)
    certificate = journey.office.erasure.erase(marie, by=BY)
    [recorded] = journey.office.log.read(certificate.position - 1, 1)
    assert recorded.event.NAME == "case.person_erased"
    again = journey.office.erasure.erase(marie, by=BY)
    assert again == replace(certificate, words=0, erased_at=again.erased_at)


def test_a_rebuild_after_an_erasure_brings_nothing_back(journey: Journey) -> None:
    marie = marie_writes(journey)
    journey.office.erasure.erase(marie, by=BY)
    rebuild(journey.office.projector)
    erased_everywhere(journey.office)
    assert len(journey.office.erasure.cases_of(marie)) == 2


def test_the_words_of_a_masked_text_are_in_no_file_once_these_are_rewritten(journey: Journey) -> None:
    marie, office = marie_writes(journey), journey.office
    said = [(case, r.event) for case in office.erasure.cases_of(marie) for r in office.log.history(case)]
    texts = [(case, fact.text.id) for case, fact in said if isinstance(fact, NoteAdded | ReplyWritten) and fact.text]
    for case, text in texts:
        office.desk.execute(RedactText(case_id=case, id=text, reason="other"), by=BY)
        office.archive.redact(text)
    journey.settle()
    assert office.erasure.scrub() == ()
    assert found_in_rows(office, ["wqk8825"]) == found_in_files(office, ["wqk8825"]) == []
    assert office.erasure.erase(marie, by=BY).clean
    erased_everywhere(office)


def test_somebody_nobody_knows_cannot_be_erased(journey: Journey) -> None:
    with pytest.raises(BadInput):
        journey.office.erasure.erase("f" * 32, by=BY)


def test_a_person_without_any_case_can_be_erased(journey: Journey) -> None:
    marie = journey.office.archive.save_person(Person(name="Marie Zoltowska", phone="06 39 98 17 42"))
    assert journey.office.erasure.erase(marie, by=BY).cases == 0
    erased_everywhere(journey.office)


def test_words_under_a_case_that_never_began_are_destroyed_with_their_writer(journey: Journey) -> None:
    """As a counter entry that was refused after its words were written, or a case that an older log does not know."""
    marie, office = marie_writes(journey), journey.office
    never = new_id(journey.watch(), b"n" * 10)
    word = office.archive.write_text("Le banc qzx7714", person=marie, case=never)
    file = office.archive.put_file("plaque91xz.jpg", "image/jpeg", b"JFIF" * 9, person=marie, case=never)
    certificate = office.erasure.erase(marie, by=BY)
    assert (certificate.cases, certificate.clean) == (2, True)
    assert office.archive.texts([word.id]) == {word.id: None}
    assert office.archive.file(file.id) is None
    assert office.log.history(never) == []
    erased_everywhere(office)


def test_who_only_has_words_under_a_case_that_never_began_can_be_erased(journey: Journey) -> None:
    archive = journey.office.archive
    marie = archive.save_person(Person(name="Marie Zoltowska", phone="06 39 98 17 42"))
    archive.write_text("Le banc qzx7714", person=marie, case=new_id(journey.watch(), b"n" * 10))
    assert journey.office.erasure.erase(marie, by=BY).cases == 0
    erased_everywhere(journey.office)


def test_a_case_that_begins_while_its_requester_is_erased_says_so_too(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the facts and the destroying of the keys."""
    marie, office = marie_writes(journey), journey.office
    destroy = office.archive.destroy_person

    def first_a_mail_arrives(person: str) -> None:
        journey.arrives(mail(MARIE, "Un mot qzx7714", "Et encore qzx7714.", "<z3@c.example>"))
        destroy(person)

    with monkeypatch.context() as patch:
        patch.setattr(office.archive, "destroy_person", first_a_mail_arrives)
        certificate = office.erasure.erase(marie, by=BY)
    assert (certificate.cases, certificate.clean) == (3, True)
    erased_everywhere(office)


def test_one_who_cannot_be_erased_keeps_nobody_else_from_being_so(journey: Journey) -> None:
    """A fact of his case can no longer be read."""
    marie, office = marie_writes(journey), journey.office
    journey.arrives(mail())
    claire = office.archive.find_person(email="claire.aubry@courriel.example")
    [case] = office.erasure.cases_of(claire)
    make_unreadable(office, case)
    [certificate], failed = office.erasure.again_each([claire, marie], by=BY)
    assert (certificate.person, certificate.cases) == (marie, 2)
    assert list(failed) == [claire]
    assert office.erasure.scrub() == ()
    erased_everywhere(office)


def test_merged_people_are_erased_under_both_ids(journey: Journey) -> None:
    marie = marie_writes(journey)
    journey.arrives(mail("M. Z. <mz@ailleurs.example>", "Suite qzx7714", "Toujours qzx7714.", "<z3@c.example>"))
    other = journey.office.archive.find_person(email="mz@ailleurs.example")
    journey.office.archive.merge_people(marie, other)
    assert journey.office.erasure.erase(marie, by=BY).cases == 3
    assert found_in_rows(journey.office, (*TRACES, "ailleurs.example")) == []
    assert found_in_files(journey.office, (*TRACES, "ailleurs.example")) == []


def test_what_sqlite_moved_from_page_to_page_is_gone_once_the_file_is_rewritten(tmp_path: Path) -> None:
    """Its secure_delete leaves some: with this seed 6 of some 400 (SQLite 3.40)."""
    engine, chance = open_sqlite(tmp_path).views, random.Random(6)
    keys = list(range(8000))
    chance.shuffle(keys)
    with writing(engine) as connection:
        connection.execute(sql("CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT)"))
        connection.execute(sql("CREATE INDEX word_word ON word (word)"))
        for key in keys:
            word = "zoltowska" if chance.random() < 0.05 else "abc"
            filled = f"{word}{chance.random()}{'abc ' * chance.randint(1, 30)}"
            connection.execute(sql("INSERT INTO word VALUES (:key, :word)"), {"key": key, "word": filled})
    with writing(engine) as connection:
        connection.execute(sql("UPDATE word SET word = replace(word, 'zoltowska', '')"))
    assert rewritten(engine)
    assert checkpoint(engine)
    assert b"zoltowska" not in (tmp_path / "views.db").read_bytes()


# --- stopped half-way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name", "times"),
    [
        pytest.param(Erasure, "_last_fact", 0, id="before the certificate"),
        pytest.param(Keys, "destroy_person", 0, id="after the facts"),
        pytest.param(Archive, "_forget", 0, id="after the keys"),
        pytest.param(Archive, "_delete", 0, id="after the name"),
        pytest.param(Erasure, "scrub", 0, id="before the files are cleaned"),
    ],
)
def test_an_erasure_that_was_killed_is_finished_when_asked_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, where: type, name: str, times: int
) -> None:
    marie = marie_writes(journey)
    with monkeypatch.context() as patch:
        patch.setattr(where, name, after(getattr(where, name), times))
        with pytest.raises(Killed):
            journey.office.erasure.erase(marie, by=BY)
    with open_office(journey.office.settings, journey.watch) as again:
        certificate = again.erasure.erase(marie, by=BY)
        assert certificate.cases == 2
        assert certificate.position > 0
        erased_everywhere(again)
        facts = [r for case in again.erasure.cases_of(marie) for r in again.log.history(case)]
        assert sum(recorded.event.NAME == "case.person_erased" for recorded in facts) == 2


def test_an_erasure_killed_between_two_cases_goes_on_with_the_second(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    marie = marie_writes(journey)
    desk = journey.office.desk
    with monkeypatch.context() as patch:
        patch.setattr(desk, "execute", after(desk.execute, 1))
        with pytest.raises(Killed):
            journey.office.erasure.erase(marie, by=BY)
    seen: list[tuple[int, int]] = []
    certificate: Certificate = journey.office.erasure.erase(marie, by=BY, progress=lambda *at: seen.append(at))
    assert (certificate.cases, seen) == (2, [(1, 2), (2, 2)])
    erased_everywhere(journey.office)
