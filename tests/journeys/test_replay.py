"""Read anew by a better reader, which messages come back before an agent, and is nothing else touched, nothing sent?"""

import pytest
from click.testing import CliRunner

from gru.cli.mail import mail as command
from gru.domain import events as e
from gru.domain.case import OpenCase
from gru.domain.errors import NotNow
from gru.domain.message import PutAside, ReadAnew, TakeIn
from gru.domain.references import new_id
from gru.office.replay import Difference, Seen
from gru.storage.databases import reading
from gru.storage.people import Person
from projections import inbox
from tests.journeys.towns import ADDRESS, Journey, arrived_mail, environment_for, mail

SENDER = Person(name="Claire Aubry", email="claire.aubry@courriel.example")


def kept(journey: Journey, number: int, **facts: str) -> str:
    return journey.office.keep(arrived_mail(mail(message_id=f"<{number}@courriel.example>", **facts), journey.watch()))


def taken_in_before(journey: Journey, key: str, outcome: e.MessageOutcome, reason: str = "", case: str = "") -> None:
    """As the reader of those days made of it."""
    office = journey.office
    taken = TakeIn(
        message_id=key,
        source=ADDRESS,
        channel="email",
        outcome=outcome,
        received_at=office.now(),
        reason=reason,
        case=case,
    )
    office.desk.execute(taken, by="system:intake")
    office.archive.tick(key)
    journey.settle()


def opened_before(journey: Journey, key: str, text: str, person: Person = SENDER) -> str:
    """A case as that reader opened it; its id."""
    office, at = journey.office, journey.watch()
    case_id = new_id(at, bytes.fromhex(key))
    requester = office.archive.meet_person(person)
    office.archive.adopt(key, requester, case_id)
    office.desk.execute(
        OpenCase(
            case_id=case_id, number=office.work.next_number(2026), channel="email", site="EN-LIGNE", received_at=at,
            requester=requester, message=key, text=office.archive.write_text(text, person=requester, case=case_id),
        ),
        TakeIn(message_id=key, source=ADDRESS, channel="email", outcome="opened", received_at=at, case=case_id),
        by="system:intake",
    )  # fmt: skip
    office.archive.tick(key)
    journey.settle()
    return case_id


def looked(journey: Journey, outcome: e.MessageOutcome | None = None) -> list[Seen]:
    now = journey.watch()
    return list(journey.office.replay().look(now.replace(year=2025), now, outcome))


def differences(journey: Journey) -> list[Difference]:
    return [seen.difference for seen in looked(journey) if seen.difference]


def test_what_is_read_as_it_was_makes_no_difference(journey: Journey) -> None:
    journey.arrives(mail())
    journey.arrives(mail(subject="Re: [#2026-000001]", sender="x@ailleurs.example", message_id="<2@x.example>"))
    assert [(seen.erased, seen.difference) for seen in looked(journey)] == [(False, None)] * 2


def test_a_request_once_taken_for_a_list_comes_back_before_an_agent_and_nothing_is_sent(journey: Journey) -> None:
    key = kept(journey, 1)
    taken_in_before(journey, key, "set_aside", "list")
    head = journey.office.log.head()
    [found] = differences(journey)
    assert (found.key, found.was, found.now) == (key, "set_aside", "opened")
    assert journey.office.log.head() == head, "looking records nothing"

    replay = journey.office.replay()
    assert replay.apply(found)
    journey.settle()
    assert (replay.apply(found), differences(journey)[0].wish) == (False, None)
    with reading(journey.office.databases.views) as connection:
        [row] = inbox.page(connection)
    assert (row.message, row.outcome, row.reason, row.decided) == (key, "to_link", "read_anew", "")
    assert journey.sent() == []
    names = [recorded.event.NAME for recorded in journey.office.log.history(key)]
    assert names == ["message.taken_in", "message.read_anew"]

    case_id, _ = journey.office.intake.open(key, "agent:1")
    journey.settle()
    assert len(journey.sent()) == 1 and journey.office.desk.case(case_id) is not None


def test_a_case_keeps_what_it_was_given_and_the_difference_is_told_in_numbers(journey: Journey) -> None:
    key = kept(journey, 1)
    case_id = opened_before(journey, key, "Bonjour", Person(name="Autre", email="autre@courriel.example"))
    sent, version = len(journey.sent()), len(journey.office.log.history(case_id))
    [found] = differences(journey)
    assert (found.was, found.now, found.person, found.wish) == ("opened", "opened", True, None)
    assert found.text is not None and found.text[0] == len("Bonjour") < found.text[1]
    assert not journey.office.replay().apply(found)
    journey.settle()
    assert (len(journey.sent()), len(journey.office.log.history(case_id))) == (sent, version)


def test_what_an_agent_put_aside_stays_aside(journey: Journey) -> None:
    key = kept(journey, 1)
    taken_in_before(journey, key, "set_aside", "list")
    journey.office.desk.execute(PutAside(message_id=key, reason="advertising"), by="agent:1")
    [found] = differences(journey)
    assert found.wish is None
    with pytest.raises(NotNow):
        journey.office.desk.execute(ReadAnew(message_id=key, reason="read_anew"), by="system:replay")


def test_a_message_that_waits_for_an_agent_is_never_taken_away_from_him(journey: Journey) -> None:
    key = kept(journey, 1, Auto_Submitted="auto-replied")
    taken_in_before(journey, key, "to_link", "perhaps_automatic")
    [found] = differences(journey)
    assert (found.was, found.now, found.wish) == ("to_link", "automatic", None)


def test_what_was_erased_is_counted_and_not_read(journey: Journey) -> None:
    journey.office.archive.redact(journey.arrives(mail()))
    assert [(seen.erased, seen.difference) for seen in looked(journey)] == [(True, None)]


def test_one_outcome_can_be_asked_for(journey: Journey) -> None:
    taken_in_before(journey, kept(journey, 1), "set_aside", "list")
    journey.arrives(mail(message_id="<2@courriel.example>"))
    assert len(looked(journey)) == 2 and len(looked(journey, "set_aside")) == 1 and looked(journey, "bounce") == []


def test_the_command_shows_counts_and_a_list_and_records_only_when_told(journey: Journey) -> None:
    key = kept(journey, 1)
    taken_in_before(journey, key, "set_aside", "list")
    journey.arrives(mail(message_id="<2@courriel.example>"))
    settings = journey.office.settings
    environment = environment_for(settings.data, settings.database_url, settings.keys_database_url)

    def said(*words: str) -> list[str]:
        result = CliRunner().invoke(command, ["replay", *words], env=environment)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    row = f"{key}\t2026-03-02\tset_aside -> opened\tfor an agent"
    shown = [row, "read 2, the same 1, erased 0, outcome 1, person 0, text 0, attachments 0."]
    assert said() == [*shown, "Nothing was recorded. --apply would bring 1 before an agent."]
    assert said("--apply") == [*shown, "Brought before an agent: 1."]
    assert said("--apply", "--outcome", "set_aside")[-1] == "Brought before an agent: 0."
    assert said("--since", "2026-03-03")[0].startswith("read 0, ")
