"""Is it known whether a reply on Messenger reached its reader, what he is called, and whether the token still holds?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gru.channels.base import ChannelBroken
from gru.demo.graph import PAGE, Answer, error
from gru.domain import case as c
from gru.domain import events as e
from tests.journeys.pages import PageTown, copied, page_town

NADIA = "Nadia Fictive"


@pytest.fixture
def town(sqlite_town: Path, tmp_path: Path) -> Iterator[PageTown]:
    with page_town(copied(sqlite_town, tmp_path / "town")) as opened:
        yield opened


def written(town: PageTown, name: str = NADIA) -> c.Case:
    town.graph.write(name, "Ma poubelle n’a pas été vidée.")
    town.deliver()
    [case] = town.cases()
    return case


def answer(town: PageTown, case: c.Case, number: int = 1) -> str:
    office, reply_id = town.journey.office, f"{number:032x}"
    ref = office.archive.write_text(f"Réponse {number}.", person=case.requester, case=case.id)
    reply = c.WriteReply(case_id=case.id, reply_id=reply_id, kind="answer", channel="facebook", text=ref)
    office.desk.execute(reply, by="agent:1")
    town.journey.settle()
    town.deliver()
    return reply_id


def reached(town: PageTown, case: c.Case) -> list[tuple[tuple[str, ...], bool]]:
    found = town.events(case, e.ReplyReached)
    return [(one.reply_ids[-1:], one.read) for one in found if isinstance(one, e.ReplyReached)]


# --- delivered, read -----------------------------------------------------------------------------------------------


def test_a_reply_is_delivered_then_read_and_each_is_said_once(town: PageTown) -> None:
    case = written(town)
    reply = answer(town, case)
    for _ in range(2):
        town.graph.receives(NADIA)
        town.deliver()
    for _ in range(2):
        town.graph.reads(NADIA)
        town.deliver()
    assert reached(town, case) == [((reply,), False), ((reply,), True)]


def test_what_is_read_first_is_not_delivered_afterwards(town: PageTown) -> None:
    case = written(town)
    reply = answer(town, case)
    town.graph.receives(NADIA)
    town.graph.reads(NADIA)
    town.webhooks.reverse()
    town.deliver()
    assert reached(town, case) == [((reply,), True)]


def test_a_reply_written_after_what_was_read_is_not_read(town: PageTown) -> None:
    case = written(town)
    first = answer(town, case)
    town.graph.reads(NADIA)
    town.journey.watch.pass_(minutes=5)
    answer(town, case, 2)
    town.deliver()
    assert reached(town, case)[-1] == ((first,), True)


def test_somebody_else_who_reads_says_nothing_of_this_case(town: PageTown) -> None:
    case = written(town)
    answer(town, case)
    town.graph.reads("Marcel Exemple")
    town.deliver()
    assert reached(town, case) == []


def test_a_reading_never_changes_where_the_case_stands(town: PageTown) -> None:
    case = written(town)
    answer(town, case)
    before = town.cases()[0].status
    town.graph.reads(NADIA)
    town.deliver()
    assert town.cases()[0].status == before


@pytest.mark.parametrize("watermark", ["", "demain", -1, 10**30, None, [], "9" * 40])
def test_a_watermark_nobody_can_read_stops_nothing(town: PageTown, watermark: object) -> None:
    case = written(town)
    answer(town, case)
    event = {"sender": {"id": town.graph.id_of(NADIA)}, "recipient": {"id": PAGE}, "timestamp": 1772442000000}
    town.graph._tell({"id": PAGE, "time": 1772442000000, "messaging": [{**event, "read": {"watermark": watermark}}]})
    town.deliver()
    assert len(town.cases()) == 1


# --- what he is called ---------------------------------------------------------------------------------------------


def name_of(town: PageTown, case: c.Case) -> str:
    person = town.journey.office.archive.people([case.requester])[case.requester]
    return person.name if person else ""


def profile_calls(town: PageTown) -> int:
    return sum(path == town.graph.id_of(NADIA) for method, path, _ in town.graph.calls if method == "GET")


def test_who_writes_in_private_has_his_name_which_was_asked_once(town: PageTown) -> None:
    case = written(town)
    assert name_of(town, case) == NADIA
    town.graph.write(NADIA, "Et toujours rien.")
    town.deliver()
    assert profile_calls(town) == 1


def test_a_name_goes_with_the_person(town: PageTown) -> None:
    case = written(town)
    office = town.journey.office
    office.erasure.erase(case.requester, by="agent:1")
    assert office.archive.people([case.requester])[case.requester] is None


def test_meta_that_tells_no_name_holds_up_no_message(town: PageTown) -> None:
    town.graph.says = error(400, 100, 2018218)
    case = written(town)
    assert name_of(town, case) == ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"first_name": "Nadia", "last_name": "Fictive"}, "Nadia Fictive"),
        ({"name": "  Nadia\n\x00 Fictive "}, "Nadia Fictive"),
        ({"name": 7}, ""),
        ({"name": "x" * 5000}, "x" * 100),
    ],
)
def test_a_name_is_one_line_whatever_comes(town: PageTown, said: dict[str, object], name: str) -> None:
    town.graph.profiles = {town.graph.id_of(NADIA): said}
    assert name_of(town, written(town)) == name


# --- the token, and what nobody signed -----------------------------------------------------------------------------


def test_the_check_asks_whose_token_it_is(town: PageTown) -> None:
    [source] = town.journey.office.sources()
    source.check()
    town.graph.says = error(400, 190)
    with pytest.raises(ChannelBroken, match="no longer accepts the page's token"):
        source.check()


def test_a_token_of_another_page_is_a_fault(town: PageTown) -> None:
    town.graph.says = Answer(200, {"id": "999"})
    [source] = town.journey.office.sources()
    with pytest.raises(ChannelBroken, match="not this page's"):
        source.check()


def test_what_meta_did_not_sign_is_counted_on_the_metrics(town: PageTown) -> None:
    for _ in range(3):
        refused = town.client.post("/facebook/webhook", data=b"{}", headers={"X-Hub-Signature-256": "sha256=0"})
        assert refused.status_code == 403
    assert "gru_facebook_unsigned 3.0" in town.client.get("/metrics").text
