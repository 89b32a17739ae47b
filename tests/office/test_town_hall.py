"""Does every process see what the town adopted and whom it engaged, and cheaply?"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from msgspec.structs import replace
from sqlalchemy import event

from gru.domain.errors import BadInput, NotNow
from gru.domain.events import Recorded, VersionAdopted
from gru.office.town_hall import (
    SAMPLE,
    TOWN_STREAM,
    Content,
    NewAgent,
    NoTown,
    TownBook,
    adopt,
    book,
    dismiss,
    engage,
    read_agents,
    read_catalogue,
)
from gru.storage.archive import Archive
from gru.storage.databases import Databases
from gru.storage.keys import Keys
from gru.storage.log import Log
from tests.domain.towns import sample_content
from tests.storage.conftest import databases as databases
from tests.storage.conftest import log as log

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
BY = "agent:" + "a" * 32
FIRST = sample_content()
BIGGER = read_catalogue(
    (SAMPLE / "catalogue.yaml").read_text("utf-8").replace("population: 42000", "population: 43000")
)
MARIE = NewAgent(name="Marie Ader", email="marie.ader@ville.example", role="admin", departments=("NUM",))
PAUL = NewAgent(name="Paul Brun", email="Paul.Brun@ville.example", role="agent", departments=("VOI",), sites=("HDV",))


@pytest.fixture
def archive(databases: Databases) -> Archive:
    return Archive(databases, Keys(databases.keys, b"m" * 32), b"s" * 32)


@pytest.fixture
def town(log: Log, archive: Archive) -> TownBook:
    """A book that has looked before anything was adopted."""
    town = TownBook(log, archive, lambda: NOW)
    town.refresh()
    return town


@pytest.fixture
def adopted(log: Log, archive: Archive, town: TownBook) -> TownBook:
    adopt(log, archive, FIRST, NEW_YEAR, BY, NEW_YEAR)
    town.refresh()
    return town


# --- versions ----------------------------------------------------------------------------------------------------


def test_before_a_catalogue_is_adopted_there_is_no_town(town: TownBook) -> None:
    with pytest.raises(NoTown):
        town.in_force(NOW)
    with pytest.raises(NoTown):
        town.version(1)
    with pytest.raises(NoTown):
        town.latest()
    assert town.agents() == {}


def test_an_adopted_catalogue_is_in_force_with_number_date_and_content(adopted: TownBook) -> None:
    town = adopted.in_force(NOW)
    assert (town.number, town.valid_from, town.digest) == (1, NEW_YEAR, FIRST.digest)
    assert town.types == FIRST.catalogue.types
    assert town.templates == FIRST.catalogue.templates
    assert adopted.in_force(NEW_YEAR - timedelta(days=400)).number == 1


def test_adopting_is_recorded_with_who_and_when(log: Log, adopted: TownBook) -> None:
    (recorded,) = log.history(TOWN_STREAM)
    assert recorded.event == VersionAdopted(number=1, valid_from=NEW_YEAR, digest=FIRST.digest)
    assert (recorded.at, recorded.by) == (NEW_YEAR, BY)


def test_adopting_the_same_again_records_nothing(log: Log, archive: Archive, adopted: TownBook) -> None:
    assert adopt(log, archive, FIRST, NEW_YEAR, BY, NOW) == []


def test_a_version_to_come_is_the_latest_and_not_yet_in_force(log: Log, archive: Archive, adopted: TownBook) -> None:
    adopt(log, archive, BIGGER, LATER, BY, NOW)
    adopted.refresh()
    assert (adopted.in_force(NOW).number, adopted.in_force(LATER).number) == (1, 2)
    assert (adopted.latest().number, adopted.latest().population) == (2, 43000)
    assert (adopted.version(1).population, adopted.version(2).population) == (42000, 43000)


def test_a_version_that_would_rewrite_the_past_is_refused(log: Log, archive: Archive, adopted: TownBook) -> None:
    with pytest.raises(BadInput, match="an instant that is past"):
        adopt(log, archive, BIGGER, NEW_YEAR + timedelta(days=1), BY, NOW)
    assert len(log.history(TOWN_STREAM)) == 1


def test_a_process_that_started_before_learns_of_a_new_version_by_itself(
    log: Log, archive: Archive, town: TownBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(log, archive, FIRST, NEW_YEAR, BY, NEW_YEAR)
    with pytest.raises(NoTown):
        town.in_force(NOW)
    monkeypatch.setattr(book, "LOOK_AGAIN_SECONDS", 0.0)
    assert town.in_force(NOW).number == 1


def test_a_version_another_process_has_just_adopted_is_found_by_its_number(
    log: Log, archive: Archive, town: TownBook
) -> None:
    adopt(log, archive, FIRST, NEW_YEAR, BY, NEW_YEAR)
    assert town.version(1).number == 1
    with pytest.raises(NoTown, match="no version 2"):
        town.version(2)


def test_asking_a_thousand_times_sends_at_most_one_query(
    log: Log, archive: Archive, adopted: TownBook, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    engage(log, archive, MARIE, BY, NOW)
    adopted.refresh()
    adopted.agents()
    adopted.in_force(NOW)
    asked: list[str] = []
    history = log.history

    def noted(stream_id: str, after_version: int = 0) -> list[Recorded]:
        asked.append("log")
        return history(stream_id, after_version)

    monkeypatch.setattr(log, "history", noted)
    event.listen(databases.archive, "before_cursor_execute", lambda *args: asked.append("archive"))
    for _ in range(1000):
        adopted.in_force(NOW)
        adopted.agents()
    assert asked in ([], ["log"], ["log", "log"])


def test_two_who_adopt_at_once_both_succeed_one_after_the_other(log: Log, archive: Archive, adopted: TownBook) -> None:
    contents = [_sized(size) for size in (50_001, 50_002, 50_003)]
    failed: list[BaseException] = []

    def run(content: Content) -> None:
        try:
            adopt(log, archive, content, LATER, BY, NOW)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [each.number for each in adopted.refresh().versions] == [1, 2, 3, 4]


def _sized(population: int) -> Content:
    text = (SAMPLE / "catalogue.yaml").read_text("utf-8")
    return read_catalogue(text.replace("population: 42000", f"population: {population}"))


# --- agents ------------------------------------------------------------------------------------------------------


def test_an_engaged_agent_has_a_name_and_the_rights_of_his_role(log: Log, archive: Archive, adopted: TownBook) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    adopted.refresh()
    agent = adopted.agents()[paul]
    assert (agent.id, agent.name, agent.role) == (paul, "Paul Brun", "agent")
    assert (agent.departments, agent.sites) == (("VOI",), ("HDV",))
    assert agent.rights == FIRST.catalogue.roles["agent"].rights
    assert archive.find_person("paul.brun@ville.example", kind="agent") == agent.person
    assert archive.find_person("paul.brun@ville.example") == ""


def test_engaging_somebody_again_changes_what_he_is_and_not_who(log: Log, archive: Archive, adopted: TownBook) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    again, recorded = engage(log, archive, PAUL, BY, NOW)
    assert (again, recorded) == (paul, [])
    moved, _ = engage(log, archive, replace(PAUL, role="manager", departments=("PRO",)), BY, NOW)
    adopted.refresh()
    assert moved == paul
    assert (adopted.agents()[paul].role, adopted.agents()[paul].departments) == ("manager", ("PRO",))
    assert len(adopted.agents()) == 1


def test_an_agent_may_be_given_his_id(log: Log, archive: Archive, adopted: TownBook) -> None:
    assert engage(log, archive, PAUL, BY, NOW, agent="b" * 32)[0] == "b" * 32


def test_who_left_has_no_rights_and_keeps_his_name(log: Log, archive: Archive, adopted: TownBook) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    dismiss(log, archive, paul, BY, NOW)
    adopted.refresh()
    assert paul not in adopted.agents()
    assert (adopted.everybody()[paul].name, adopted.everybody()[paul].rights) == ("Paul Brun", ())


def test_a_minute_later_an_erased_agent_has_no_name(
    log: Log, archive: Archive, adopted: TownBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    dismiss(log, archive, paul, BY, NOW)
    person = adopted.refresh().agents[paul].person
    assert adopted.everybody()[paul].name == "Paul Brun"
    archive.destroy_person(person)
    monkeypatch.setattr(book, "NAMES_SECONDS", 0.0)
    assert adopted.everybody()[paul].name == ""


def test_who_looks_up_others_brings_the_agents_names_along(
    log: Log, archive: Archive, adopted: TownBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    person = adopted.refresh().agents[paul].person
    assert adopted.unnamed() == [person]
    adopted.name(archive.look_up(people=adopted.unnamed()).people)
    assert adopted.unnamed() == []
    asked = adopted.at_work(paul)
    assert asked is not None and asked == adopted.everybody()[paul] and asked.name == "Paul Brun"
    other, _ = engage(log, archive, replace(PAUL, name="Zoé Brun", email="zoe.brun@exemple.fr"), BY, NOW)
    assert adopted.refresh().agents[other].person in adopted.unnamed()
    archive.destroy_person(person)
    monkeypatch.setattr(book, "NAMES_SECONDS", 0.0)
    adopted.name(archive.look_up(people=adopted.unnamed()).people)
    monkeypatch.undo()
    assert [adopted.everybody()[one].name for one in (paul, other)] == ["", "Zoé Brun"]


def test_who_left_may_do_nothing_from_then_on(log: Log, archive: Archive, adopted: TownBook) -> None:
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    adopted.refresh()
    assert adopted.at_work(paul) is not None and adopted.at_work("f" * 32) is None
    dismiss(log, archive, paul, BY, NOW)
    adopted.refresh()
    assert adopted.at_work(paul) is None


def test_the_last_administrator_stays(log: Log, archive: Archive, adopted: TownBook) -> None:
    marie, _ = engage(log, archive, MARIE, BY, NOW)
    with pytest.raises(NotNow, match="at least one administrator"):
        dismiss(log, archive, marie, BY, NOW)


def test_an_unknown_role_is_refused_and_nothing_recorded(log: Log, archive: Archive, adopted: TownBook) -> None:
    with pytest.raises(BadInput, match="king is no role"):
        engage(log, archive, replace(PAUL, role="king"), BY, NOW)
    assert len(log.history(TOWN_STREAM)) == 1


def test_nobody_is_engaged_before_the_town_has_a_catalogue(log: Log, archive: Archive) -> None:
    with pytest.raises(NotNow, match="no catalogue yet"):
        engage(log, archive, PAUL, BY, NOW)


def test_rights_change_with_the_version_in_force(log: Log, archive: Archive) -> None:
    text = (SAMPLE / "catalogue.yaml").read_text("utf-8")
    fewer = read_catalogue(text.replace("rights: [see_own, handle, register, link]}", "rights: [see_own]}"))
    adopt(log, archive, FIRST, NEW_YEAR, BY, NEW_YEAR)
    adopt(log, archive, fewer, LATER, BY, NOW)
    paul, _ = engage(log, archive, PAUL, BY, NOW)
    assert "handle" in TownBook(log, archive, lambda: NOW).agents()[paul].rights
    assert TownBook(log, archive, lambda: LATER).agents()[paul].rights == ("see_own",)


def test_without_another_clock_a_book_reads_the_real_one(log: Log, archive: Archive) -> None:
    adopt(log, archive, FIRST, NEW_YEAR, BY, NEW_YEAR)
    with time_machine.travel(NOW, tick=False):
        engage(log, archive, PAUL, BY)
        (agent,) = TownBook(log, archive).agents().values()
    assert agent.rights
    assert log.history(TOWN_STREAM)[-1].at == NOW


# --- the sample's agents -----------------------------------------------------------------------------------------


@pytest.fixture
def fresh_sample(log: Log, archive: Archive, adopted: TownBook) -> Iterator[TownBook]:
    for new in read_agents((SAMPLE / "agents.yaml").read_text("utf-8")):
        engage(log, archive, new, BY, NOW)
    adopted.refresh()
    yield adopted


def test_the_agents_of_the_sample_can_be_engaged(fresh_sample: TownBook) -> None:
    agents = fresh_sample.agents().values()
    assert len(agents) == 42
    assert all(agent.name and agent.rights for agent in agents)


@pytest.mark.parametrize("text", ["", "agents: [{name: x}]", "people: []", "agents: {", "agents: [{nom: 1}]"])
def test_a_list_of_agents_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_agents(text)
