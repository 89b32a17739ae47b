"""How does a town with a Facebook page live in a test? With an invented Graph API whose webhooks come when told to."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from gru.channels.facebook.items import read_item
from gru.channels.facebook.signature import sign
from gru.demo.graph import APP, PAGE, TOKEN, VERIFY, FakeGraph
from gru.demo.graph_server import GraphServer, serving
from gru.domain import events as e
from gru.domain.case import Case
from gru.storage.databases import reading
from gru.storage.schema import messages
from tests.journeys.towns import Journey, open_journey, settings_for
from tests.web.pages import pages_of

SECRET = "secret-de-test-non-utilise"


@dataclass
class PageTown:
    """A town, its pages, and the invented Facebook. `webhooks` are what Facebook sent and nobody delivered yet."""

    journey: Journey
    graph: FakeGraph
    server: GraphServer
    client: FlaskClient
    webhooks: list[bytes] = field(default_factory=list)

    def post(self, body: bytes, signature: str = "") -> int:
        """As Meta delivers it; the status it was answered with."""
        headers = {"X-Hub-Signature-256": signature or sign(SECRET, body), "Content-Type": "application/json"}
        return self.client.post("/facebook/webhook", data=body, headers=headers).status_code

    def deliver(self, bodies: Sequence[bytes] | None = None) -> None:
        """What Facebook has to say arrives and is worked on, until neither side has more to say."""
        waiting = list(bodies) if bodies is not None else self._taken()
        while waiting:
            for body in waiting:
                assert self.post(body) == 200
            self.work()
            waiting = self._taken()

    def work(self) -> None:
        office = self.journey.office
        for _ in range(9):
            pending = office.archive.pending(5000, self.journey.watch())
            for start in range(0, len(pending), 20):
                office.intake.attempt(*pending[start : start + 20])
            if not office.archive.pending(1):
                break
            self.journey.watch.pass_(seconds=200)
        self.journey.settle()

    def _taken(self) -> list[bytes]:
        taken, self.webhooks[:] = list(self.webhooks), []
        return taken

    # --- what became of it -------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, tuple[str, str]]:
        """By what each kept message is: what became of it in the end, and why."""
        office = self.journey.office
        with reading(office.databases.archive) as connection:
            keys = list(connection.scalars(select(messages.c.key)))
        found = {}
        for key in keys:
            kept = office.archive.kept(key)
            assert kept is not None and kept.raw is not None
            item = read_item(kept.raw)
            history = [recorded.event for recorded in office.log.history(key)]
            assert len([one for one in history if isinstance(one, e.MessageTakenIn)]) == 1
            first = history[0]
            assert isinstance(first, e.MessageTakenIn)
            linked = any(isinstance(one, e.MessageLinked) for one in history)
            said = item.value if item is not None else kept.raw
            found[str(said)] = ("joined" if linked else first.outcome, first.reason)
        return found

    def cases(self) -> list[Case]:
        found = []
        for recorded in self.journey.office.log.read(0, 100_000):
            if isinstance(recorded.event, e.CaseOpened):
                case = self.journey.office.desk.case(recorded.stream_id)
                assert case is not None
                found.append(case)
        return sorted(found, key=lambda case: case.id)

    def events(self, case: Case, *kinds: type[e.Event]) -> list[e.Event]:
        history = self.journey.office.log.history(case.id)
        return [recorded.event for recorded in history if isinstance(recorded.event, kinds)]

    def words(self, ref: e.TextRef | None) -> str:
        assert ref is not None
        return self.journey.office.archive.texts([ref.id])[ref.id] or ""


@contextmanager
def page_town(data: Path, database: str = "", keys: str = "") -> Iterator[PageTown]:
    """Of a town that was founded in `data`, or in these databases."""
    webhooks: list[bytes] = []
    graph = FakeGraph(secret=SECRET, deliver=lambda body, _: webhooks.append(body))
    with serving(graph) as server:
        settings = settings_for(
            data,
            database,
            keys,
            GRU_FACEBOOK_PAGES=f"{PAGE}:{TOKEN}",
            GRU_FACEBOOK_APP_ID=APP,
            GRU_FACEBOOK_APP_SECRET=SECRET,
            GRU_FACEBOOK_VERIFY_TOKEN=VERIFY,
            GRU_FACEBOOK_GRAPH_URL=server.url,
        )
        with open_journey(settings) as journey:
            graph._now = journey.watch
            yield PageTown(journey, graph, server, pages_of(journey.office).test_client(), webhooks)


def copied(town: Path, to: Path) -> Path:
    shutil.copytree(town, to)
    return to
