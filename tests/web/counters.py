"""What does an agent type at the counter, when nothing is wrong with it?"""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.web.conftest import Town, Visitor, fields

FORM = "/guichet"
RIGHT: dict[str, Any] = {
    "canal": "guichet",
    "mots": "trou dans la route",
    "type": "VOI-CHAUSSEE",
    "lieu": "14 rue des Acacias",
    "texte": "Un trou devant chez moi.",
    "tel": "06 39 98 45 67",
    "nom": "Ahmed Invente",
    "contact": "telephone",
    "consentement": "oui",
    "faire": "enregistrer",
}


def at_the_counter(town: Town, name: str = "camille.rousselet") -> Visitor:
    return town.agent(name)


def enter(visitor: Visitor, page: str = "", /, **changed: Any) -> TestResponse:
    """The entry as it should be, with these changes; `None` leaves a field out."""
    sent = fields(page or visitor.get(FORM), FORM) | RIGHT | changed
    data = {name: list(value) if name == "recus" else value for name, value in sent.items() if value is not None}
    return visitor.client.post(FORM, data=data, content_type="multipart/form-data")


def number_of(answer: TestResponse) -> str:
    """The case an entry led to."""
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/guichet/recepisse/(\d{4}-\d{6})\?cle=[0-9a-f]{32}", answer.location)
    assert found, answer.location
    return found[1]


def faults_of(answer: TestResponse) -> list[str]:
    """The fields the summary of errors leads to."""
    assert answer.status_code == 422, answer.status_code
    summary = answer.text.split('id="erreurs"', 1)[1].split("</ul>", 1)[0]
    return re.findall(r'href="#([^"]+)"', summary)
