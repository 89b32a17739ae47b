"""Can an operator export and forget a person, and let an agent go?"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from gru.domain.case import AddNote, RedactText
from gru.storage.people import Person
from tests.cli.conftest import Gru, Place
from tests.cli.test_copies import taken_in
from tests.office.remains import found_in_files

MARIE = "marie.zoltowska@courriel.example"


def with_files(place: Place, marie: str) -> None:
    """A file whose sender named it so that it would land elsewhere, and a note by an agent."""
    office = place.office()
    [case] = office.erasure.cases_of(marie)
    name = "../../etc/photo de Marie.jpg"
    note = AddNote(
        case_id=case,
        note_id="b" * 32,
        text=office.archive.write_text("A rappelé.", person=marie, case=case),
        files=(office.archive.put_file(name, "image/jpeg", b"JFIF", person=marie, case=case),),
    )
    office.desk.execute(note, by="agent:" + "a" * 32)
    known = office.archive.people([marie])[marie]
    assert known is not None
    office.archive.save_person(replace(known, phone="06 39 98 17 42"))
    office.close()


# --- export ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [MARIE, "06.39.98.17.42"])
def test_all_that_is_kept_of_a_person_is_written_to_a_folder(
    place: Place, command: Gru, tmp_path: Path, who: str
) -> None:
    with_files(place, taken_in(place, command, tmp_path))
    folder = tmp_path / "export"
    done = command("person", "export", who, folder)
    assert done.exit_code == 0, done.output
    kept = json.loads((folder / "person.json").read_text("utf-8"))
    assert kept["person"]["email"] == MARIE
    [case] = kept["cases"]
    assert case["number"].endswith("-000001")
    said = {(text["fact"], text["by"]): text["text"] for text in case["texts"]}
    assert said[("case.note_added", "agent")] == "A rappelé."
    assert "lampadaire" in said[("case.opened", "system")]
    written = {path.name: path for path in folder.iterdir()}
    [picture] = [path for name, path in written.items() if name.endswith("photo_de_Marie.jpg")]
    [letter] = [path for name, path in written.items() if name.endswith(".eml")]
    assert picture.read_bytes() == b"JFIF"
    assert b"Zoltowska" in letter.read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *written.values()))


def test_an_export_writes_into_no_folder_that_holds_something(place: Place, command: Gru, tmp_path: Path) -> None:
    marie = taken_in(place, command, tmp_path)
    refused = command("person", "export", marie, tmp_path)
    assert refused.exit_code == 1
    assert "is not empty" in refused.output


def test_of_a_telephone_that_several_gave_an_id_must_say_who_is_meant(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    with_files(place, marie := taken_in(place, command, tmp_path))
    office = place.office()
    paul = office.archive.save_person(Person(name="Paul", email="paul@courriel.example", phone="0639981742"))
    office.close()
    refused = command("person", "erase", "--yes", "06 39 98 17 42")
    assert refused.exit_code == 1
    assert marie in refused.output and paul in refused.output and "Nothing was changed" in refused.output


# --- erase -------------------------------------------------------------------------------------------------------


def test_erasing_asks_first_and_then_prints_a_certificate_without_a_name(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    marie = taken_in(place, command, tmp_path)
    assert command("person", "erase", MARIE).exit_code == 1  # nobody said yes
    erased = command("person", "erase", "--yes", MARIE)
    certificate = json.loads(erased.stdout)
    assert (certificate["person"], certificate["cases"], certificate["clean"]) == (marie, 1, True)
    assert "zoltowska" not in erased.output.lower()
    assert "mailbox" in erased.stderr  # what must still be done by hand
    assert command("person", "export", MARIE, tmp_path / "export").exit_code == 1


def test_an_erased_person_may_be_erased_again_by_id(place: Place, command: Gru, tmp_path: Path) -> None:
    marie = taken_in(place, command, tmp_path)
    command("person", "erase", "--yes", MARIE)
    again = command("person", "erase", "--yes", marie)
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["cases"] == 1


def test_the_files_are_rewritten_when_something_was_masked(place: Place, command: Gru, tmp_path: Path) -> None:
    """Its stems lie on in them: a mask alone holds up nobody."""
    marie = taken_in(place, command, tmp_path)
    with_files(place, marie)
    office = place.office()
    [case] = office.erasure.cases_of(marie)
    mask = office.archive.write_text("Un mot wqk8825.", person=marie, case=case)
    office.desk.execute(AddNote(case_id=case, note_id="c" * 32, text=mask), by="agent:" + "a" * 32)
    office.projector.catch_up("inline")
    office.desk.execute(RedactText(case_id=case, id=mask.id, reason="other"), by="agent:" + "a" * 32)
    office.archive.redact(mask.id)
    office.projector.catch_up("inline")
    assert found_in_files(office, ["wqk8825"])
    scrubbed = command("person", "scrub")
    assert scrubbed.exit_code == 0, scrubbed.output
    assert found_in_files(office, ["wqk8825"]) == []
    office.close()


@pytest.mark.parametrize("who", ["nobody@courriel.example", "f" * 32, "06 00 00 00 00"])
def test_when_one_of_several_is_unknown_nobody_is_erased(place: Place, command: Gru, tmp_path: Path, who: str) -> None:
    marie = taken_in(place, command, tmp_path)
    refused = command("person", "erase", "--yes", MARIE, who)
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.output
    office = place.office()
    assert office.archive.people([marie])[marie] is not None
    office.close()


# --- agents ------------------------------------------------------------------------------------------------------


def test_agents_are_listed_with_those_who_cannot_log_in(place: Place, command: Gru) -> None:
    office = place.office()
    julien = office.archive.find_person("julien.moreau@val-des-tilleuls.example", kind="agent")
    id_ = next(agent.id for agent in office.town.agents().values() if agent.person == julien)
    office.access.set_password(id_, "julien.moreau@val-des-tilleuls.example", "motdepasse-long")
    office.close()
    lines = command("agent", "list").output.splitlines()
    [his] = [line for line in lines if line.startswith("Julien Moreau")]
    [hers] = [line for line in lines if line.startswith("Nadia Benali")]
    assert "VOI" in his and "no password" not in his
    assert hers.endswith("(no password)")


def test_an_agent_who_leaves_has_no_session_and_no_password(place: Place, command: Gru) -> None:
    email = "julien.moreau@val-des-tilleuls.example"
    office = place.office()
    julien = office.archive.find_person(email, kind="agent")
    id_ = next(agent.id for agent in office.town.agents().values() if agent.person == julien)
    office.access.set_password(id_, email, "motdepasse-long")
    token = office.access.open_session(id_, idle=timedelta(hours=1), longest=timedelta(hours=9))
    left = command("agent", "leave", email)
    assert left.exit_code == 0, left.output
    office.town.refresh()
    assert id_ not in office.town.agents()
    assert office.town.everybody()[id_].name == "Julien Moreau"
    assert office.access.check_password(email, "motdepasse-long") == ""
    assert office.access.session(token) is None
    office.close()
    assert command("agent", "leave", email).exit_code == 1


def test_the_last_administrator_cannot_leave(place: Place, command: Gru) -> None:
    office = place.office()
    able = [one for one in office.town.agents().values() if "engage" in one.rights]
    people = office.archive.people([one.person for one in able])
    office.close()
    *others, last = [known.email for known in people.values() if known]
    assert all(command("agent", "leave", email).exit_code == 0 for email in others)
    refused = command("agent", "leave", last)
    assert refused.exit_code == 1
    assert "at least one administrator" in refused.output
