"""What does it cost to show a page, with a logged-in session, through the real application?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from flask.testing import FlaskClient
from sqlalchemy import func, select

from gru.bench.bare import bare_app
from gru.bench.meter import Costs
from gru.bench.towns import Town
from gru.domain.references import link_token
from gru.domain.rights import scope_of
from gru.storage.databases import reading
from gru.web.auth import IDLE, LONGEST
from gru.web.reports.registry import REPORTS
from projections.queue import queue

BARE = "bare page"
QUEUE = "queue: every open case"
OWN_QUEUE = "queue: one department's"
CASE = "case page"
TRACKING = "tracking page"
FIGURES = {f"figures: {report.slug}": f"/pilotage/{report.slug}" for report in REPORTS}
"""Each page of figures over its usual weeks, for the whole town."""
WORKED_WITH = (QUEUE, OWN_QUEUE, CASE, TRACKING)
PAGES = (*WORKED_WITH, *FIGURES)

RECEPTION, COMMITTEE = "camille.rousselet", "isabelle.fournier"
CASES = 40
"""So many different cases are looked at in turn."""


class NotShown(Exception):
    """A page that is to be measured answers with an error."""


@dataclass(frozen=True)
class Case:
    id: str
    number: str
    department: str


class Pages:
    """The pages of one town, each with the browser of somebody who may see it."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.costs: dict[str, Costs] = {name: Costs() for name in (BARE, *PAGES)}
        self._shown = dict(self._ways())

    def round(self, name: str) -> None:
        """Show this page once more, and note what it cost."""
        show = self._shown[name]
        self.costs[name].add(self._town.meter.cost(show))

    def warm_up(self) -> None:
        for show in self._shown.values():
            show()

    def _ways(self) -> Iterator[tuple[str, Callable[[], None]]]:
        secret = self._town.office.settings.secret
        cases = cases_of(self._town, CASES)
        _, busy = busiest(self._town)
        owner, reception = browser(self._town, busy), browser(self._town, self._town.agents[RECEPTION])
        committee, stranger = browser(self._town, self._town.agents[COMMITTEE]), self._town.app.test_client()
        yield BARE, showing(bare_app(self._town.office).test_client(), ["/"])
        yield QUEUE, showing(reception, ["/agent/demandes?agent=tous"])
        yield OWN_QUEUE, showing(owner, ["/agent/demandes?agent=tous"])
        yield CASE, showing(reception, [f"/agent/demandes/{case.number}" for case in cases])
        yield TRACKING, showing(stranger, [f"/suivi/{c.number}/{link_token(secret, c.id, 1)}" for c in cases])
        for name, path in FIGURES.items():
            yield name, showing(committee, [path])


def browser(town: Town, agent: str) -> FlaskClient:
    """One in which this agent has logged in."""
    token = town.office.access.open_session(agent, idle=IDLE, longest=LONGEST)
    client = town.app.test_client()
    client.set_cookie(town.app.config["AGENT_COOKIE"], token)
    return client


def showing(client: FlaskClient, paths: list[str]) -> Callable[[], None]:
    """Shows the next of these pages, for ever in turn."""
    turn = cycle(paths)

    def show() -> None:
        path = next(turn)
        answer = client.get(path)
        if answer.status_code != 200:
            raise NotShown(f"{path} answers {answer.status_code}")

    return show


def busiest(town: Town) -> tuple[str, str]:
    """The department with most open cases whose type is known, and one who handles them and sees no others: the same
    in every town, whatever waits at its reception."""
    handling = {d: agent.id for agent in town.office.town.agents().values()
                if "handle" in agent.rights and not scope_of(agent).everywhere for d in agent.departments}  # fmt: skip
    c = queue.c
    typed = select(c.department).where(c.closed_at.is_(None), c.confidentiality == "normal", c.type != "")
    counted = typed.group_by(c.department)
    with reading(town.office.databases.views) as connection:
        departments = connection.scalars(counted.order_by(func.count().desc(), c.department)).all()
    department = next(each for each in departments if each in handling)
    return department, handling[department]


def cases_of(town: Town, number: int, department: str = "") -> list[Case]:
    """Normal cases that are open: half of them the most urgent, half the newest."""
    c = queue.c
    wanted = select(c.case_id, c.number, c.department).where(c.closed_at.is_(None), c.confidentiality == "normal")
    if department:
        wanted = wanted.where(c.department == department)
    half = number // 2
    with reading(town.office.databases.views) as connection:
        urgent = connection.execute(wanted.order_by(c.due_sort, c.case_id).limit(half)).all()
        newest = connection.execute(wanted.order_by(c.received_at.desc(), c.case_id).limit(number - half)).all()
    return [Case(*row) for row in dict.fromkeys([tuple(row) for row in (*urgent, *newest)])]
