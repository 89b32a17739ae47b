"""What must every channel and every source of messages do? Their tests subclass these, and add their own."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gru.channels.base import (
    Channel,
    ChannelBroken,
    Fetched,
    Incoming,
    Outgoing,
    RawMessage,
    Source,
    TryLater,
    Undeliverable,
)
from tests.examples import examples

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MACHINES = ("", "automatic", "list", "hint", "own", "loop")
INHERITED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
CODE = re.compile(r"[a-z][a-z0-9_]*")


class Counterpart(Protocol):
    """A channel, and the real or played other side of it."""

    channel: Channel
    inbound: Sequence[bytes]
    """Messages as the other side gives them, of every kind there is."""

    def outgoing(self) -> Outgoing: ...

    def arrived(self) -> list[str]:
        """By what each message that arrived is known over there, the same for one that was sent twice."""
        ...

    def is_busy(self) -> None:
        """From now on it says: later."""
        ...

    def refuses(self) -> None:
        """From now on it says no to this message, for good."""
        ...

    def hangs_up(self) -> None: ...

    def refuses_us(self) -> None:
        """From now on it takes nothing from this town: a wrong password, say."""
        ...


class Reading(Protocol):
    """A channel words come in by, and messages of every kind it may be given."""

    channel: Channel
    inbound: Sequence[bytes]


class ReadingContract:
    """What a door must do by which words only come in. A subclass gives the fixture `counterpart`."""

    def test_what_comes_in_is_read_and_says_who_wrote_it(self, counterpart: Reading) -> None:
        for raw in counterpart.inbound:
            assert_readable(counterpart.channel, raw)

    @given(raw=st.binary(max_size=3000))
    @settings(max_examples=examples(60), suppress_health_check=INHERITED)
    def test_no_bytes_stop_the_reader(self, counterpart: Reading, raw: bytes) -> None:
        assert_readable(counterpart.channel, raw)

    @given(data=st.data())
    @settings(max_examples=examples(60), suppress_health_check=INHERITED)
    def test_no_damaged_message_stops_the_reader(self, counterpart: Reading, data: st.DataObject) -> None:
        raw = bytearray(data.draw(st.sampled_from(list(counterpart.inbound))))
        for _ in range(data.draw(st.integers(1, 8))):
            at = data.draw(st.integers(0, len(raw)))
            raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
        assert_readable(counterpart.channel, bytes(raw))


class ChannelContract(ReadingContract):
    """What a channel must do. A subclass gives the fixture `counterpart`."""

    def test_the_other_side_takes_a_reply_and_we_know_when(self, counterpart: Counterpart) -> None:
        at = counterpart.channel.send(counterpart.outgoing())
        assert at.utcoffset() == UTC.utcoffset(None)
        assert len(counterpart.arrived()) == 1

    def test_a_reply_sent_twice_is_seen_to_be_one(self, counterpart: Counterpart) -> None:
        for _ in range(2):
            counterpart.channel.send(counterpart.outgoing())
        assert len(set(counterpart.arrived())) == 1

    def test_a_busy_other_side_is_tried_later(self, counterpart: Counterpart) -> None:
        counterpart.is_busy()
        refused(counterpart, TryLater)

    def test_a_line_that_breaks_is_tried_later(self, counterpart: Counterpart) -> None:
        counterpart.hangs_up()
        refused(counterpart, TryLater)

    def test_a_no_for_good_comes_with_a_code(self, counterpart: Counterpart) -> None:
        counterpart.refuses()
        error = refused(counterpart, Undeliverable)
        assert isinstance(error, Undeliverable) and CODE.fullmatch(error.reason)

    def test_a_refusal_of_the_town_itself_calls_an_operator(self, counterpart: Counterpart) -> None:
        counterpart.refuses_us()
        refused(counterpart, ChannelBroken)


def assert_readable(channel: Channel, raw: bytes) -> Incoming:
    message = RawMessage(channel.code, "mairie@ville.example", "", MOMENT, b"", raw)
    incoming = channel.parse(message)
    assert incoming == channel.parse(message)
    assert incoming.machine in MACHINES
    assert all(isinstance(defect, str) and defect for defect in incoming.defects)
    return incoming


def refused(counterpart: Counterpart, how: type[Exception]) -> Exception:
    """Nothing arrived, and the sentence an operator reads names neither the reader nor the words."""
    outgoing = counterpart.outgoing()
    with pytest.raises(how) as caught:
        counterpart.channel.send(outgoing)
    sentence = str(caught.value)
    assert sentence and outgoing.address not in sentence and outgoing.subject not in sentence
    assert counterpart.arrived() == []
    return caught.value


# --- sources -------------------------------------------------------------------------------------------------------


class Place(Protocol):
    """Where messages wait, as those see it who bring them."""

    def open(self) -> Source:
        """Each call gives another source, as after a restart."""
        ...

    def bring(self, number: int) -> None:
        """A message arrives whose words contain `message <number>`."""
        ...

    def take_away(self, number: int) -> None:
        """A person takes that message out."""
        ...


class SourceContract:
    """A subclass gives the fixture `place`, empty."""

    def test_what_waits_is_fetched_oldest_first(self, place: Place) -> None:
        bring(place, 1, 2, 3)
        assert numbers(list(place.open().fetch())) == [1, 2, 3]

    def test_a_message_says_where_and_when_it_came(self, place: Place) -> None:
        bring(place, 1)
        source = place.open()
        [fetched] = source.fetch()
        message = fetched.message
        assert message.source and message.external_id and len(message.content_digest) == 32
        assert message.received_at.utcoffset() == UTC.utcoffset(None)
        assert source.trouble == ""

    def test_what_is_not_settled_comes_again_the_same(self, place: Place) -> None:
        bring(place, 1, 2)
        first = [fetched.message for fetched in place.open().fetch()]
        assert [fetched.message for fetched in place.open().fetch()] == first

    def test_what_is_settled_does_not_come_again(self, place: Place) -> None:
        bring(place, 1, 2)
        source = place.open()
        settle(source)
        assert list(source.fetch()) == []
        bring(place, 3)
        assert numbers(list(place.open().fetch())) == [3]

    def test_one_left_unsettled_comes_again_though_later_ones_were_settled(self, place: Place) -> None:
        bring(place, 1, 2, 3)
        source = place.open()
        for fetched in source.fetch():
            if number_of(fetched) != 1:
                fetched.settle()
        assert numbers(list(source.fetch())) == [1]
        assert 1 in numbers(list(place.open().fetch()))

    def test_a_message_taken_away_before_its_turn_is_skipped(self, place: Place) -> None:
        bring(place, 1, 2)
        place.take_away(1)
        assert numbers(list(place.open().fetch())) == [2]

    def test_a_message_taken_away_before_it_is_settled_is_nobodys_fault(self, place: Place) -> None:
        bring(place, 1, 2)
        source = place.open()
        for fetched in source.fetch():
            if number_of(fetched) == 1:
                place.take_away(1)
            fetched.settle()
        assert list(source.fetch()) == []

    def test_waiting_ends_soon_after_a_message_comes(self, place: Place) -> None:
        source = place.open()
        settle(source)
        with soon(lambda: bring(place, 1)):
            seconds = timed(lambda: source.wait(20))
        assert seconds < 4
        assert numbers(list(source.fetch())) == [1]

    def test_a_message_that_came_just_before_waiting_is_not_waited_for(self, place: Place) -> None:
        source = place.open()
        settle(source)
        bring(place, 1)
        assert timed(lambda: source.wait(20)) < 4

    def test_waiting_lasts_as_long_as_was_asked(self, place: Place) -> None:
        source = place.open()
        settle(source)
        assert 1 < timed(lambda: source.wait(1.5)) < 4

    def test_a_message_that_stays_unsettled_does_not_end_the_waiting_at_once(self, place: Place) -> None:
        bring(place, 1)
        source = place.open()
        list(source.fetch())
        assert timed(lambda: source.wait(1.5)) > 1

    def test_waiting_ends_when_told_to_stop(self, place: Place) -> None:
        source = place.open()
        settle(source)
        began = time.monotonic()
        assert timed(lambda: source.wait(20, lambda: time.monotonic() > began + 0.5)) < 4

    def test_a_closed_source_may_be_used_again(self, place: Place) -> None:
        source = place.open()
        settle(source)
        source.close()
        source.close()
        bring(place, 1)
        assert numbers(list(source.fetch())) == [1]

    def test_a_source_is_called_the_same_after_a_restart(self, place: Place) -> None:
        assert place.open().name == place.open().name


def bring(place: Place, *which: int) -> None:
    for number in which:
        place.bring(number)


def settle(source: Source) -> None:
    for fetched in source.fetch():
        fetched.settle()


def numbers(fetched: Sequence[Fetched]) -> list[int]:
    return [number_of(each) for each in fetched]


def number_of(fetched: Fetched) -> int:
    found = re.search(rb"message (\d+)", fetched.message.raw)
    assert found
    return int(found[1])


def timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


@contextmanager
def soon(act: Callable[[], object], seconds: float = 0.7) -> Iterator[None]:
    """Meanwhile, by somebody else; done when the block ends."""
    timer = threading.Timer(seconds, act)
    timer.start()
    yield
    timer.join()
