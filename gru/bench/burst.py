"""What does the queue cost while ten thousand mails are being taken in, and is each of them accounted for?

The worker and the projector are the real processes; one mail in a hundred is no mail at all.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from gru.bench.mails import samples, varied
from gru.bench.memory import running
from gru.bench.meter import Costs
from gru.bench.pages import QUEUE, Pages
from gru.bench.towns import Tell, Town
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain import events as e

MOST = 10_000
RUBBISH_EVERY = 100
LONGEST = timedelta(hours=1)
PROCESSES = (("worker",), ("project",))


@dataclass(frozen=True)
class Burst:
    """`outcomes` of the `mails`, by name; `lost` have none, `twice` have more than one."""

    mails: int
    seconds: float
    outcomes: dict[str, int]
    lost: int
    twice: int
    quiet: Costs
    during: Costs


def burst(town: Town, rounds: int, tell: Tell) -> Burst:
    """The queue at rest, then while the mails are taken in; at most `MOST`, and no more than the town has cases."""
    pages = Pages(town)
    quiet = _shown(pages, rounds)
    office, number = town.office, min(MOST, town.plot.cases)
    keys = [office.keep(message) for message in _messages(town, number)]
    began, during = time.monotonic(), Costs()
    with ExitStack() as stack:
        for words in PROCESSES:
            stack.enter_context(running(town.plot, words))
        while office.archive.oldest_pending() and time.monotonic() - began < LONGEST.total_seconds():
            during.all += _shown(pages, 1).all
            tell(f"burst: {len(during.all)} looks at the queue while {number} mails are taken in")
    seconds = time.monotonic() - began
    taken = Counter(_outcomes(town, keys))
    several = Counter(key for key, _ in taken.elements())
    return Burst(
        mails=number,
        seconds=seconds,
        outcomes=dict(Counter(outcome for _, outcome in taken.elements())),
        lost=number - len(several),
        twice=sum(1 for count in several.values() if count > 1),
        quiet=quiet,
        during=during,
    )


def _shown(pages: Pages, times: int) -> Costs:
    before = len(pages.costs[QUEUE].all)
    for _ in range(times):
        pages.round(QUEUE)
    costs = Costs()
    costs.all = pages.costs[QUEUE].all[before:]
    return costs


def _messages(town: Town, number: int) -> Iterator[RawMessage]:
    office, whole = town.office, samples()
    for at in range(number):
        mark = office.log.head() * MOST + at
        raw = varied(whole[at % len(whole)], mark) if at % RUBBISH_EVERY else b"\x00\xff\xfe%d" % mark
        yield RawMessage(
            "email", office.settings.mail_address, external_id(raw), office.now(), content_digest(raw), raw
        )


def _outcomes(town: Town, keys: list[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(keys), 500):
        for key, history in town.office.log.histories(keys[start : start + 500]).items():
            for recorded in history:
                if isinstance(recorded.event, e.MessageTakenIn):
                    yield key, recorded.event.outcome
