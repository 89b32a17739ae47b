"""Which requests are one and the same, who follows them, and how does a merged one go its own way again?

Facts never move. The duplicate says that it is followed elsewhere, the main case that it follows another too; undoing
is one fact in each. Both are decided together, from both states, and saved together.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, still_open
from gru.domain.case.neighbours import Absorbed
from gru.domain.case.promising import after_merge, after_release, earliest_of
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, CannotMerge, NotNow

Both = tuple[list[e.Event], list[e.Event]]
"""What follows in the duplicate, and in the main case."""


class MergeCases(Command, frozen=True, kw_only=True):
    """`case_id` is the same as `main` and followed there from now on; `text` says why."""

    main: str
    text: e.TextRef | None = None


class UndoMerge(Command, frozen=True, kw_only=True):
    """They were not the same after all: both go on as they were."""

    main: str
    text: e.TextRef | None = None


PairCommand = MergeCases | UndoMerge


def decide_both(case: Case | None, main: Case | None, command: PairCommand, given: Given, given_main: Given) -> Both:
    """`given` for the duplicate, `given_main` for the main case: each is bound to its own version of the town."""
    match command:
        case MergeCases():
            return merge_cases(known(case), known(main), command, given_main)
        case UndoMerge():
            return undo_merge(known(case), known(main), command, given_main)


def merge_cases(case: Case, main: Case, command: MergeCases, given: Given) -> Both:
    """Both are open, and neither is part of another merge that would make a chain."""
    if case.main == main.id:
        return [], []
    if case.id == main.id:
        raise BadInput("A case cannot be merged with itself.", field="main")
    _refuse_a_chain(case, main)
    still_open(case)
    if main.status == "closed":
        raise CannotMerge("The main case is closed: reopen it first.", field="closed", number=main.number)
    absorbed = e.CaseAbsorbed(other=case.id, received_at=case.received_at, requester=case.requester)
    after = replace(main, absorbed={**main.absorbed, case.id: Absorbed(case.received_at, case.requester)})
    earliest = case.received_at < earliest_of(main)
    return [e.CaseMerged(main=main.id, text=command.text)], [absorbed, *(after_merge(after, given) if earliest else ())]


def _refuse_a_chain(case: Case, main: Case) -> None:
    if case.main:
        raise CannotMerge("This case is merged already: undo that first.", field="merged", number=case.number)
    if main.main:
        raise CannotMerge("The main case is itself merged into another one.", field="chain", number=main.number)
    if case.absorbed:
        raise CannotMerge("Others are merged into this one: it must be the main.", field="main", number=case.number)


def undo_merge(case: Case, main: Case, command: UndoMerge, given: Given) -> Both:
    if case.main != main.id or case.id not in main.absorbed:
        if not case.main:
            return [], []
        raise NotNow("This case is merged into another one.", number=case.number)
    left = {other: one for other, one in main.absorbed.items() if other != case.id}
    unmerged = e.CaseUnmerged(main=main.id, status=_status_again(case), text=command.text)
    return [unmerged], [e.CaseReleased(other=case.id), *after_release(replace(main, absorbed=left), given)]


def _status_again(case: Case) -> str:
    """As before; a wait that ended meanwhile is waited for no more."""
    before = case.status_before or "reopened"
    return "in_progress" if before == "waiting" and not case.open_waits else before


# --- who follows a case ------------------------------------------------------------------------------------------


class FollowCase(Command, frozen=True, kw_only=True):
    """Somebody has the same problem; he is told once, when the case is answered or closed."""

    person: str
    channel: e.Channel


def follow_case(case: Case | None, command: FollowCase, given: Given) -> list[e.Event]:
    case = still_open(case)
    if not command.person:
        raise BadInput("Somebody must be named who can be told.", field="person")
    if command.person in case.followers or command.person == case.requester:
        return []
    return [e.CaseFollowed(person=command.person, channel=command.channel)]


class UnfollowCase(Command, frozen=True, kw_only=True):
    person: str


def unfollow_case(case: Case | None, command: UnfollowCase, given: Given) -> list[e.Event]:
    return [e.CaseUnfollowed(person=command.person)] if command.person in known(case).followers else []


class TellFollower(Command, frozen=True, kw_only=True):
    """One of those who follow the case is told, once in its life."""

    reply_id: str
    to: str
    text: e.TextRef
    template: str
    channel: e.Channel = "email"


def tell_follower(case: Case | None, command: TellFollower, given: Given) -> list[e.Event]:
    case = known(case)
    if command.reply_id in case.replies or command.to not in case.told:
        return []
    return list(_news(command))


def _news(command: TellFollower) -> Iterator[e.Event]:
    yield e.ReplyWritten(
        reply_id=command.reply_id,
        kind="news",
        channel=command.channel,
        human=False,
        to=command.to,
        text=command.text,
        template=command.template,
    )
