"""Can one mail be followed to its reply, and does nobody join a case without proof?"""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.case import Case
from gru.office.desk import ChangedMeanwhile
from gru.storage.archive import Archive
from tests.journeys.towns import ADDRESS, Journey, arrived_mail, mail

PROVEN = {"Authentication_Results": "mx.val-des-tilleuls.example; dmarc=pass header.from=courriel.example"}


def the_outcome(journey: Journey, key: str) -> e.MessageTakenIn:
    [recorded] = journey.office.log.history(key)
    assert isinstance(recorded.event, e.MessageTakenIn)
    return recorded.event


def the_case(journey: Journey, key: str) -> Case:
    case = journey.office.desk.case(the_outcome(journey, key).case)
    assert case is not None
    return case


def answered(journey: Journey, case: Case, text: str = "C’est fait.") -> None:
    ref = journey.office.archive.write_text(text, person=case.requester, case=case.id)
    reply = c.WriteReply(case_id=case.id, reply_id="ab" * 16, kind="answer", channel="email", text=ref)
    journey.office.desk.execute(reply, by="agent:1", seen=case.version)
    journey.settle()


def test_a_mail_becomes_a_case_is_acknowledged_answered_and_answered_back(journey: Journey) -> None:
    key = journey.arrives(mail())
    case = the_case(journey, key)
    [receipt] = journey.sent()
    assert (case.status, case.number[:5]) == ("registered", "2026-")
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["In-Reply-To"] == "<m1@courriel.example>"
    assert case.number in receipt["Subject"]
    assert case.commitments["acknowledge"].kept_at is not None

    answered(journey, case)
    reply = journey.sent()[-1]
    assert "Auto-Submitted" not in reply
    assert f"[#{case.number}]" in reply["Subject"]
    assert "C’est fait." in reply.get_content()

    back = mail(subject="tout autre chose", message_id="<m2@courriel.example>", to=str(reply["Reply-To"]))
    joined = journey.arrives(back)
    assert the_outcome(journey, joined).outcome == "joined"
    after = the_case(journey, joined)
    assert (after.id, after.status) == (case.id, "in_progress")
    assert len(journey.sent()) == 2


def test_the_same_mail_twice_is_one_case_another_body_under_its_message_id_another(journey: Journey) -> None:
    first = journey.arrives(mail())
    again = journey.arrives(bytes(mail()).replace(b"To: ", b"Delivered-To: other@x.example\r\nTo: ", 1))
    other = journey.arrives(mail(text="Un tout autre message, sous le même identifiant."))
    assert first == again
    assert the_case(journey, other).id != the_case(journey, first).id


def test_a_stranger_who_quotes_the_number_waits_for_an_agent(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    stranger = mail(
        sender="mallory@ailleurs.example", subject=f"Re: [#{case.number}]", message_id="<x@ailleurs.example>"
    )
    outcome = the_outcome(journey, journey.arrives(stranger))
    assert (outcome.outcome, outcome.reason, outcome.case, outcome.suggested) == (
        "to_link", "unproven_sender", "", case.id,
    )  # fmt: skip
    assert len(journey.sent()) == 1


def test_the_requester_joins_by_the_number_alone(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    more = mail(subject=f"Re: [#{case.number}] suite", message_id="<m2@courriel.example>", **PROVEN)
    assert the_outcome(journey, journey.arrives(more)).case == case.id


def test_a_forged_tag_in_the_address_joins_nothing(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    local, domain = ADDRESS.split("@")
    forged = mail(
        sender="mallory@ailleurs.example",
        message_id="<x@ailleurs.example>",
        to=f"{local}+{case.number}.abcdefghij@{domain}",
    )
    assert the_outcome(journey, journey.arrives(forged)).outcome == "to_link"


def test_a_reply_known_by_its_references_joins_even_when_the_subject_changed(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    receipt = journey.sent()[0]
    back = mail(
        subject="bonjour",
        message_id="<m7@courriel.example>",
        In_Reply_To=str(receipt["Message-ID"]),
    )
    outcome = the_outcome(journey, journey.arrives(back))
    assert (outcome.outcome, outcome.case) == ("joined", case.id)


def test_a_forged_sender_who_quotes_the_number_waits_for_an_agent(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    forged = mail(subject=f"Re: [#{case.number}]", message_id="<f@ailleurs.example>")
    outcome = the_outcome(journey, journey.arrives(forged))
    assert (outcome.outcome, outcome.suggested) == ("to_link", case.id)


def test_a_stranger_who_saw_one_of_our_messages_waits_for_an_agent(journey: Journey) -> None:
    journey.arrives(mail())
    forwarded = mail(
        sender="mallory@ailleurs.example",
        message_id="<x@ailleurs.example>",
        In_Reply_To=str(journey.sent()[0]["Message-ID"]),
    )
    assert the_outcome(journey, journey.arrives(forwarded)).outcome == "to_link"


def test_a_plus_in_the_address_is_no_way_round_the_loop_guard(journey: Journey) -> None:
    for number in range(5):
        sender = f"victime+{number}@ailleurs.example"
        journey.arrives(mail(sender=sender, message_id=f"<v{number}@ailleurs.example>"))
    assert len(journey.sent()) == 3


def test_who_is_forgotten_is_forgotten_in_the_messages_no_case_took(journey: Journey) -> None:
    key = journey.arrives(mail(subject="Réponse automatique : absente", text="Un secret."))
    person = journey.office.archive.find_person("claire.aubry@courriel.example")
    journey.office.erasure.erase(person, by="system:operator")
    kept = journey.office.archive.kept(key)
    assert kept is not None and kept.raw is None


def test_an_out_of_office_is_recorded_and_never_answered(journey: Journey) -> None:
    away = mail(subject="Absence du bureau", Auto_Submitted="auto-replied")
    assert the_outcome(journey, journey.arrives(away)).outcome == "automatic"
    assert journey.sent() == []


def test_wording_alone_leaves_the_decision_to_an_agent(journey: Journey) -> None:
    away = mail(subject="Réponse automatique : absente jusqu’au 12")
    outcome = the_outcome(journey, journey.arrives(away))
    assert (outcome.outcome, outcome.reason) == ("to_link", "perhaps_automatic")
    assert journey.sent() == []


def test_a_sender_who_asks_for_no_automatic_reply_gets_a_case_and_a_person(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail(X_Auto_Response_Suppress="All")))
    assert case.withheld == {"receipt": "sender_asks_none"}
    assert journey.sent() == []


def test_the_towns_own_mail_coming_back_opens_nothing(journey: Journey) -> None:
    journey.arrives(mail())
    outcome = the_outcome(journey, journey.arrives(bytes(journey.sent()[0])))
    assert (outcome.outcome, outcome.reason) == ("set_aside", "own")


def test_three_automatic_mails_a_day_to_one_address_and_no_more(journey: Journey) -> None:
    for number in range(5):
        journey.arrives(mail(subject=f"Demande {number}", message_id=f"<n{number}@courriel.example>"))
    assert len(journey.sent()) == 3


def report(receipt: EmailMessage, to: str = ADDRESS) -> bytes:
    """What a mail server says when it cannot deliver this mail, come back to this address."""
    return (
        f"From: MAILER-DAEMON@relais.example\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Return-Path: <>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relais.example\r\n\r\n"
        "Final-Recipient: rfc822; claire.aubry@courriel.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {receipt['Message-ID']}\r\n\r\n--b--\r\n"
    ).encode()


def failures(journey: Journey, case: Case) -> list[tuple[str, bool]]:
    history = journey.office.log.history(case.id)
    return [(r.event.reason, r.event.permanent) for r in history if isinstance(r.event, e.DeliveryFailed)]


def reply_states(journey: Journey, case: Case) -> list[str]:
    after = journey.office.desk.case(case.id)
    assert after is not None
    return [reply.state for reply in after.replies.values()]


def return_address(journey: Journey, case: Case) -> str:
    [reply_id] = case.replies
    local, domain = ADDRESS.split("@")
    return f"{local}+retour.{refs.return_tag(journey.office.settings.secret, reply_id)}@{domain}"


def written_to(journey: Journey) -> Case:
    """A case whose receipt has left."""
    return the_case(journey, journey.arrives(mail()))


def test_a_bounce_to_the_signed_return_address_fails_the_reply_it_speaks_of(journey: Journey) -> None:
    case = written_to(journey)
    key = journey.arrives(report(journey.sent()[0], return_address(journey, case)))
    outcome = the_outcome(journey, key)
    assert (outcome.outcome, outcome.case) == ("bounce", case.id)
    assert failures(journey, case) == [("bounce_5", True)]
    assert reply_states(journey, case) == ["failed"]


def test_a_bounce_that_arrives_after_its_resident_was_erased_is_recorded_and_destroyed(journey: Journey) -> None:
    case, office = written_to(journey), journey.office
    office.erasure.erase(case.requester, by="system:operator")
    key = journey.arrives(report(journey.sent()[0], return_address(journey, case)))
    outcome = the_outcome(journey, key)
    assert (outcome.outcome, outcome.case) == ("bounce", case.id)
    assert failures(journey, case) == [("bounce_5", True)]
    assert reply_states(journey, case) == ["failed"]
    assert office.archive.pending() == []
    kept = office.archive.kept(key)
    assert kept is not None and kept.raw is None


def test_a_bounce_recorded_but_not_destroyed_before_a_crash_is_destroyed_afterwards(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, office = written_to(journey), journey.office
    office.erasure.erase(case.requester, by="system:operator")
    bounced = office.keep(arrived_mail(report(journey.sent()[0], return_address(journey, case)), journey.watch()))
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "redact", killed)
        with pytest.raises(KeyboardInterrupt):
            office.intake.take_in(bounced)
    assert office.archive.pending() == [bounced]
    office.intake.attempt(bounced)
    kept = office.archive.kept(bounced)
    assert kept is not None and kept.raw is None
    assert (failures(journey, case), office.archive.pending()) == ([("bounce_5", True)], [])


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_report_that_only_names_our_message_ends_nothing(journey: Journey) -> None:
    case = written_to(journey)
    outcome = the_outcome(journey, journey.arrives(report(journey.sent()[0])))
    assert (outcome.outcome, outcome.case) == ("bounce", case.id)
    assert failures(journey, case) == [("bounce_unproven", False)]
    assert reply_states(journey, case) == ["sent"]


def test_the_true_report_still_counts_after_one_without_proof(journey: Journey) -> None:
    case = written_to(journey)
    journey.arrives(report(journey.sent()[0]))
    journey.arrives(report(journey.sent()[0], return_address(journey, case)))
    assert failures(journey, case) == [("bounce_unproven", False), ("bounce_5", True)]


@pytest.mark.parametrize("forged", ["+retour.{reply}.aaaaaaaa@", "+retour.{reply}@", "+retour.{reply}.{tag}@"])
def test_a_return_address_with_a_wrong_tag_speaks_of_no_reply(journey: Journey, forged: str) -> None:
    case = written_to(journey)
    [reply_id] = case.replies
    stranger = EmailMessage()
    stranger["Message-ID"] = "<x@relais.example>"
    tag = refs.reply_tag(journey.office.settings.secret, case.id, reply_id)[:8]
    address = ADDRESS.replace("@", forged.format(reply=reply_id, tag=tag))
    outcome = the_outcome(journey, journey.arrives(report(stranger, address)))
    assert (outcome.outcome, outcome.case) == ("bounce", "")
    assert failures(journey, case) == []


def test_a_mail_older_than_the_town_is_bound_to_its_first_version(journey: Journey) -> None:
    journey.watch.at -= timedelta(days=2000)
    key = journey.arrives(mail())
    assert the_case(journey, key).town_version == 1


@pytest.mark.parametrize("proven", [True, False])
def test_the_receipt_quotes_nothing_of_the_message(journey: Journey, proven: bool) -> None:
    journey.arrives(mail(text="Un secret de famille.", **(PROVEN if proven else {})))
    assert "secret de famille" not in journey.sent()[0].get_content()


def test_a_reply_to_a_closed_case_is_kept_and_leaves_it_closed(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    answered(journey, case)
    journey.office.desk.execute(c.CloseCase(case_id=case.id, outcome="resolved"), by="agent:1")
    back = mail(subject="Merci", message_id="<m9@courriel.example>", to=str(journey.sent()[-1]["Reply-To"]))
    after = the_case(journey, journey.arrives(back))
    assert after.status == "closed"
    assert len(after.messages) == 2


def test_a_reply_is_not_written_over_a_message_the_agent_has_not_seen(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    journey.arrives(mail(subject=f"[#{case.number}] encore", message_id="<m2@courriel.example>", **PROVEN))
    with pytest.raises(ChangedMeanwhile) as changed:
        answered(journey, case)
    assert [type(recorded.event) for recorded in changed.value.recorded] == [e.MessageReceived]


def closing(journey: Journey, case: Case, reply_id: str) -> list[c.CaseCommand]:
    text = journey.office.archive.write_text("Le trou est rebouché.", person=case.requester, case=case.id)
    reply = c.WriteReply(case_id=case.id, reply_id=reply_id, kind="closing", channel="email", text=text)
    return [c.CloseCase(case_id=case.id, outcome="resolved"), reply]


def test_of_two_closings_at_the_same_instant_only_one_writes_to_the_resident(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    desk = journey.office.desk
    desk.execute(*closing(journey, case, "ab" * 16), by="agent:1", seen=case.version)
    with pytest.raises(ChangedMeanwhile) as changed:
        desk.execute(*closing(journey, case, "cd" * 16), by="agent:2", seen=case.version)
    assert {type(recorded.event) for recorded in changed.value.recorded} == {e.CaseClosed, e.ReplyWritten}
    after = desk.case(case.id)
    assert after is not None and [one.kind for one in after.replies.values()].count("closing") == 1
    assert desk.execute(*closing(journey, case, "ab" * 16), by="agent:1", seen=case.version).recorded == ()


def test_what_was_seen_of_one_case_is_not_asked_of_its_neighbour(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    other = the_case(journey, journey.arrives(mail(subject="Un autre trou", message_id="<m2@courriel.example>")))
    desk = journey.office.desk
    desk.execute(c.AssignCase(case_id=other.id, agent="1"), by="agent:1")
    both = (c.LinkCase(case_id=case.id, other=other.id), c.AssignCase(case_id=other.id, agent="2"))
    assert len(desk.execute(*both, by="agent:2", seen=case.version).recorded) == 2


def test_once_qualified_the_acknowledgement_names_the_service_and_what_silence_means(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail(subject="Places pour un déménagement")))
    journey.office.desk.execute(c.QualifyCase(case_id=case.id, type="ODP-DEMEN"), by="agent:1")
    journey.settle()
    letter = journey.sent()[-1]
    town = journey.office.town.version(1)
    assert letter["Auto-Submitted"] == "auto-replied"
    words = letter.get_content()
    assert town.departments["TRP"].phone in words
    assert "la loi considère que votre demande est refusée" in words.replace("\n", " ")
    journey.office.desk.execute(c.QualifyCase(case_id=case.id, type="REL-INFO"), by="agent:1")
    journey.settle()
    assert len(journey.sent()) == 2


def test_an_answer_makes_the_full_acknowledgement_needless(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    answered(journey, case)
    journey.office.desk.execute(c.QualifyCase(case_id=case.id, type="ODP-DEMEN"), by="agent:1")
    journey.settle()
    assert len(journey.sent()) == 2


def test_a_reply_for_the_tracking_page_counts_once_its_time_has_come(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    text = journey.office.archive.write_text("À lire ici.", person=case.requester, case=case.id)
    later = journey.watch() + timedelta(seconds=10)
    reply = c.WriteReply(
        case_id=case.id, reply_id="cd" * 16, kind="answer", channel="tracking", text=text, not_before=later
    )
    journey.office.desk.execute(reply, by="agent:1")
    journey.settle()
    before = journey.office.desk.case(case.id)
    assert before is not None and before.status == "registered"
    journey.watch.pass_(seconds=15)
    journey.settle()
    after = journey.office.desk.case(case.id)
    assert after is not None and after.status == "answered"
    assert len(journey.sent()) == 1


def test_the_second_click_on_send_changes_nothing_whatever_happened_meanwhile(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    answered(journey, case)
    journey.arrives(mail(subject=f"[#{case.number}] encore", message_id="<m2@courriel.example>", **PROVEN))
    sent = len(journey.sent())
    answered(journey, case)
    assert len(journey.sent()) == sent
