"""What does the monthly report cost: its figures put together as a page, and its PDF?"""

import re
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask.testing import FlaskClient

from gru.bench.pages import COMMITTEE, NotShown, browser
from gru.bench.towns import UNTIL, Town

_PAGE = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True)
class Reported:
    """`composing` and `pdf` in CPU seconds of this process, of the typesetter's and of the database; `seconds` on the
    clock until the PDF was there; `pages` of it."""

    composing: float
    pdf: float
    seconds: float
    statements: int
    pages: int


def reported(town: Town) -> Reported:
    """The report of the last whole month, a draft: shown once to warm up and once to be measured, then set."""
    office, agent = town.office, town.agents[COMMITTEE]
    last = UNTIL.date().replace(day=1) - timedelta(days=1)
    draft = office.committee.begin(last.replace(day=1), last, by=f"agent:{agent}", key="0" * 32)
    client, path = browser(town, agent), f"/rapports/{draft}"
    _got(client, path)
    composing, statements, _ = _measured(town, lambda: _got(client, path))
    began = time.monotonic()
    pdf, _, content = _measured(town, lambda: _got(client, f"{path}.pdf"))
    return Reported(composing, pdf, time.monotonic() - began, statements, len(_PAGE.findall(content)))


def _got(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path)
    if answer.status_code != 200:
        raise NotShown(f"{path} answers {answer.status_code}")
    return bytes(answer.data)


def _measured(town: Town, work: Callable[[], bytes]) -> tuple[float, int, bytes]:
    """CPU seconds with those of the processes it started and of the database, and the statements; what came of it."""
    before = _children()
    with town.meter.reading() as found:
        made = work()
    return found.cost.whole + _children() - before, found.cost.statements, made


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
