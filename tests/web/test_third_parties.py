"""Somebody outside the town is asked by a link: what does he see, what may he answer, and when does it end?"""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from gru.domain.case import SetPlace
from gru.office.third_parties import ThirdParties
from tests.web.conftest import CLAIRE, Town
from tests.web.test_actions import PNG

QUESTION = "Pouvez-vous reboucher la tranchée ?"
FIRM = "travaux@routes.example"


def path(number: str) -> str:
    return f"/agent/demandes/{number}"


def asked(town: Town, number: str, **more: object) -> str:
    """The address of the page of a request an agent has just sent."""
    action = f"{path(number)}/demander-tiers"
    values = {"nom": "Routes du Nord", "courriel": FIRM, "texte": QUESTION, "avant": "2026-03-25"} | more
    answer = town.agent().fill(action, action, **values)
    assert answer.status_code == 303, answer.text
    return link(town, number)


def link(town: Town, number: str) -> str:
    case = town.case(number)
    request_id, request = list(case.requests.items())[-1]
    url = town.office.letters.third_party_link(case.id, request_id, request.expires)
    return url.removeprefix(town.office.settings.public_url)


def work(town: Town) -> None:
    """What the worker does: react, and do what is due, until nothing is left."""
    office = town.office
    for _ in range(6):
        while office.reactions.react():
            pass
        for effect in office.work.due_effects(office.now(), 100):
            office.reactions.perform(effect.key)
    office.projector.catch_up("inline")
    office.projector.catch_up("later")


def letters(town: Town) -> list[str]:
    """What has left by mail, oldest first."""
    folder = town.office.settings.data / "outbox"
    found = sorted(folder.rglob("new/*"), key=lambda one: one.stat().st_mtime_ns)
    from email import policy
    from email.parser import BytesParser

    mails = [BytesParser(policy=policy.default).parsebytes(one.read_bytes()) for one in found]
    return [f"{mail['to']}\n{mail['subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in mails]


def to_firm(town: Town) -> list[str]:
    return [letter for letter in letters(town) if FIRM in letter.split("\n", 1)[0]]


def tick(town: Town) -> None:
    town.office.projector.catch_up("later")
    town.office.clock.tick()
    work(town)


def test_a_third_party_is_written_to_with_a_link_and_his_wait_begins(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    work(town)
    (letter,) = to_firm(town)
    assert QUESTION in letter and url in letter
    for hidden in (CLAIRE, "claire.lefevre", town.link(number), "/suivi/"):
        assert hidden not in letter
    (wait,) = town.case(number).open_waits.values()
    assert (wait.party, town.case(number).status) == ("third_party", "waiting")


def test_the_link_shows_what_is_needed_and_never_who_asked_unless_an_agent_ticked_it(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    place = town.office.archive.write_text("14 rue des Acacias", person=case.requester, case=case.id)
    town.do(SetPlace(case_id=case.id, place=place, cell="1:1"))
    page = town.visitor().get(asked(town, number))
    assert QUESTION in page and "14 rue des Acacias" in page and "25 mars" in page
    assert CLAIRE not in page and "Un trou dans la chaussée" not in page
    named = town.visitor().get(asked(town, number, identite="oui"))
    assert CLAIRE in named


def test_an_answer_ends_the_wait_and_reaches_the_agent(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    photo = (io.BytesIO(PNG), "trou.png")
    answer = town.visitor().fill(url, url, reponse="done", texte="Rebouché ce matin.", pieces=photo)
    assert answer.status_code == 303
    case = town.case(number)
    assert not case.open_waits and not case.open_requests
    page = town.agent().get(path(number))
    assert "Rebouché ce matin." in page and "Routes du Nord" in page and "trou.jpg" in page
    thanks = town.visitor().get(url)
    assert "Merci, votre réponse est enregistrée" in thanks and "<form" not in thanks


def test_a_planned_day_keeps_his_wait_until_that_day(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    assert town.visitor().fill(url, url, reponse="planned", jour="2026-04-02").status_code == 303
    case = town.case(number)
    (request,) = case.open_requests.values()
    assert case.open_waits and request.due == datetime(2026, 4, 2, 22, tzinfo=UTC)
    assert "2 avril" in town.visitor().get(url)
    assert town.visitor().fill(link(town, number), url, reponse="done").status_code == 303
    assert not town.case(number).open_waits


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Choisissez"),
        ({"reponse": "planned"}, "Donnez un jour"),
        ({"reponse": "planned", "jour": "2026-03-01"}, "Donnez un jour"),
        ({"reponse": "words"}, "Choisissez"),
    ],
)
def test_a_wrong_answer_says_what_to_do_and_keeps_what_was_typed(town: Town, values: dict[str, str], said: str) -> None:
    number = town.open_case()
    url = asked(town, number)
    answer = town.visitor().fill(url, url, texte="Nous passons.", **values)
    assert answer.status_code == 422 and said in answer.text and "Nous passons." in answer.text
    assert town.case(number).open_waits


def test_the_same_answer_twice_is_one(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    visitor = town.visitor()
    page = visitor.get(url)
    for _ in range(2):
        assert visitor.send(page, url, reponse="planned", jour="2026-04-02").status_code == 303
    assert town.names_of(number).count("case.third_party_answered") == 1


def test_he_is_reminded_once_by_machine_then_his_silence_is_noted_once(town: Town) -> None:
    number = town.open_case()
    asked(town, number)
    work(town)
    town.clock.pass_(days=6)
    tick(town)
    tick(town)
    assert len(to_firm(town)) == 2 and "Rappel" in to_firm(town)[1]
    town.clock.pass_(days=3)
    tick(town)
    tick(town)
    names = town.names_of(number)
    assert names.count("case.third_party_reminded") == names.count("case.third_party_silent") == 1
    assert len(to_firm(town)) == 2 and town.case(number).open_waits
    agent = town.agent()
    assert "Sans réponse" in agent.get(path(number))
    assert "Tiers sans réponse" in agent.get("/agent/demandes")


def test_every_question_leaves_at_once_and_of_many_reminders_three_a_day(town: Town) -> None:
    numbers = [town.open_case() for _ in range(5)]
    for number in numbers:
        asked(town, number)
    work(town)
    assert len(to_firm(town)) == 5
    for number in numbers:
        remind = f"{path(number)}/relancer-tiers"
        [request] = town.case(number).requests
        assert town.agent().fill(remind, remind, demande=request).status_code == 303
    work(town)
    assert len(to_firm(town)) == 5 + 3
    town.clock.pass_(days=1, hours=1)
    work(town)
    assert len(to_firm(town)) == 5 + 5


def test_an_agent_reminds_notes_an_answer_and_revokes(town: Town) -> None:
    number = town.open_case()
    asked(town, number)
    asked(town, number, nom="Régie des eaux", courriel="regie@eaux.example")
    work(town)
    agent = town.agent()
    first, second = town.case(number).requests
    remind = f"{path(number)}/relancer-tiers"
    page = agent.get(remind)
    for _ in range(2):
        assert agent.send(page, remind, demande=first).status_code == 303
    assert town.case(number).requests[first].reminders == 1
    heard = f"{path(number)}/reponse-tiers"
    assert agent.fill(heard, heard, demande=first, reponse="not_done", texte="Par téléphone.").status_code == 303
    assert town.case(number).requests[first].over
    url = link(town, number)
    revoke = f"{path(number)}/retirer-tiers"
    assert agent.fill(revoke, revoke, demande=second).status_code == 303
    assert town.case(number).requests[second].revoked and not town.case(number).open_waits
    assert "plus valable" in town.visitor().get(url, status=410)


def test_a_link_dies_at_its_date_and_a_changed_one_opens_nothing(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    other = "A" if url[-1] != "A" else "B"
    assert "Lien inconnu" in town.visitor().get(url[:-1] + other, status=404)
    assert town.visitor().get(f"/tiers/{'x' * 64}", status=404) and town.visitor().get("/tiers/x", status=404)
    town.clock.pass_(days=60)
    assert "plus valable" in town.visitor().get(url, status=410)
    assert town.visitor().client.post(url, data={}).status_code == 400


def test_wrong_links_are_counted_by_address(town: Town) -> None:
    codes = {town.visitor().client.get(f"/tiers/{'y' * 64}").status_code for _ in range(45)}
    assert codes == {404, 429}


def test_only_the_files_sent_along_can_be_opened(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number, pieces=(io.BytesIO(b"%PDF-1.4 plan"), "plan.pdf"))
    page = town.visitor().get(url)
    (href,) = re.findall(rf'href="({url}/pieces/[0-9a-f]+)"', page)
    assert town.visitor().client.get(href).data == b"%PDF-1.4 plan"
    assert town.visitor().client.get(f"{url}/pieces/{'0' * 32}").status_code == 404


def test_the_requester_never_reads_what_is_said_with_a_third_party(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number, pieces=(io.BytesIO(b"%PDF-1.4 plan"), "plan.pdf"))
    work(town)
    town.visitor().fill(url, url, reponse="done", texte="Rebouché ce matin.")
    page = town.visitor().get(town.link(number))
    assert QUESTION not in page and "Rebouché" not in page and "plan.pdf" not in page
    (file,) = next(iter(town.case(number).requests.values())).files
    assert town.visitor().client.get(f"{town.link(number)}/pieces/{file.id}").status_code == 404


def test_the_requester_cannot_be_his_own_third_party_nor_the_past_a_date(town: Town) -> None:
    number = town.open_case()
    action = f"{path(number)}/demander-tiers"
    values = {"nom": "Claire", "courriel": "claire.lefevre@exemple.fr", "texte": QUESTION, "avant": "2026-03-25"}
    agent = town.agent()
    assert "ne peut pas être" in agent.fill(action, action, **values).text
    wrong = agent.fill(action, action, **(values | {"avant": "2026-03-01", "courriel": FIRM}))
    assert wrong.status_code == 422 and "entre aujourd" in wrong.text and QUESTION in wrong.text
    assert agent.fill(action, action, **(values | {"courriel": "nulle part"})).status_code == 422


def test_the_first_link_goes_on_working_after_a_later_date_was_given(town: Town) -> None:
    number = town.open_case()
    url = asked(town, number)
    far = (town.clock.at + timedelta(days=90)).date().isoformat()
    town.visitor().fill(url, url, reponse="planned", jour=far)
    assert link(town, number) != url
    assert isinstance(town.office.third_parties, ThirdParties)
    assert "Dites-nous ici quand" in town.visitor().get(url)
    assert "Dites-nous ici quand" in town.visitor().get(link(town, number))
