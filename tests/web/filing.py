"""How does a resident go through a form in a test: page by page, as the pages lead him?"""

import re
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO

from werkzeug.test import TestResponse

from gru.domain.case import Case
from tests.office.pictures import photo
from tests.web.conftest import Town, Visitor

__all__ = ["Resident", "photo", "pothole", "said"]


@dataclass
class Resident:
    """A browser without scripts that fills in one form; `at` is the page it is on."""

    town: Town
    slug: str = "trou-chaussee-trottoir"
    base: str = ""
    """Where the pages stand: at a kiosk they have an address of their own."""
    visitor: Visitor = field(init=False)
    at: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        self.visitor = self.town.visitor()

    def begins(self, **values: object) -> "Resident":
        sheet = self.visitor.get(f"{self.base}/demarches/{self.slug}")
        return self.follows(self.visitor.send(sheet, f"{self.base}/deposer/{self.slug}", **values))

    def follows(self, answer: TestResponse) -> "Resident":
        """To where the answer leads, and on until a page is shown."""
        while answer.status_code == 303:
            self.at = answer.location
            answer = self.visitor.client.get(answer.location)
        assert answer.status_code == 200, f"{self.at}: {answer.status_code} {answer.text[:3000]}"
        self.page = answer.text
        return self

    def sends(self, **values: object) -> TestResponse:
        """The form of the page he is on."""
        return self.visitor.send(self.page, self.at, **({"action": "continuer"} | values))

    def answers(self, **values: object) -> "Resident":
        return self.follows(self.sends(**values))

    def answers_all_questions(self) -> "Resident":
        """Up to the page on which he says who he is."""
        version = self.town.office.town.in_force(self.town.clock.at)
        while self.step != "contact":
            question = version.fields.get(self.step.replace("-", "_"))
            answer = question.values[0].key if question and question.values else "2026-04-12"
            answer = "3" if question and question.datatype == "number" else answer
            self.answers(**({"lieu": "14 rue des Acacias"} if question is None else {self.step: answer}))
        return self

    def goes(self, step: str) -> "Resident":
        self.at = f"{self.base}/deposer/{self.slug}/{step}"
        return self.follows(self.visitor.client.get(self.at))

    @property
    def step(self) -> str:
        return self.at.rsplit("/", 1)[-1]

    def adds(self, *files: tuple[str, bytes]) -> TestResponse:
        given = [(BytesIO(content), name) for name, content in files]
        return self.sends(fichiers=given, action="ajouter")

    @property
    def number(self) -> str:
        match = re.search(r"/deposer/merci/(20\d\d-\d{6})/[0-9a-f]{32}$", self.at)
        assert match, self.at
        return match[1]

    @property
    def case(self) -> Case:
        return self.town.case(self.number)


def said(answer: TestResponse | str) -> str:
    """What a reader sees, with plain spaces."""
    page = answer if isinstance(answer, str) else answer.text
    plain = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain)


def pothole(town: Town) -> Resident:
    """At the page on which he reads his report of a pothole again."""
    resident = Resident(town).begins()
    resident.answers(lieu="14 rue des Acacias")
    resident.answers(description="Un trou dans la chaussée, devant le 14.")
    resident.answers(danger="non")
    resident.answers()
    return resident.answers(email="claire.lefevre@exemple.fr", prenom="Claire", nom="Lefèvre")
