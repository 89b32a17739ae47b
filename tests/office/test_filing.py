"""Is a form taken in as a mail is: the same states, clocks and letters, once, and nothing lost?"""

import pytest

from gru.channels.webform import Answer, SentFile, Submission
from gru.domain import events as e
from gru.domain.case import Case, QualifyCase
from gru.domain.references import NUMBER
from gru.domain.town.streets import find
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail
from tests.office.pictures import photo

CLAIRE = "claire.aubry@courriel.example"


def form(place: str = "14 rue des Acacias", type: str = "VOI-CHAUSSEE", **more: object) -> Submission:
    values = {"title": f"Trou, {place}", "type": type, "text": "Un trou devant le 14.", "place": place,
              "district": "CEN", "name": "Claire Aubry", "email": CLAIRE}  # fmt: skip
    return Submission(**(values | more))


def send(journey: Journey, submission: Submission, *contents: bytes, draft: str = "d1") -> Case:
    key = journey.office.filing.send(submission, contents, draft=draft)
    journey.settle()
    case = journey.office.filing.case_of(key)
    assert case is not None
    return case


def history(journey: Journey, case: Case) -> list[str]:
    return [recorded.event.NAME for recorded in journey.office.log.history(case.id)]


def words(journey: Journey, ref: e.TextRef | None) -> str:
    return journey.office.archive.texts([ref.id])[ref.id] or "" if ref else ""


def opened(journey: Journey, case: Case) -> e.CaseOpened:
    event = journey.office.log.history(case.id)[0].event
    assert isinstance(event, e.CaseOpened)
    return event


def test_a_form_and_a_mail_about_the_same_have_the_same_states_and_dates(journey: Journey) -> None:
    filed = send(journey, form(email="paul.adam@courriel.example"))
    journey.arrives(mail(sender=f"Claire Aubry <{CLAIRE}>"))
    mailed_id = journey.office.desk.case_numbered("2026-000002")
    journey.office.desk.execute(QualifyCase(case_id=mailed_id, type="VOI-CHAUSSEE"), by="agent:" + "a" * 32)
    journey.settle()
    mailed = journey.office.desk.case(mailed_id)
    assert mailed is not None
    assert sorted(set(history(journey, filed))) == sorted(set(history(journey, mailed)))
    assert (filed.status, filed.type, filed.department, filed.site) == (
        mailed.status, mailed.type, mailed.department, mailed.site)  # fmt: skip
    assert {kind: one.due.date() for kind, one in filed.commitments.items()} == {
        kind: one.due.date() for kind, one in mailed.commitments.items()
    }
    assert {clock: one.due for clock, one in filed.legal.items()} == {
        clock: one.due for clock, one in mailed.legal.items()
    }


def test_what_was_answered_and_sent_is_the_message_of_the_case(journey: Journey) -> None:
    answers = (Answer(code="depuis_quand", question="Depuis quand ?", words="lundi"),)
    named = (SentFile(name="trou.jpg", media_type="image/jpeg", size=len(photo())),)
    event = opened(journey, send(journey, form(answers=answers, files=named), photo()))
    assert (event.channel, event.reply_channel, event.district, event.proven) == ("web", "email", "CEN", False)
    assert words(journey, event.text) == "Un trou devant le 14.\n\nDepuis quand ?\nlundi"
    assert words(journey, event.place) == "14 rue des Acacias"
    stored = journey.office.archive.file(event.files[0].id)
    assert stored is not None and (stored.name, stored.content) == ("trou.jpg", photo())


def test_whoever_left_an_address_is_written_to_and_nothing_of_his_words_is_quoted(journey: Journey) -> None:
    case = send(journey, form())
    letters = journey.sent()
    assert [letter["To"] for letter in letters] == [f"Claire Aubry <{CLAIRE}>"] * 2
    assert all(case.number in letter["Subject"] for letter in letters)
    assert not any("devant le 14" in str(letter.get_content()) for letter in letters)
    assert {reply.kind for reply in case.replies.values()} == {"receipt", "acknowledgement"}


@pytest.mark.parametrize("reach", [{"name": "", "email": ""}, {"email": "", "phone": "06 39 98 17 42"}])
def test_without_an_address_the_page_is_the_receipt_and_no_duty_is_left(
    journey: Journey, reach: dict[str, str]
) -> None:
    """CRPA L112-11: an acknowledgement at once, on the screen and on the tracking page."""
    case = send(journey, form(**reach))
    assert journey.sent() == []
    assert case.reply_channel == "tracking"
    assert case.withheld == {}
    assert {(reply.kind, reply.state) for reply in case.replies.values()} == {
        ("receipt", "sent"), ("acknowledgement", "sent")}  # fmt: skip
    written = [r.event for r in journey.office.log.history(case.id) if isinstance(r.event, e.ReplyWritten)]
    assert {one.channel for one in written} == {"tracking"}
    assert all(case.number in words(journey, one.text) for one in written)


def test_of_a_couple_with_one_telephone_each_is_written_to_at_his_own_address(journey: Journey) -> None:
    marie = send(journey, form(name="Marie Durand", email="marie@courriel.example", phone="01 45 67 89 01"))
    paul = send(journey, form(name="Paul Durand", email="paul@courriel.example", phone="+33 1 45 67 89 01"), draft="d2")
    assert marie.requester != paul.requester
    written = {(letter["To"], number) for letter in journey.sent() for number in NUMBER.findall(letter["Subject"])}
    assert written == {
        ("Marie Durand <marie@courriel.example>", marie.number), ("Paul Durand <paul@courriel.example>", paul.number)
    }  # fmt: skip


def test_who_gives_anothers_telephone_and_no_address_is_nobody_she_knows(journey: Journey) -> None:
    hers = send(journey, form(phone="01 45 67 89 01"))
    before = journey.sent()
    his = send(journey, form(name="Paul Durand", email="", phone="01 45 67 89 01"), draft="d2")
    assert his.requester != hers.requester and len(journey.sent()) == len(before)
    known = journey.office.archive.people([his.requester])[his.requester]
    assert known is not None and (known.name, known.email, known.phone) == ("Paul Durand", "", "01 45 67 89 01")


def test_who_left_a_telephone_alone_is_one_however_often_his_form_is_read(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = journey.office

    def away(*_: object, **__: object) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(office.work, "next_numbers", away)
        key = office.filing.send(form(email="", phone="01 45 67 89 01"), (), draft="d1")
    office.intake.attempt(key)
    case = office.filing.case_of(key)
    assert case is not None
    assert office.archive.find_people(phone="01 45 67 89 01") == [case.requester]


def test_a_form_sent_twice_is_one_request(journey: Journey) -> None:
    first, second = send(journey, form()), send(journey, form(text="autre chose"))
    assert first.id == second.id
    assert history(journey, first).count("case.opened") == 1
    assert len(journey.sent()) == 2


def test_two_forms_alike_are_two_requests(journey: Journey) -> None:
    assert send(journey, form(), draft="d1").id != send(journey, form(), draft="d2").id


def test_danger_is_urgent_and_promises_to_make_safe(journey: Journey) -> None:
    case = send(journey, form(danger=True))
    assert (case.danger, case.priority) == (True, "urgent")
    assert "make_safe" in case.commitments


def test_a_number_in_a_form_joins_nothing(journey: Journey) -> None:
    first = send(journey, form())
    other = send(journey, form(place=f"voir {first.number}", email="eve@courriel.example"), draft="d2")
    assert other.id != first.id


def test_a_type_the_town_no_longer_has_is_left_to_an_agent(journey: Journey) -> None:
    case = send(journey, form(type="VOI-JADIS"))
    assert (case.type, case.status, case.department) == ("", "registered", "DRU")


def test_a_form_that_cannot_be_taken_in_now_waits_and_is_taken_in_later(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = journey.office

    def away(*_: object, **__: object) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(office.work, "next_numbers", away)
        key = office.filing.send(form(), (), draft="d1")
    assert office.filing.case_of(key) is None
    assert office.archive.pending() == [key]
    journey.watch.pass_(hours=1)
    office.intake.attempt(key)
    case = office.filing.case_of(key)
    assert case is not None and case.number == "2026-000001"


# --- reports nearby ----------------------------------------------------------------------------------------------


def near(journey: Journey, words: str, type: str = "VOI-CHAUSSEE") -> list[tuple[str, int]]:
    town = journey.office.town.in_force(journey.watch())
    found = journey.office.filing.nearby(town, town.types[type], find(town.streets, words).spots[0])
    return [(one.number, one.metres) for one in found]


def test_an_open_report_of_the_same_within_two_hundred_and_fifty_metres_is_shown(journey: Journey) -> None:
    case = send(journey, form())
    assert near(journey, "14 rue des Acacias") == [(case.number, 0)]
    ((number, metres),) = near(journey, "48 rue des Acacias")
    assert number == case.number and 200 < metres <= 250
    journey.watch.pass_(days=200)
    assert near(journey, "18 rue des Acacias") == [(case.number, 25)]
    assert near(journey, "60 rue des Acacias") == []


def test_another_type_a_vague_place_and_what_is_secret_are_not_shown(journey: Journey) -> None:
    send(journey, form(place="14 rue des Acacias"))
    send(journey, form(type="TRP-VOISIN"), draft="d2")
    send(journey, form(place="rue des Acacias", type="HYG-NUISIBLE"), draft="d3")
    assert near(journey, "14 rue des Acacias", "VOI-ECLAIR") == []
    assert near(journey, "14 rue des Acacias", "TRP-VOISIN") == []
    assert near(journey, "14 rue des Acacias", "HYG-NUISIBLE") == []


def test_a_case_made_confidential_is_shown_to_nobody_any_more(journey: Journey) -> None:
    case = send(journey, form())
    hidden = QualifyCase(case_id=case.id, type="VOI-CHAUSSEE", confidentiality="restricted")
    journey.office.desk.execute(hidden, by="agent:" + "a" * 32)
    journey.settle()
    assert near(journey, "14 rue des Acacias") == []


def test_what_is_shown_nearby_holds_no_word_and_no_person(journey: Journey) -> None:
    send(journey, form())
    town = journey.office.town.in_force(journey.watch())
    (found,) = journey.office.filing.nearby(
        town, town.types["VOI-CHAUSSEE"], find(town.streets, "14 rue des Acacias").spots[0]
    )
    assert set(found.__struct_fields__) == {"number", "street", "metres", "received_at", "status"}
    assert found.street == "rue des Acacias"


def test_whoever_saw_his_own_problem_gets_a_request_linked_to_it(journey: Journey) -> None:
    first = send(journey, form())
    second = send(journey, form(email="eve@courriel.example", same_as=first.number), draft="d2")
    assert second.links == frozenset({first.id})
    assert second.requester != first.requester


def test_a_number_that_is_none_links_nothing(journey: Journey) -> None:
    assert send(journey, form(same_as="2026-999999")).links == frozenset()
    assert send(journey, form(same_as="' OR 1=1"), draft="d2").links == frozenset()


def test_a_stranger_s_form_changes_nothing_of_what_the_town_knows_of_a_person(journey: Journey) -> None:
    case = send(journey, form())
    send(journey, form(name="Eve", address="9 rue du Puits", phone="0639981799"), draft="d2")
    person = journey.office.archive.people([case.requester])[case.requester]
    assert person is not None and (person.name, person.address, person.phone) == ("Claire Aubry", "", "")


def test_drafts_that_are_over_are_dropped_by_the_clock(journey: Journey) -> None:
    token = journey.office.drafts.begin(b"{}")
    journey.watch.pass_(days=31)
    assert journey.office.drafts.prune() == 1
    assert journey.office.drafts.read(token) is None
