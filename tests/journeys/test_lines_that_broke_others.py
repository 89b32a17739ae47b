"""Does each kind of mail that once broke other software find its place here? (the rest: docs/mail-lines.md)"""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.domain import events as e
from gru.domain.case import CloseCase, MergeCases, QualifyCase
from tests.journeys.test_a_mail_becomes_a_case import report, return_address, the_case, the_outcome
from tests.journeys.towns import ADDRESS, Journey, mail

TOWN = "val-des-tilleuls.example"


def without_id(text: str) -> bytes:
    made = mail(text=text)
    del made["Message-ID"]
    return bytes(made)


def into(journey: Journey, source: str, made: EmailMessage) -> str:
    """The same as `arrives`, in another mailbox of the town."""
    raw = bytes(made)
    key = journey.office.keep(RawMessage("email", source, external_id(raw), journey.watch(), content_digest(raw), raw))
    journey.office.intake.attempt(key)
    journey.settle()
    return key


def test_without_a_message_id_the_same_mail_is_one_and_another_is_another(journey: Journey) -> None:
    first, again = (journey.arrives(without_id("Un trou rue des Acacias.")) for _ in range(2))
    other = journey.arrives(without_id("Un arbre est tombé."))
    assert first == again
    assert the_case(journey, first).id != the_case(journey, other).id
    assert len(journey.sent()) == 2


def test_one_mail_to_two_addresses_of_the_town_is_one_case_and_one_receipt(journey: Journey) -> None:
    made = mail(to=f"voirie@{TOWN}", Cc=ADDRESS)
    assert into(journey, f"voirie@{TOWN}", made) == journey.arrives(made)
    assert len(journey.sent()) == 1


@pytest.mark.parametrize(("mailbox", "department"), [("voirie", "VOI"), ("ccas", "SOC"), ("demande", "DRU")])
def test_each_mailbox_gives_its_cases_to_its_own_department(journey: Journey, mailbox: str, department: str) -> None:
    key = into(journey, f"{mailbox}@{TOWN}", mail(to=f"{mailbox}@{TOWN}"))
    assert the_case(journey, key).department == department


def test_a_mailbox_that_writes_to_another_of_the_town_begins_no_exchange_between_them(journey: Journey) -> None:
    for sender in (f"voirie@{TOWN}", f"CCAS+urgent@{TOWN}"):
        case = the_case(journey, journey.arrives(mail(sender=f"Un service <{sender}>", message_id=f"<{sender}>")))
        assert case.withheld == {"receipt": "own_address"}
    assert journey.sent() == []


def test_what_names_us_as_the_place_to_answer_to_is_not_answered(journey: Journey) -> None:
    here = ADDRESS.replace("@", "+lettre@")
    case = the_case(journey, journey.arrives(mail(sender="noreply@formulaire.example", Reply_To=here)))
    assert case.withheld == {"receipt": "own_address"}
    assert journey.sent() == []


def test_our_own_letter_that_reaches_another_of_our_mailboxes_opens_nothing(journey: Journey) -> None:
    journey.arrives(mail())
    back = into(journey, f"voirie@{TOWN}", journey.sent()[0])
    assert (the_outcome(journey, back).outcome, the_outcome(journey, back).reason) == ("set_aside", "own")


def test_a_provider_that_rewrote_our_message_id_does_not_part_the_answer_from_its_case(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    [receipt] = journey.sent()
    answer = mail(
        subject="(sans objet)", message_id="<2@courriel.example>", to=str(receipt["Reply-To"]),
        In_Reply_To="<rewritten@provider.example>", References="<rewritten@provider.example>",
    )  # fmt: skip
    assert the_outcome(journey, journey.arrives(answer)).case == case.id


def test_several_people_who_answer_one_newsletter_have_a_case_each(journey: Journey) -> None:
    for person in ("paul", "marie", "karim"):
        answer = mail(
            sender=f"{person}@courriel.example", message_id=f"<{person}@courriel.example>",
            subject="Re: Lettre de mars", References="<lettre-mars@newsletter.example>", text=f"Question de {person}.",
        )  # fmt: skip
        journey.arrives(answer)
    opened = [r for r in journey.office.log.read(0, 10_000) if isinstance(r.event, e.CaseOpened)]
    assert len({r.stream_id for r in opened}) == len({r.event.requester for r in opened}) == 3


def test_a_sender_who_looks_like_an_agent_is_nobody_special(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    forged = mail(
        sender=f"Nadia Benali <nadia.benali@{TOWN}>", subject=f"[#{case.number}] clore", message_id="<f@x.example>"
    )
    outcome = the_outcome(journey, journey.arrives(forged))
    assert (outcome.outcome, outcome.reason, outcome.suggested) == ("to_link", "unproven_sender", case.id)
    assert len(journey.sent()) == 1


def test_a_bounce_of_a_bounce_and_of_a_mail_that_is_not_ours_are_answered_to_nobody(journey: Journey) -> None:
    stranger = EmailMessage()
    stranger["Message-ID"] = "<bounce-of-a-bounce@relais.example>"
    outcome = the_outcome(journey, journey.arrives(report(stranger)))
    assert (outcome.outcome, outcome.case) == ("bounce", "")
    assert journey.sent() == []


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"X_Auto_Response_Suppress": "All"}, "sender_asks_none"),
        ({"List_Id": "<quartier.asso.example>"}, "sent_by_machine"),
        ({"Auto_Submitted": "auto-replied"}, "sent_by_machine"),
    ],
)
def test_who_gets_no_automatic_receipt_gets_no_acknowledgement_either_when_an_agent_says_what_is_asked(
    journey: Journey, says: dict[str, str], why: str
) -> None:
    key = journey.arrives(mail(**says))
    case_id = the_outcome(journey, key).case or journey.office.intake.open(key, by=f"agent:{'a' * 32}")[0]
    qualify = QualifyCase(case_id=case_id, type="VOI-CHAUSSEE")
    journey.office.desk.execute(qualify, by=f"agent:{'a' * 32}")
    journey.settle()
    case = journey.office.desk.case(case_id)
    assert case is not None and case.withheld == {"receipt": why, "acknowledgement": why}
    assert journey.sent() == []


@pytest.mark.parametrize(
    ("sender", "says", "why"),
    [
        ("Karim <karim@courriel.example>", {"X_Auto_Response_Suppress": "All"}, "sender_asks_none"),
        (f"CCAS <ccas@{TOWN}>", {}, "own_address"),
    ],
)
def test_nor_the_news_of_the_case_his_own_was_merged_into(
    journey: Journey, sender: str, says: dict[str, str], why: str
) -> None:
    main = the_case(journey, journey.arrives(mail()))
    merged = the_case(journey, journey.arrives(mail(sender=sender, message_id="<2@x.example>", **says)))
    for command in (MergeCases(case_id=merged.id, main=main.id), CloseCase(case_id=main.id, outcome="resolved")):
        journey.office.desk.execute(command, by=f"agent:{'a' * 32}")
        journey.settle()
    after = journey.office.desk.case(main.id)
    assert after is not None and after.withheld == {"news": why}
    assert {str(one["To"]) for one in journey.sent()} == {"Claire Aubry <claire.aubry@courriel.example>"}


def complaint(copied: str, to: str = ADDRESS) -> bytes:
    """What a provider says of a mail whose reader called it spam (RFC 5965), with these lines of its copy."""
    return (
        f"From: plaintes@fournisseur.example\r\nTo: {to}\r\nSubject: FW: Votre demande\r\nMessage-ID: <9@x.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{copied}\r\nSubject: Votre demande\r\n\r\nBonjour\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("by", ["Message-ID", "Return-Path", "another’s"])
def test_who_called_a_letter_of_ours_spam_is_asked_for_no_opinion(journey: Journey, by: str) -> None:
    case = the_case(journey, journey.arrives(mail()))
    lines = {
        "Message-ID": f"Message-ID: {journey.sent()[0]['Message-ID']}",
        "Return-Path": f"Return-Path: <{return_address(journey, case)}>",
        "another’s": f"Message-ID: <{'a' * 32}.{'b' * 32}.cccccccccc@{TOWN}>",
    }
    key = journey.arrives(complaint(lines[by]))
    assert the_outcome(journey, key).outcome == "automatic"
    said = [r.event for r in journey.office.log.history(case.id) if isinstance(r.event, e.SurveysRefused)]
    assert said == ([] if by == "another’s" else [e.SurveysRefused(person=case.requester)])
    assert len(journey.sent()) == 1


def test_a_date_in_the_future_or_in_the_night_of_the_clocks_moves_no_reception(journey: Journey) -> None:
    dates = ("Fri, 01 Jan 2038 09:00:00 +0100", "Sun, 29 Mar 2026 02:30:00 +0100", "Sun, 25 Oct 2026 02:30:00 +0200")
    for number, said in enumerate(dates):
        case = the_case(journey, journey.arrives(mail(message_id=f"<{number}@courriel.example>", Date=said)))
        assert abs(case.received_at - journey.watch.at) < timedelta(seconds=1)


def test_an_answer_to_a_case_whose_requester_was_erased_is_shown_to_an_agent(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    [receipt] = journey.sent()
    journey.office.erasure.erase(case.requester, by="system:operator")
    answer = mail(subject="Merci", message_id="<2@courriel.example>", to=str(receipt["Reply-To"]))
    outcome = the_outcome(journey, journey.arrives(answer))
    assert (outcome.outcome, outcome.case, outcome.suggested) == ("to_link", "", case.id)
