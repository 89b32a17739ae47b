"""What does a letter about this very case say, with its dates and its tracking page?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gru.domain.case import Case
from gru.domain.events import DocumentsChecked
from gru.domain.references import follower_token, link_token, third_party_token, tracking_code
from gru.domain.town import Town
from gru.office.letters.facts import CaseFacts, Supplement, Ticket
from gru.office.letters.filling import Letter, letter
from gru.storage.people import Person


class Letters:
    """Knows the secret the tracking links are derived from, and under which address the town's pages stand."""

    def __init__(self, secret: bytes, public_url: str) -> None:
        self._secret = secret
        self._public_url = public_url.rstrip("/")

    def receipt(self, town: Town, case: Case, person: Person | None, message: str = "") -> Letter:
        """The AEE (CRPA L112-11); `message` is quoted, so give it only when the sender is proven."""
        facts = self.facts(town, case, person, case.opened_at, proven=bool(message), message=message)
        return letter(town, town.template("receipt"), facts)

    def acknowledgement(self, town: Town, case: Case, person: Person | None, now: datetime, **more: Any) -> Letter:
        """The ARE of the case's regime (R112-11-1); `more` as in `facts`."""
        template = town.template("acknowledgement", case.regime)
        return letter(town, template, self.facts(town, case, person, now, **more))

    def survey(self, town: Town, case: Case, person: Person, now: datetime, **more: Any) -> Letter | None:
        """What asks for his opinion; `None` when this version of the town has no such letter."""
        template = town.letters.get("survey")
        return letter(town, template, self.facts(town, case, person, now, **more)) if template else None

    def counter_receipt(self, town: Town, case: Case, person: Person | None) -> Letter:
        """What is handed over at the counter; with the mentions of R112-5 it is the acknowledgement on paper."""
        papers = case.documents or DocumentsChecked()
        before = papers.before
        facts = self.facts(
            town,
            case,
            person,
            case.opened_at,
            proven=True,
            received=_labels(town, papers.received),
            missing=_labels(town, papers.missing),
            supplement=Supplement(indispensable=False, before=before, items=()) if before else None,
        )
        return letter(town, town.template("counter_receipt"), facts)

    def ticket(self, town: Town, site: str, ticket: Ticket) -> Letter:
        """The slip of the waiting room."""
        nobodys = CaseFacts(number="", received_at=ticket.at, now=ticket.at, site=site, ticket=ticket)
        return letter(town, town.template("queue_ticket"), nobodys)

    def case_link(self, case: Case) -> str:
        """The secret address of a case's tracking page: for its requester alone."""
        return self._tracking_url(case)

    def refusal_link(self, case: Case) -> str:
        """Where he says that he wants no surveys any more."""
        return f"{self._tracking_url(case)}/avis/refus"

    def stop_link(self, case_id: str, person: str) -> str:
        """By which one who follows a case stops doing so."""
        return f"{self._public_url}/ne-plus-suivre/{follower_token(self._secret, case_id, person)}"

    def beside(self, town: Town, use: str, case: Case, now: datetime, **more: Any) -> Letter | None:
        """A letter to somebody else than the requester: it knows neither his name nor the link to his page.

        `None` when this version of the town has no letter for the use.
        """
        template = town.letters.get(use)
        if template is None:
            return None
        facts = self.facts(town, case, None, now, tracking_url="", tracking_code="", agent_url="", **more)
        return letter(town, template, facts)

    def third_party_link(self, case_id: str, request_id: str, expires: datetime) -> str:
        return f"{self._public_url}/tiers/{third_party_token(self._secret, case_id, request_id, expires)}"

    def facts(self, town: Town, case: Case, person: Person | None, now: datetime, **more: Any) -> CaseFacts:
        """What the case's history says; `more` are the fields of `CaseFacts` the caller knows besides."""
        known = CaseFacts(
            number=case.number,
            received_at=case.received_at,
            now=now,
            type=case.type,
            department=case.department,
            channel=case.channel,
            site=case.site,
            name=person.name if person else "",
            reply_channel=case.reply_channel,
            due=_dates(case.commitments),
            legal=_dates(case.legal),
            tracking_url=self._tracking_url(case),
            tracking_code=tracking_code(self._secret, case.id, case.link_generation),
            agent_url=f"{self._public_url}/agent/demandes/{case.number}",
        )
        return replace(known, **more)

    def _tracking_url(self, case: Case) -> str:
        return f"{self._public_url}/suivi/{case.number}/{link_token(self._secret, case.id, case.link_generation)}"


def _labels(town: Town, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(town.documents[code].label if code in town.documents else code for code in codes)


def _dates(promised: Mapping[Any, Any]) -> dict[Any, datetime]:
    return {kind: each.due for kind, each in promised.items()}
