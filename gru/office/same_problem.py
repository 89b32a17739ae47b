"""What follows when somebody recognises his own problem in a report that is there already?

The two cases are linked, for an agent to decide; and he who left a mail address follows the other one, so that he is
told when it is answered or closed. He may stop at any time by the link in his mail.
"""

from collections.abc import Sequence

from gru.channels.base import Incoming
from gru.domain import references as refs
from gru.domain.case import CaseCommand, FollowCase, LinkCase, OpenCase
from gru.domain.errors import Refused
from gru.office.desk import Desk

BY = "system:intake"


def recognised(desk: Desk, incoming: Incoming, case_id: str) -> list[CaseCommand]:
    """The report in which the sender saw his own problem stands beside his; an agent decides whether it is."""
    other = _other(desk, incoming)
    return [LinkCase(case_id=case_id, other=other)] if other else []


def follow(desk: Desk, incomings: Sequence[Incoming], openings: Sequence[OpenCase]) -> None:
    """Before his own case is opened: cut off in between, both are done again, and following twice is following."""
    for incoming, opening in zip(incomings, openings, strict=True):
        other = desk.case(desk.main_of(found)) if (found := _other(desk, incoming)) else None
        if other is None or not incoming.address or not opening.requester:
            continue
        try:
            desk.execute(FollowCase(case_id=other.id, person=opening.requester, channel=opening.channel), by=BY)
        except Refused:
            continue  # it was closed: there will be no news


def _other(desk: Desk, incoming: Incoming) -> str:
    return desk.case_numbered(incoming.same_as) if refs.NUMBER.fullmatch(incoming.same_as) else ""
