"""In which town are the pages tried? In the sample town, on SQLite, with agents, a clock of its own and some cases."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape, unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gru.bootstrap import Office, build_office
from gru.domain.case import Case, CaseCommand, OpenCase
from gru.domain.references import link_token, new_id
from gru.domain.rights import Agent
from gru.office.reactions import POSITION
from gru.office.town_hall import SAMPLE, adopt, engage, read_agents, read_folder
from gru.settings import Settings, read
from gru.storage.people import Person
from gru.web.auth import IDLE, LONGEST
from tests.web.pages import pages_of

WEDNESDAY = datetime(2026, 3, 18, 9, 42, tzinfo=UTC)
"""Wednesday 18 March 2026, 10:42 in the town."""

CLAIRE = "Claire Lefèvre"
AGENTS = ("nadia.benali", "julien.moreau", "patrice.lenoir", "sonia.verbeke", "catherine.ollivier",
          "isabelle.fournier", "pauline.noiret", "camille.rousselet")  # fmt: skip


@dataclass
class Clock:
    """The time in the town, moved by the test."""

    at: datetime = WEDNESDAY

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass
class Town:
    """An office with its pages; `by_name` are its agents, by the first part of their address."""

    office: Office
    app: Flask
    clock: Clock
    by_name: dict[str, Agent] = field(default_factory=dict)

    def open_case(
        self,
        title: str = "Nid-de-poule devant le 14 rue des Acacias",
        text: str = "Un trou dans la chaussée, devant le 14.",
        *,
        type: str = "VOI-CHAUSSEE",
        name: str = CLAIRE,
        email: str = "claire.lefevre@exemple.fr",
        channel: str = "web",
        received_at: datetime | None = None,
        danger: bool = False,
    ) -> str:
        """A new case; its number."""
        office, received = self.office, received_at or self.clock.at
        case_id = new_id(received, os.urandom(10))
        person = Person(name=name, email=email, phone="+33639981742" if name == CLAIRE else "")
        requester = office.archive.meet_person(person) if email else ""
        number = office.work.next_number(received.year)
        self.do(
            OpenCase(
                case_id=case_id,
                channel=channel,
                site="EN-LIGNE" if channel in ("web", "email") else "HDV",
                received_at=received,
                number=number,
                requester=requester,
                title=office.archive.write_text(title, person=requester, case=case_id),
                text=office.archive.write_text(text, person=requester, case=case_id),
                type=type,
                danger=danger,
                late_reason="saisie plus tard",
            ),
            by="system:intake",
        )
        return number

    def id_of(self, number: str) -> str:
        return self.office.desk.case_numbered(number)

    def case(self, number: str) -> Case:
        case = self.office.desk.case(self.id_of(number))
        assert case is not None
        return case

    def do(self, *commands: CaseCommand, by: str = "system:intake") -> None:
        done = self.office.desk.execute(*commands, by=by)
        self.office.projector.catch_up("inline", to=done.position)

    def by(self, name: str) -> str:
        return f"agent:{self.by_name[name].id}"

    def link(self, number: str) -> str:
        """The address of a case's tracking page."""
        case = self.case(number)
        return f"/suivi/{number}/{link_token(self.office.settings.secret, case.id, case.link_generation)}"

    def names_of(self, number: str) -> list[str]:
        """What has happened to a case, as the log calls it."""
        return [recorded.event.NAME for recorded in self.office.log.history(self.id_of(number))]

    def visitor(self) -> "Visitor":
        return Visitor(self.app.test_client())

    def agent(self, name: str = "julien.moreau") -> "Visitor":
        """A browser in which this agent is logged in."""
        visitor = self.visitor()
        token = self.office.access.open_session(self.by_name[name].id, idle=IDLE, longest=LONGEST)
        visitor.client.set_cookie(self.app.config["AGENT_COOKIE"], token)
        return visitor


History = Callable[[Town], str]
TownAfter = Callable[[History], tuple[Town, str]]


@dataclass
class Visitor:
    """A browser without scripts: reads pages, fills the form it was shown, follows what comes back."""

    client: FlaskClient

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer.text

    def send(self, page: str, action: str, /, **values: object) -> TestResponse:
        """Post the form with this action as the page shows it, with these values."""
        return self.client.post(action, data=fields(page, action) | values, content_type="multipart/form-data")

    def fill(self, path: str, action: str, /, **values: object) -> TestResponse:
        return self.send(self.get(path), action, **values)


def fields(page: str, action: str) -> dict[str, object]:
    """What a form would send untouched: hidden and filled fields, chosen options."""
    forms = re.findall(rf'<form[^>]*action="{re.escape(escape(unescape(action)))}"[^>]*>(.*?)</form>', page, re.S)
    assert forms, f"the page has no form for {action}"
    found: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", forms[0]):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type")
        if (name and kind not in ("file", "radio", "checkbox")) or " checked" in tag:
            found[name] = _attribute(tag, "value")
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', forms[0], re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options)
        found[name] = unescape(chosen[0])
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', forms[0], re.S):
        found[name] = unescape(text)
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def settings_in(folder: Path, public_url: str = "http://127.0.0.1:8000") -> Settings:
    return read(
        {
            "GRU_DATA": str(folder),
            "GRU_SECRET": "5e" * 32,
            "GRU_MASTER_KEY": "a7" * 32,
            "GRU_PUBLIC_URL": public_url,
            "GRU_MAIL_ADDRESS": "demande@val-des-tilleuls.example",
        }
    )


def _engaged(office: Office) -> dict[str, Agent]:
    agents = office.town.agents().values()
    people = office.archive.people([agent.person for agent in agents])
    named = {agent: people[agent.person] for agent in agents}
    return {person.email.split("@")[0]: agent for agent, person in named.items() if person}


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a town that has adopted its catalogue and engaged its agents: copied for each test."""
    folder = tmp_path_factory.mktemp("town")
    before = WEDNESDAY - timedelta(days=400)
    office = build_office(settings_in(folder), lambda: WEDNESDAY)
    office.prepare()
    adopt(office.log, office.archive, read_folder(SAMPLE), before, by="system:operator", at=before)
    for new in read_agents((SAMPLE / "agents.yaml").read_text("utf-8")):
        if new.email.split("@")[0] in AGENTS:
            engage(office.log, office.archive, new, by="system:operator", at=before)
    office.town.refresh()
    office.work.start(POSITION, office.log.head())
    office.close()
    return folder


@contextmanager
def _copied(town: Path, folder: Path) -> Iterator[Town]:
    shutil.copytree(town, folder)
    clock = Clock()
    office = build_office(settings_in(folder), clock)
    yield Town(office, pages_of(office), clock, _engaged(office))
    office.close()


@pytest.fixture
def town(_founded: Path, tmp_path: Path) -> Iterator[Town]:
    with _copied(_founded, tmp_path / "town") as town:
        yield town


@pytest.fixture(scope="session")
def _after(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[History], tuple[Path, str]]:
    @cache
    def after(history: History) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp("history") / "town"
        with _copied(_founded, folder) as town:
            told = history(town)
            assert town.clock.at == WEDNESDAY, "the town's clock has not come back"
        return folder, told

    return after


@pytest.fixture
def town_after(_after: Callable[[History], tuple[Path, str]], tmp_path: Path) -> Iterator[TownAfter]:
    """A town after a history that was lived through once in the test process, and what the history told."""
    with ExitStack() as stack:

        def town_after(history: History) -> tuple[Town, str]:
            folder, told = _after(history)
            return stack.enter_context(_copied(folder, tmp_path / "town")), told

        yield town_after
