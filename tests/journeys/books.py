"""Do the books balance? Every message one outcome, every case one receipt, every mail out under one Message-ID."""

import email
import email.policy
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from gru.domain import events as e
from gru.domain.references import reply_reference
from gru.office.proofreading import proofread
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from gru.storage.schema import messages
from tests.journeys.post import key_of
from tests.journeys.running import Running
from tests.servers import Outbox, Received

PAGE = 5_000


class Books(msgspec.Struct):
    """What the log says, by stream."""

    outcomes: dict[str, list[e.MessageTakenIn]]
    opened: dict[str, e.CaseOpened]
    numbers: dict[str, str]
    given: list[str]
    written: dict[str, list[str]]
    withheld: dict[str, int]
    sent: Counter[tuple[str, str]]
    failed: Counter[tuple[str, str]]


def open_books(town: Running) -> Books:
    books = Books({}, {}, {}, [], {}, {}, Counter(), Counter())
    after = 0
    while page := town.office.log.read(after, PAGE):
        for recorded in page:
            _enter(books, recorded)
        after = page[-1].position
    return books


def _enter(books: Books, recorded: e.Recorded) -> None:
    stream = recorded.stream_id
    match recorded.event:
        case e.MessageTakenIn() as taken:
            books.outcomes.setdefault(stream, []).append(taken)
        case e.CaseOpened() as opened:
            assert stream not in books.opened
            books.opened[stream] = opened
        case e.CaseRegistered(number=number):
            books.numbers[stream] = number
        case e.NumberGiven(number=number):
            books.given.append(number)
        case e.ReplyWritten(kind="receipt", reply_id=reply):
            books.written.setdefault(stream, []).append(reply)
        case e.ReplyWithheld(kind="receipt"):
            books.withheld[stream] = books.withheld.get(stream, 0) + 1
        case e.ReplySent(reply_id=reply):
            books.sent[stream, reply] += 1
        case e.DeliveryFailed(reply_id=reply, permanent=True):
            books.failed[stream, reply] += 1


def assert_balanced(town: Running, raws: Sequence[bytes], outbox: Outbox) -> Books:
    """Nothing lost, nothing doubled, whatever happened to the processes."""
    books = open_books(town)
    assert_each_message_has_one_outcome(town, books, raws)
    assert_each_case_is_of_one_message(books)
    assert_each_case_has_its_receipt(books)
    assert_each_receipt_left_under_one_message_id(town, books, outbox.messages)
    assert town.office.work.backlog().failed == 0
    assert proofread(town.office.log, town.office.archive).misfits == ()
    assert_projections_are_a_rebuild(town)
    verified = town.gru("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return books


def assert_each_message_has_one_outcome(town: Running, books: Books, raws: Sequence[bytes]) -> None:
    due = {key_of(town.office.settings.secret, raw) for raw in raws}
    assert len(due) == len(raws), "the mails of a test must differ"
    with reading(town.office.databases.archive) as connection:
        kept = connection.execute(select(messages.c.key, messages.c.ticked_at)).all()
    assert {row.key for row in kept} == due
    assert all(row.ticked_at for row in kept)
    assert {key: len(outcomes) for key, outcomes in books.outcomes.items()} == dict.fromkeys(due, 1)


def assert_each_case_is_of_one_message(books: Books) -> None:
    opened = {key: taken.case for key, [taken] in books.outcomes.items() if taken.outcome == "opened"}
    assert {opening.message: case for case, opening in books.opened.items()} == opened
    assert len(set(opened.values())) == len(opened)
    assert books.numbers.keys() == books.opened.keys()
    assert len(set(books.numbers.values())) == len(books.numbers)
    assert sorted(books.given) == sorted(books.numbers.values())


def assert_each_case_has_its_receipt(books: Books) -> None:
    addressed = {case for case, opening in books.opened.items() if opening.requester}
    assert addressed <= books.written.keys() | books.withheld.keys()
    assert not books.written.keys() & books.withheld.keys()
    assert all(len(replies) == 1 for replies in books.written.values())
    assert all(count == 1 for count in books.withheld.values())
    due = {(case, reply): 1 for case, replies in books.written.items() for reply in replies}
    assert books.sent + books.failed == due


def assert_each_receipt_left_under_one_message_id(town: Running, books: Books, received: Sequence[Received]) -> None:
    secret = town.office.settings.secret
    due = {reply_reference(secret, case, reply) for case, reply in books.sent}
    left = [(named.recipients[0], message_id_of(named)) for named in received]
    assert {id.split("@")[0] for _, id in left} == due
    assert len({recipient for recipient, _ in left}) == len(set(left)), "two receipts reached one resident"


def message_id_of(received: Received) -> str:
    return str(email.message_from_bytes(received.raw, policy=email.policy.default)["Message-ID"]).strip("<>")


def sent_again(outbox: Outbox) -> int:
    """How many mails left a second time, under the same Message-ID: the price of never losing one."""
    return len(outbox.messages) - len({message_id_of(received) for received in outbox.messages})


def numbers_left_out(books: Books) -> int:
    """Given to a case that was never opened: a worker was killed, or two took one message in at once."""
    return max(int(number[5:]) for number in books.given) - len(books.given)


def assert_projections_are_a_rebuild(town: Running) -> None:
    """Nothing runs any more; who ran may have written a last fact when the projector had already stopped."""
    for group in town.office.projector.groups:
        assert town.office.projector.catch_up(group, seconds=30)
    before = projected(town)
    rebuild(town.office.projector)
    assert town.office.projector.parked() == ()
    after = projected(town)
    for name, rows in before.items():
        differing = [(was, now) for was, now in zip(rows, after[name], strict=False) if was != now][:2]
        assert len(rows) == len(after[name]) and not differing, (name, len(rows), len(after[name]), differing)


def projected(town: Running) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection, in the order of its key."""
    tables = {name: projection.table for name, projection in town.office.projector.projections.items()}
    with reading(town.office.databases.views) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in tables.items()
        }
