"""How does a request come in, and what is added to it?"""

from datetime import datetime, timedelta

from gru.domain import events as e
from gru.domain.case.asking import answered_by_mail
from gru.domain.case.correcting import counts_by
from gru.domain.case.given import Command, Given, known, not_in_future
from gru.domain.case.qualifying import first_promises
from gru.domain.case.state import Case
from gru.domain.case.waiting import ending
from gru.domain.errors import BadInput

LATE_ENTRY = timedelta(hours=1)
"""Taken down longer than this after reception needs a reason; a machine's delay is not a person's."""

OLDEST_ENTRY = timedelta(days=366)
"""What is taken down by hand was received within this: an earlier date is a year mistyped."""

BY_HAND: frozenset[e.Channel] = frozenset({"counter", "phone", "post"})


class OpenCase(Command, frozen=True, kw_only=True):
    channel: e.Channel
    site: str
    received_at: datetime
    number: str
    department: str = ""
    requester: str = ""
    message: str = ""
    title: e.TextRef | None = None
    text: e.TextRef | None = None
    files: tuple[e.FileRef, ...] = ()
    place: e.TextRef | None = None
    district: str = ""
    cell: str = ""
    reply_channel: e.Channel = "email"
    late_reason: str = ""
    assisted: bool = False
    consent: bool = False
    proven: bool = False
    type: str = ""
    danger: bool = False


def open_case(case: Case | None, command: OpenCase, given: Given) -> list[e.Event]:
    """Received, registered, promised; the same wish again changes nothing."""
    if case is not None:
        return []
    received = not_in_future(command.received_at, given, "received_at")
    by_hand = command.channel in BY_HAND
    if by_hand and not command.late_reason and given.now - received > LATE_ENTRY:
        raise BadInput("A late entry must state why it is late.", field="late_reason")
    if by_hand:
        _within_a_year(received, given)
    if command.site not in given.town.sites:
        raise BadInput(f"{command.site} is no site of the town.", field="site", value=command.site)
    opened = e.CaseOpened(
        channel=command.channel,
        site=command.site,
        received_at=received,
        town_version=given.town.number,
        department=command.department or given.town.reception,
        requester=command.requester,
        message=command.message,
        title=command.title,
        text=command.text,
        files=command.files,
        place=command.place,
        district=command.district,
        cell=command.cell,
        reply_channel=command.reply_channel,
        late_reason=command.late_reason if by_hand else "",
        assisted=command.assisted,
        consent=command.consent,
        proven=command.proven,
    )
    registered = e.CaseRegistered(number=command.number)
    return [
        opened,
        registered,
        *counts_by(None, given),
        *first_promises(opened, command.type, given, danger=command.danger),
    ]


def _within_a_year(received: datetime, given: Given) -> None:
    if given.now - received > OLDEST_ENTRY:
        raise BadInput("What is entered by hand was received within the year.", field="received_at")


class AddMessage(Command, frozen=True, kw_only=True):
    message: str
    channel: e.Channel
    received_at: datetime
    proof: e.Proof
    author: str = ""
    proven: bool = False
    text: e.TextRef | None = None
    files: tuple[e.FileRef, ...] = ()
    via: str = ""


def add_message(case: Case | None, command: AddMessage, given: Given) -> list[e.Event]:
    """Open or closed: a message to a closed case is kept and shown, an agent decides whether to reopen.

    What the resident sends ends every wait on him: whether it is complete, an agent says by waiting again. What a
    third party sends ends his; what others send who follow the case ends nothing.
    """
    case = known(case)
    if command.message in case.messages:
        return []
    if command.channel in BY_HAND:
        _within_a_year(command.received_at, given)
        if command.received_at < case.received_at:
            raise BadInput("Nothing is brought to a case before it was received.", field="received_at")
    received = e.MessageReceived(
        message=command.message,
        channel=command.channel,
        received_at=not_in_future(command.received_at, given, "received_at"),
        proof=command.proof,
        author=command.author,
        proven=command.proven,
        text=command.text,
        files=command.files,
        via=command.via,
    )
    if command.author in case.bystanders or command.via:
        return [received, *answered_by_mail(case, command.author, received, given)]
    waits = {wait_id: wait for wait_id, wait in case.open_waits.items() if wait.party == "resident"}
    return [received, *ending(case, waits, command.received_at, "answered", given)]


class IdentifyRequester(Command, frozen=True, kw_only=True):
    person: str


def identify_requester(case: Case | None, command: IdentifyRequester, given: Given) -> list[e.Event]:
    if known(case).requester == command.person:
        return []
    return [e.RequesterIdentified(person=command.person)]


class SetPlace(Command, frozen=True, kw_only=True):
    """`cell` is `Town.cell(place)`: the square of some 100 m, by which neighbours are found."""

    place: e.TextRef
    district: str = ""
    cell: str = ""


def set_place(case: Case | None, command: SetPlace, given: Given) -> list[e.Event]:
    said = e.PlaceSet(place=command.place, district=command.district, cell=command.cell)
    return [] if known(case).place == said else [said]
