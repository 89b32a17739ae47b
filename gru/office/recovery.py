"""What must be made true again after a backup came back, or a part was lost, before anybody works?

A letter may have left after the copy of *work* was made, so nothing that waited leaves by itself: it is listed, and
sent when the operator asks for it. What the log knows to have left is never sent again.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial

import msgspec

from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.policies import ACKNOWLEDGED, EVENTS, Deed, called_for
from gru.office.desk import Desk
from gru.office.erasure import Erasure
from gru.office.projector import Projector
from gru.office.reactions import POSITION
from gru.office.rebuild import rebuild_from_nothing
from gru.storage.archive import Archive
from gru.storage.backup import HELD, await_again
from gru.storage.databases import Databases
from gru.storage.keys import Keys
from gru.storage.log import Log
from gru.storage.seals import Blocks
from gru.storage.work import Effect, Work

PAGE = 5_000
ALL_OF_THEM = 1_000_000
ANSWERED_BY: dict[str, e.ReplyKind] = {"acknowledge": "receipt", "acknowledge_in_full": "acknowledgement"}
"""The letter that a deed writes; `deliver` sends one that is written."""

TOO_LATE = timedelta(days=30)
"""A receipt this late says nothing any more, and the history may have been imported without any."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done and how much there is to do."""


def silent(what: str, done: int, total: int) -> None: ...


class Waiting(msgspec.Struct, frozen=True):
    """A letter that never left, as far as the log knows. `what` is its kind; `since` when it was called for.

    `is_doubtful` when the work says it was done all the same: it left, or was refused, after the log was copied.
    """

    key: str
    number: str
    what: str
    since: datetime
    is_doubtful: bool = False


class Recovered(msgspec.Struct, frozen=True):
    """`position`: where reactions go on. `dropped` effects spoke of lost events, `awaited` messages are taken in again,
    `erased` people were erased again, `failed` could not be, with the kind of error; what is `in_the_way` of
    taking their traces out of every file, in sentences; `waiting` letters wait for a word; `unsealed` seals were
    dropped, because they proved facts behind `head`, where the log ended."""

    position: int
    dropped: int
    awaited: int
    erased: int
    failed: dict[str, str]
    in_the_way: tuple[str, ...]
    waiting: tuple[Waiting, ...]
    unsealed: int
    head: int


class Recovery:
    def __init__(
        self,
        *,
        log: Log,
        archive: Archive,
        keys: Keys,
        work: Work,
        blocks: Blocks,
        desk: Desk,
        erasure: Erasure,
        projector: Projector,
        databases: Databases,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._archive = archive
        self._keys = keys
        self._work = work
        self._blocks = blocks
        self._desk = desk
        self._erasure = erasure
        self._projector = projector
        self._databases = databases
        self._now = now

    def recover(
        self, by: str, *, forget: Collection[str] = (), anew: bool = False, progress: Progress = silent
    ) -> Recovered:
        """May be stopped and asked for again; on a town that lost nothing it changes nothing.

        `forget` are people whom neither the log nor the keys know to be erased, from certificates kept elsewhere.
        `anew` fills the views again although they seem to fit, because they are of another log.
        """
        head = self._log.head()
        known = self._work.position(POSITION)
        was_lost = known is None or known > head
        if was_lost:
            self._work.suspend(POSITION, HELD)
        dropped = self._work.drop_effects_behind(head)
        unsealed = self._blocks.drop_behind(head)
        for year, last in self._last_numbers().items():
            self._work.skip_numbers(year, last)
        self._fill_views(head, anew, progress)
        awaited = await_again(self._databases.archive, self._streams("message.taken_in"))
        erased, failed, in_the_way = self._erase_again(by, forget, progress)
        waiting = self._waiting(progress)
        if was_lost:
            self._hold(waiting)
            self._work.reset(POSITION, head)
        position = self._work.position(POSITION)
        held = tuple(self._still_held(waiting))
        return Recovered(position or 0, dropped, awaited, erased, failed, in_the_way, held, unsealed, head)

    def send(self) -> int:
        """Somebody asks for the letters that wait since a recovery: how many leave now."""
        held = [effect for effect in self._work.failed_effects(ALL_OF_THEM) if effect.error == HELD]
        asked = [effect for effect in held if self._work.try_again(effect.key, self._now())]
        return sum(self._is_letter(msgspec.convert(effect.payload, Deed)) for effect in asked)

    def _is_letter(self, deed: Deed) -> bool:
        """Not what turns out to have nobody to tell."""
        case = self._desk.case(deed.case)
        return case is not None and _is_undone(case, deed)

    # --- numbers and views -------------------------------------------------------------------------------------

    def _last_numbers(self) -> dict[int, int]:
        last: dict[int, int] = {}
        for recorded in self._facts("number.given"):
            if isinstance(recorded.event, e.NumberGiven):
                year, sequence = (int(part) for part in recorded.event.number.split("-"))
                last[year] = max(last.get(year, 0), sequence)
        return last

    def _fill_views(self, head: int, anew: bool, progress: Progress) -> None:
        if not anew:
            self._projector.prepare()
            anew = any(self._projector.position(group) > head for group in self._projector.groups)
        if anew:
            rebuild_from_nothing(self._projector, progress)

    # --- erased people and texts -------------------------------------------------------------------------------

    def _erase_again(
        self, by: str, forget: Collection[str], progress: Progress
    ) -> tuple[int, dict[str, str], tuple[str, ...]]:
        """An older log does not know of erasures the keys know of, and older keys not of those the log knows of."""
        facts = list(self._facts("case.person_erased", "case.text_redacted", "difficulty.redacted"))
        people = {fact.event.person for fact in facts if isinstance(fact.event, e.PersonErased)} | set(forget)
        single = {fact.event.id for fact in facts if isinstance(fact.event, e.TextRedacted | e.DifficultyRedacted)}
        for gone in self._keys.destroyed():
            match gone.kind:
                case "person":
                    people.add(gone.id)
                case "case":
                    self._archive.destroy_case(gone.id)
                case _:
                    single.add(gone.id)
        if single:
            self._archive.redact(*single)
        done, failed = self._erasure.again_each(sorted(people), by=by, progress=partial(progress, "erased again"))
        return len(done), failed, self._erasure.scrub() if people or single else ()

    # --- letters -----------------------------------------------------------------------------------------------

    def _waiting(self, progress: Progress) -> list[tuple[Waiting, Deed]]:
        """Every letter that was called for and never left, oldest first."""
        found = []
        candidates = self._called_for(progress)
        effects = self._work.effects_of(list(candidates))
        reacted = self._work.position(HELD) or 0
        for key, (since, deed) in candidates.items():
            if deed.kind == "redact":  # done again with the erasures; not only cases have texts
                continue
            passed = key not in effects and int(key.partition(":")[0]) <= reacted
            is_done = passed or (key in effects and effects[key].state == "done")
            if deed.kind != "deliver" and (is_done or self._now() - since > TOO_LATE):
                continue
            case = self._desk.case(deed.case)
            if case is None or not _is_undone(case, deed):
                continue
            if deed.kind == "deliver":
                what: str = case.replies[deed.reply].kind
                found.append((Waiting(key, case.number, what, since, is_done), deed))
            else:
                found.append((Waiting(key, case.number, _LETTERS[deed.kind], since), deed))
        return found

    def _called_for(self, progress: Progress) -> dict[str, tuple[datetime, Deed]]:
        """What the log calls for, without what it plainly says was done."""
        head = self._log.head()
        found: dict[tuple[str, str, str], tuple[str, datetime, Deed]] = {}
        for recorded in self._facts(*(event.NAME for event in (*EVENTS, *_SETTLING))):
            for settled in _settles(recorded):
                found.pop(settled, None)
            for number, deed in enumerate(called_for(recorded)):
                key = f"{recorded.position}:{number}:{deed.kind}"
                found.setdefault((deed.kind, deed.case, deed.reply), (key, recorded.at, deed))
            if recorded.position % PAGE == 0:
                progress("letters looked up", recorded.position, head)
        progress("letters looked up", head, head)
        return {key: (since, deed) for key, since, deed in found.values()}

    def _hold(self, waiting: list[tuple[Waiting, Deed]]) -> None:
        """As rows that nobody does before he is asked: also those the lost work did not know of."""
        now = self._now()
        new = [
            Effect(key=one.key, kind=deed.kind, payload=msgspec.to_builtins(deed), next_at=now) for one, deed in waiting
        ]
        known = self._work.effects_of([effect.key for effect in new])
        unknown = [effect for effect in new if effect.key not in known]
        self._work.add_effects(unknown)
        for effect in unknown:
            self._work.give_up(effect.key, HELD)

    def _still_held(self, waiting: list[tuple[Waiting, Deed]]) -> Iterator[Waiting]:
        effects = self._work.effects_of([one.key for one, _ in waiting])
        for one, _ in waiting:
            effect = effects.get(one.key)
            if one.is_doubtful or (effect is not None and (effect.state, effect.error) == ("failed", HELD)):
                yield one

    # --- reading the log ---------------------------------------------------------------------------------------

    def _streams(self, name: str) -> set[str]:
        return {recorded.stream_id for recorded in self._facts(name)}

    def _facts(self, *names: str) -> Iterator[e.Recorded]:
        after = 0
        while page := self._log.read(after, PAGE, set(names)):
            yield from page
            after = page[-1].position


_SETTLING: tuple[type[e.Event], ...] = (e.ReplySent, e.ReplyWithdrawn, e.ReplyWithheld, e.CaseClosed)


def _settles(recorded: e.Recorded) -> Iterator[tuple[str, str, str]]:
    """Kind, case and reply of the deeds that this fact makes needless, as far as it alone can tell."""
    case = recorded.stream_id
    match recorded.event:
        case e.ReplySent() | e.ReplyWithdrawn() as reply:
            yield "deliver", case, reply.reply_id
        case e.ReplyWritten() | e.ReplyWithheld() as letter:
            yield from ((deed, case, "") for deed, kind in ANSWERED_BY.items() if kind == letter.kind)
        case e.CaseClosed():
            yield from ((deed, case, "") for deed in ANSWERED_BY)


_LETTERS: dict[str, e.ReplyKind] = {
    **ANSWERED_BY,
    "tell_followers": "news",
    "write_third_party": "third_party",
    "write_survey": "survey",
}


def _is_undone(case: Case, deed: Deed) -> bool:
    match deed.kind:
        case "deliver":
            return case.replies[deed.reply].state == "written"
        case "write_survey":
            return not case.has_written("survey") and "survey" not in case.withheld and case.status == "closed"
        case "tell_followers":
            return sum(reply.kind == "news" for reply in case.replies.values()) < len(case.told)
        case "write_third_party":
            request, _, number = deed.reply.partition(":")
            asked = [reply for reply in case.replies.values() if reply.kind == "third_party"]
            return request in case.open_requests and len(asked) <= int(number or 0)
    kind = ANSWERED_BY[deed.kind]
    if case.status == "closed" or kind in case.withheld or any(reply.kind == kind for reply in case.replies.values()):
        return False
    return kind == "receipt" or (case.channel in ACKNOWLEDGED and not case.has_written("answer", "refusal"))
