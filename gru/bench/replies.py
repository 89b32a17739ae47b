"""What does it cost to write a reply, until the pages show it?"""

import os
import re
from itertools import cycle

from gru.bench.meter import Costs
from gru.bench.pages import CASES, NotShown, browser, busiest, cases_of
from gru.bench.towns import Town
from gru.domain.case import WriteReply
from gru.domain.references import new_id

WORDS = "Bonjour,\n\nL’équipe passera jeudi matin. Merci de nous avoir prévenus."


class Replies:
    """Replies of one agent to the open cases of his department: at the desk, and through the form of the page."""

    def __init__(self, town: Town) -> None:
        self._town = town
        department, self._agent = busiest(town)
        self._cases = cycle(cases_of(town, CASES, department))
        self._browser = browser(town, self._agent)
        self.at_the_desk, self.through_the_form = Costs(), Costs()

    def round(self) -> None:
        self.at_the_desk.add(self._town.meter.cost(self._write))
        number = next(self._cases).number
        values = self._form(number)
        self.through_the_form.add(self._town.meter.cost(lambda: self._post(number, values)))

    def _write(self) -> None:
        office, case = self._town.office, next(self._cases)
        text = office.archive.write_text(WORDS, person="", case=case.id)
        reply = WriteReply(
            case_id=case.id,
            reply_id=new_id(office.now(), os.urandom(10)),
            kind="answer",
            channel="email",
            text=text,
        )
        done = office.desk.execute(reply, by=f"agent:{self._agent}")
        office.projector.catch_up("inline", to=done.position)

    def _form(self, number: str) -> dict[str, str]:
        """What the page's own form would send."""
        page = self._browser.get(f"/agent/demandes/{number}?composer=reponse").text
        values = {"texte": WORDS, "nature": "answer"}
        for name in ("csrf_token", "version", "cle"):
            found = re.search(rf'name="{name}" value="([^"]*)"', page)
            values[name] = found[1] if found else ""
        return values

    def _post(self, number: str, values: dict[str, str]) -> None:
        answer = self._browser.post(f"/agent/demandes/{number}/repondre", data=values)
        if answer.status_code != 303:
            raise NotShown(f"the reply to {number} answers {answer.status_code}")
