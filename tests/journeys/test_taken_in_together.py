"""Do many messages taken in at once become what each would have become by itself?"""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from gru.channels.base import Incoming, RawMessage
from gru.channels.email.channel import EmailChannel, content_digest, external_id
from gru.domain import events as e
from gru.domain.case import Case
from tests.journeys.towns import ADDRESS, Journey, mail


def kept(journey: Journey, *mails: EmailMessage) -> list[str]:
    return [
        journey.office.keep(RawMessage("email", ADDRESS, external_id(raw), journey.watch(), content_digest(raw), raw))
        for raw in map(bytes, mails)
    ]


def cases(journey: Journey) -> list[Case]:
    opened = [r.stream_id for r in journey.office.log.read(0, 1000, [e.CaseOpened.NAME])]
    found = [journey.office.desk.case(case_id) for case_id in opened]
    return [case for case in found if case is not None]


def several() -> list[EmailMessage]:
    senders = ("Claire Aubry <claire@courriel.example>", "Paul Viel <paul@courriel.example>")
    return [
        mail(sender, f"Demande {number}", message_id=f"<m{number}@courriel.example>")
        for number, sender in enumerate((*senders, *senders))
    ]


def test_each_opens_a_case_of_its_own_and_one_sender_is_one_person(journey: Journey) -> None:
    keys = kept(journey, *several())
    assert journey.office.intake.take_in(*keys) == dict.fromkeys(keys, "opened")
    assert [case.number for case in cases(journey)] == [f"2026-{number:06}" for number in range(1, 5)]
    first, second, third, fourth = (case.requester for case in cases(journey))
    assert (first, second) == (third, fourth) and first != second
    assert journey.office.archive.pending() == []


def test_what_a_stopped_clock_dates_before_any_number_is_received_now(journey: Journey) -> None:
    raw = bytes(mail())
    epoch, before = datetime(1970, 1, 1, tzinfo=UTC), journey.watch()
    key = journey.office.keep(RawMessage("email", ADDRESS, external_id(raw), epoch, content_digest(raw), raw))
    assert journey.office.intake.take_in(key) == {key: "opened"}
    [case] = cases(journey)
    assert case.number == "2026-000001"
    assert before < case.received_at < journey.watch()


def test_it_costs_a_few_saves_however_many_they_are(journey: Journey) -> None:
    keys = kept(journey, *several())
    before = journey.office.log.head()
    journey.office.intake.take_in(*keys)
    recorded = journey.office.log.read(before, 1000)
    assert len({r.at for r in recorded}) == 1


def test_taken_in_again_nothing_changes(journey: Journey) -> None:
    keys = kept(journey, *several())
    journey.office.intake.take_in(*keys[:2])
    journey.office.intake.take_in(*keys)
    head = journey.office.log.head()
    assert journey.office.intake.take_in(*keys) == dict.fromkeys(keys, "opened")
    assert journey.office.log.head() == head
    assert len(cases(journey)) == 4


def test_an_answer_to_one_of_them_joins_the_case_that_one_opened(journey: Journey) -> None:
    journey.watch.pass_(hours=1)
    proven = "mx.val-des-tilleuls.example; dmarc=pass header.from=courriel.example"
    asks = mail(Authentication_Results=proven)
    adds = mail(
        subject="Re: Nid-de-poule", text="J’oubliais : devant le portail.", message_id="<m2@courriel.example>",
        In_Reply_To="<m1@courriel.example>", References="<m1@courriel.example>", Authentication_Results=proven,
    )  # fmt: skip
    first, second = kept(journey, asks, adds)
    assert journey.office.intake.take_in(second, first) == {first: "opened", second: "joined"}
    [case] = cases(journey)
    assert set(case.messages) == {first, second}


def test_one_that_cannot_be_read_keeps_none_of_the_others_back(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = kept(journey, *several())
    parse = EmailChannel.parse

    def stumbles(channel: EmailChannel, message: RawMessage) -> Incoming:
        if b"Demande 2" in message.raw:
            raise RuntimeError("a fault of ours")
        return parse(channel, message)

    monkeypatch.setattr(EmailChannel, "parse", stumbles)
    journey.office.intake.attempt(*keys)
    assert len(cases(journey)) == 3
    assert journey.office.archive.pending() == [keys[2]]
    monkeypatch.undo()
    journey.office.intake.attempt(keys[2])
    assert len(cases(journey)) == 4
