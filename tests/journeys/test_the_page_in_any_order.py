"""Do duplicates, disorder, cuts and batches of a page's webhooks change nothing?"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gru.channels.facebook.media import MediaCopier
from gru.domain import events as e
from tests.channels.played_hosts import JPEG, Hosts, session_with
from tests.journeys.pages import PageTown, copied, page_town
from tests.servers.recycled import Recycled

AFTERWARDS = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Bodies = list[bytes]


@contextmanager
def in_november(town: PageTown) -> Iterator[PageTown]:
    """The corpus is of November 2026; its pictures are there."""
    hosts = Hosts()
    hosts.others = (200, JPEG, {})
    town.journey.office.media.copiers["facebook"] = MediaCopier(session_with(hosts))
    town.journey.watch.at = AFTERWARDS
    yield town


@contextmanager
def new_town(sqlite_town: Path) -> Iterator[PageTown]:
    with (
        tempfile.TemporaryDirectory() as folder,
        page_town(copied(sqlite_town, Path(folder) / "town")) as town,
        in_november(town),
    ):
        yield town


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PageTown]:
    if request.param == "sqlite":
        with new_town(request.getfixturevalue("sqlite_town")) as opened:
            yield opened
        return
    pair: Recycled = request.getfixturevalue("postgresql_town")
    with page_town(tmp_path, *pair.as_made()) as opened, in_november(opened):
        yield opened


@pytest.fixture(scope="module")
def bodies(corpus: Path) -> Bodies:
    return [path.read_bytes() for path in sorted((corpus / "facebook").glob("*.json"))]


def result(town: PageTown) -> dict[str, Any]:
    """What came of it all, without the ids and times that differ from town to town."""
    return {"outcomes": town.outcomes(), "cases": Counter(repr(told(town, case)) for case in town.cases())}


def told(town: PageTown, case: Any) -> dict[str, Any]:
    heard = town.events(case, e.CaseOpened, e.MessageReceived)
    said = town.events(case, e.ReplyWritten)
    changed = town.events(case, e.MessageEdited)
    return {
        "words": [town.words(one.text) for one in heard],
        "files": [len(one.files) for one in heard],
        "received": [one.received_at.isoformat() for one in heard],
        "answers": [(town.words(one.text), one.human, one.elsewhere) for one in said],
        "edits": sorted(town.words(one.text) for one in changed),
        "removals": len(town.events(case, e.MessageRemoved)),
        "status": case.status,
    }


@pytest.fixture(scope="module")
def told_once(sqlite_town: Path, bodies: Bodies) -> dict[str, Any]:
    """What comes of the whole corpus, each payload delivered once and in its order."""
    with new_town(sqlite_town) as town:
        for body in bodies:
            town.deliver([body])
        return result(town)


def test_the_corpus_tells_what_was_expected(told_once: dict[str, Any]) -> None:
    kinds = Counter(outcome for outcome in told_once["outcomes"].values())
    assert kinds == {
        ("opened", ""): 3,  # the post, and two conversations
        ("to_link", "comment"): 3,
        ("joined", "answer"): 1,  # typed in Meta's inbox
        ("joined", "edited"): 1,  # the words about the crèche
        ("noted", "edited"): 1,
        ("noted", "removed"): 2,  # of a comment nobody opened, and of a sticker
        ("noted", "answer"): 1,  # under a comment nobody opened
        ("noted", "own"): 1,
        ("noted", "sticker"): 1,
        ("noted", "postback"): 1,
        ("noted", "delivery"): 1,
        ("noted", "read"): 1,
        ("noted", "reaction"): 1,
    }
    answered = [case for case in told_once["cases"] if "M. le maire" in case]
    assert len(answered) == 1 and "'edits': [\"Bonjour c'est pour la place de ma fille" in answered[0]
    assert any("amiante" in case and "'files': [2]" in case for case in told_once["cases"])


def test_every_payload_doubled_tells_the_same(town: PageTown, bodies: Bodies, told_once: dict[str, Any]) -> None:
    for body in bodies:
        town.deliver([body, body])
    for body in bodies:
        town.deliver([body])
    assert result(town) == told_once


def test_all_payloads_reversed_tell_the_same(town: PageTown, bodies: Bodies, told_once: dict[str, Any]) -> None:
    for body in reversed(bodies):
        town.deliver([backwards(body)])
    assert result(town) == told_once


def test_every_payload_cut_tells_the_same(town: PageTown, bodies: Bodies, told_once: dict[str, Any]) -> None:
    """Cut into its items, and cut off: what is cut off is refused and comes again whole."""
    for body in bodies:
        assert town.post(body[: len(body) // 2], "sha256=" + "0" * 64) == 403
        for piece in pieces(body):
            town.deliver([piece])
    assert result(town) == told_once


def test_all_payloads_in_one_batch_tell_the_same(town: PageTown, bodies: Bodies, told_once: dict[str, Any]) -> None:
    town.deliver([together([piece for body in bodies for piece in pieces(body)])])
    assert result(town) == told_once


@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_any_doubling_any_batches_tell_the_same(
    sqlite_town: Path, bodies: Bodies, told_once: dict[str, Any], data: st.DataObject
) -> None:
    items = [piece for body in bodies for piece in pieces(body)]
    more = data.draw(st.lists(st.sampled_from(items), max_size=12))
    waiting = data.draw(st.permutations([*items, *more]))
    with new_town(sqlite_town) as town:
        while waiting:
            size = data.draw(st.integers(1, len(waiting)))
            town.deliver([together(waiting[:size])])
            waiting = waiting[size:]
        assert result(town) == told_once


def test_a_thousand_updates_are_kept_within_two_seconds_and_again_change_nothing(town: PageTown) -> None:
    batch = together([comment(number) for number in range(1000)])
    began = time.monotonic()
    assert town.post(batch) == 200
    assert time.monotonic() - began < 2
    pending = town.journey.office.archive.pending(5000)
    assert len(pending) == 1000
    assert town.post(batch) == 200
    assert town.journey.office.archive.pending(5000) == pending


def test_nothing_is_answered_before_it_is_kept(town: PageTown, bodies: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(town.journey.office.archive, "keep_all", fails)
    assert town.post(bodies[0]) == 500


# --- webhooks cut and put together ---------------------------------------------------------------------------------


def pieces(body: bytes) -> Bodies:
    """Each item in a body of its own."""
    envelope = json.loads(body)
    return [
        json.dumps({"object": "page", "entry": [{"id": entry["id"], "time": entry["time"], kind: [item]}]}).encode()
        for entry in envelope["entry"]
        for kind in ("changes", "messaging")
        for item in entry.get(kind, ())
    ]


def together(bodies: Bodies) -> bytes:
    return json.dumps({"object": "page", "entry": [e for body in bodies for e in json.loads(body)["entry"]]}).encode()


def backwards(body: bytes) -> bytes:
    return together(list(reversed(pieces(body))))


def comment(number: int) -> bytes:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": f"900_{number}",
        "post_id": "100200300400500_900",
        "parent_id": "100200300400500_900",
        "from": {"id": str(number), "name": "Nadia Fictive"},
        "created_time": 1794899133 + number,
        "message": f"Un mot, {number}",
    }
    entry = {"id": "100200300400500", "time": 1794899134, "changes": [{"field": "feed", "value": value}]}
    return json.dumps({"object": "page", "entry": [entry]}).encode()
