"""Is a provider that wants rest left alone, by all processes, with no mail lost, doubled or overtaken?"""

import pytest

from gru.channels.base import ChannelBroken, FullMailbox, Paused, TryLater, Undeliverable
from gru.channels.email.smtp import Limited, SmtpTransport
from gru.office.way_out import PART, WayOut
from gru.storage.work import Sign
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey
from tests.servers import Outbox

SENDER, READER, OTHER = "demande@ville.example", "jeanne@courriel.example", "paul@courriel.example"
MAIL = b"Subject: Votre demande\r\n\r\nBonjour.\r\n"
LIMITS = ["421 4.7.0 slow down", "450 4.7.1 rate", "451 4.7.500 busy", "452 4.7.0 quota", "454 4.7.0 later"]


def way_out(journey: Journey, server: Outbox) -> WayOut:
    return WayOut(SmtpTransport(f"smtp://{server.host}:{server.port}"), journey.office.work, journey.watch)


def send(out: WayOut, to: str = READER) -> None:
    out.send(SENDER, to, MAIL)


@pytest.mark.parametrize(
    ("answer", "at"), [*((answer, "RCPT") for answer in LIMITS), (LIMITS[0], "MAIL"), (LIMITS[2], "DATA")]
)
def test_a_provider_that_says_slower_is_left_alone_by_all(
    journey: Journey, smtp_server: Outbox, answer: str, at: str
) -> None:
    smtp_server.refuse(answer, at=at)
    with pytest.raises(Limited):
        send(way_out(journey, smtp_server))
    smtp_server.accept()
    with pytest.raises(Paused) as caught:
        send(way_out(journey, smtp_server), OTHER)
    assert seconds_left(journey, caught.value) == 60
    assert smtp_server.messages == []
    journey.watch.pass_(seconds=61)
    send(way_out(journey, smtp_server), OTHER)
    send(way_out(journey, smtp_server))
    assert [each.recipients for each in smtp_server.messages] == [(OTHER,), (READER,)]


def test_it_rests_longer_each_time_and_never_longer_than_an_hour(journey: Journey, smtp_server: Outbox) -> None:
    smtp_server.refuse("451 4.7.0 rate limit", at="MAIL")
    out, pauses = way_out(journey, smtp_server), []
    for _ in range(9):
        with pytest.raises(Limited):
            send(out)
        with pytest.raises(Paused) as caught:
            send(out)
        pauses.append(seconds_left(journey, caught.value))
        journey.watch.pass_(seconds=pauses[-1] + 1)
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    smtp_server.accept()
    send(out)
    smtp_server.refuse("451 4.7.0 rate limit", at="MAIL")
    with pytest.raises(Limited):
        send(out)
    with pytest.raises(Paused) as caught:
        send(out)
    assert seconds_left(journey, caught.value) == 60


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted, come back", "450 4.2.0 busy", "452 4.3.1 no room"])
def test_a_reader_whose_server_wants_patience_holds_up_nobody(
    journey: Journey, smtp_server: Outbox, answer: str
) -> None:
    smtp_server.refuse(answer, only=READER)
    out = way_out(journey, smtp_server)
    with pytest.raises(TryLater):
        send(out)
    send(out, OTHER)
    assert len(smtp_server.messages) == 1


def test_what_stands_in_the_way_is_signed_and_so_is_its_end(journey: Journey, smtp_server: Outbox) -> None:
    smtp_server.refuse("535 5.7.8 bad login", at="MAIL")
    out = way_out(journey, smtp_server)
    with pytest.raises(ChannelBroken):
        send(out)
    assert sign(journey).is_failing and "535" in sign(journey).failure
    assert 'gru_part_failing{part="outgoing:email"} 1.0' in journey.office.vitals.metrics().decode()
    smtp_server.accept()
    journey.watch.pass_(seconds=1)
    send(out)
    assert not sign(journey).is_failing


def test_a_mail_server_that_is_away_is_signed(journey: Journey) -> None:
    out = WayOut(SmtpTransport("smtp://127.0.0.1:1"), journey.office.work, journey.watch)
    with pytest.raises(TryLater):
        send(out)
    assert sign(journey).is_failing


def test_a_reader_who_cannot_be_written_to_is_no_alarm(journey: Journey, smtp_server: Outbox) -> None:
    out = way_out(journey, smtp_server)
    for answer, how in (("550 5.1.1 unknown", Undeliverable), ("452 4.2.2 full", FullMailbox)):
        smtp_server.refuse(answer)
        with pytest.raises(how):
            send(out)
    assert not sign(journey).is_failing


def test_the_silence_of_a_way_out_is_no_figure(journey: Journey, smtp_server: Outbox) -> None:
    send(way_out(journey, smtp_server))
    assert 'gru_part_silence_seconds{part="outgoing' not in journey.office.vitals.metrics().decode()


def seconds_left(journey: Journey, pause: Paused) -> int:
    return round((pause.until - journey.watch()).total_seconds())


def sign(journey: Journey) -> Sign:
    [found] = [one for one in journey.office.work.signs() if one.name == PART]
    return found
