"""Is one request the same case, with the same clocks and the same rows of the reports, whichever door it came by?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain.case import Case, CloseCase, QualifyCase, RecordSent, WriteReply
from gru.storage.databases import reading
from projections.commitments import commitments
from tests.journeys.towns import mail
from tests.web import test_facebook as facebook
from tests.web.conftest import Town
from tests.web.counters import at_the_counter, enter, number_of
from tests.web.filing import pothole
from tests.web.test_at_kiosk import sent_here
from tests.web.test_facebook import town as town

TYPE = "VOI-CHAUSSEE"
JUDGED = ("first_response", "resolve")
"""Of the acknowledgement each door has a promise of its own: who stands at the counter has it in his hand."""


def by_mail(town: Town) -> str:
    raw = bytes(mail(subject="Trou", text="Un trou dans la chaussée, devant le 14 rue des Acacias."))
    address = town.office.settings.mail_address
    key = town.office.keep(RawMessage("email", address, external_id(raw), town.clock.at, content_digest(raw), raw))
    town.office.intake.attempt(key)
    [opened] = [r.stream_id for r in town.office.log.read(0, 1000) if r.event.NAME == "case.opened"]
    case = town.office.desk.case(opened)
    assert case is not None
    return case.number


def by_form(town: Town) -> str:
    resident = pothole(town)
    resident.answers()
    return resident.number


def at_a_post(channel: str) -> Callable[[Town], str]:
    return lambda town: number_of(enter(at_the_counter(town), canal=channel))


DOORS: dict[str, Callable[[Town], str]] = {
    "email": by_mail,
    "web": by_form,
    "kiosk": sent_here,
    "counter": at_a_post("guichet"),
    "phone": at_a_post("telephone"),
    "post": at_a_post("courrier"),
    "facebook": lambda town: facebook.arrives(town, "Un trou rue des Acacias", "m_1"),
}

CHANNELS = {"kiosk": "web"}
"""The kiosk is the residents' form, standing in a town hall."""

Life = list[tuple[str, dict[str, tuple[datetime, datetime | None]]]]


def lived(town: Town, number: str) -> Life:
    """Qualified, answered two hours later, closed: its status and its promises after each."""
    case, agent = town.case(number), town.by("julien.moreau")
    seen: Life = []

    def now(*wishes: Any) -> None:
        town.do(*wishes, by=agent)
        after = town.case(number)
        seen.append((after.status, promises(after)))

    now(QualifyCase(case_id=case.id, type=TYPE))
    town.clock.pass_(hours=2)
    text = town.office.archive.write_text("L’équipe passe demain.", person=case.requester, case=case.id)
    reply = "ab" * 16
    now(WriteReply(case_id=case.id, reply_id=reply, kind="answer", channel="tracking", text=text))
    now(RecordSent(case_id=case.id, reply_id=reply, sent_at=town.clock.at))
    town.clock.pass_(days=1)
    now(CloseCase(case_id=case.id, outcome="resolved"))
    return seen


def promises(case: Case) -> dict[str, tuple[datetime, datetime | None]]:
    return {kind: (case.commitments[kind].due, case.commitments[kind].kept_at) for kind in JUDGED}


def rows(town: Town) -> list[dict[str, Any]]:
    for group in town.office.projector.groups:
        town.office.projector.catch_up(group, seconds=30)
    c = commitments.c
    query = select(c.kind, c.due, c.kept_at, c.type, c.department).where(c.kind.in_(JUDGED)).order_by(c.kind)
    with reading(town.office.databases.views) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


@pytest.mark.parametrize("door", DOORS)
def test_the_same_request_has_the_same_states_clocks_and_rows(town: Town, door: str) -> None:
    received = town.clock.at
    promised = town.office.town.in_force(received).promises(TYPE, "", "email", received, False)
    due = {promise.kind: promise.due for promise in promised if promise.kind in JUDGED}

    number = DOORS[door](town)
    case = town.case(number)
    assert (case.channel, case.received_at) == (CHANNELS.get(door, door), received)
    life = lived(town, number)
    answered, closed = received + timedelta(hours=2), received + timedelta(hours=26)
    assert [status for status, _ in life] == ["qualified", "qualified", "answered", "closed"]
    assert life[0][1] == {kind: (due[kind], None) for kind in JUDGED}
    assert life[-1][1] == {"first_response": (due["first_response"], answered), "resolve": (due["resolve"], closed)}
    [owner] = {row["department"] for row in rows(town)}
    assert [tuple(row.values()) for row in rows(town)] == [
        ("first_response", due["first_response"], answered, TYPE, owner),
        ("resolve", due["resolve"], closed, TYPE, owner),
    ]
