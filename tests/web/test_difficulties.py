"""Is a difficulty said in one click, followed by who said it, answered by who is in charge, and told of nobody?"""

import re

import pytest

from gru.domain import events as e
from gru.domain.difficulty import Raise, Redact
from gru.office.figures import Asked, Cut, difficulties, opinions
from gru.office.figures.asked import weeks
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from tests.web.conftest import Town, Visitor

PATH = "/agent/difficultes"
TO_ANSWER = f"{PATH}/a-repondre"


def said(town: Town) -> list[e.Recorded]:
    """Every declaration, the oldest first."""
    return [r for r in town.office.log.read(0, 10_000) if isinstance(r.event, e.DifficultyRaised)]


def declare(visitor: Visitor, **values: object) -> str:
    answer = visitor.fill(PATH, PATH, motif="tool", **values)
    assert (answer.status_code, answer.location) == (303, PATH)
    return visitor.get(PATH)


def answer(town: Town, who: str, stream: str, text: str = "La fiche sera réécrite.", **more: object) -> None:
    path = f"{PATH}/{stream}/repondre"
    found = town.agent(who).fill(path, path, texte=text, **more)
    assert (found.status_code, found.location) == (303, TO_ANSWER)


def test_it_is_said_in_one_click_and_followed_until_it_is_done(town: Town) -> None:
    page = declare(town.agent("patrice.lenoir"), texte="Le logiciel se ferme.")
    mine = page.split("Les vôtres")[1].split("Signalées sans nom")[0]
    assert "L’outil" in mine and "Le logiciel se ferme." in mine and "Sans réponse" in mine
    (one,) = said(town)
    assert (one.by, one.event.department) == (town.by("patrice.lenoir"), "VOI")
    assert "Le logiciel se ferme." in town.agent("julien.moreau").get(TO_ANSWER)
    answer(town, "julien.moreau", one.stream_id)
    mine = town.agent("patrice.lenoir").get(PATH).split("Les vôtres")[1]
    assert "La fiche sera réécrite." in mine and "Répondue le 18 mars" in mine
    settle = f"{PATH}/{one.stream_id}/faite"
    head = town.agent("julien.moreau")
    assert head.send(head.get(f"{TO_ANSWER}?voir=repondues"), settle).status_code == 303
    assert "Faite le 18 mars" in town.agent("patrice.lenoir").get(PATH)


def test_every_reason_is_a_button_of_its_own(town: Town) -> None:
    page = town.agent().get(PATH)
    assert len(re.findall(r'<button[^>]*name="motif"', page)) == 10


def test_without_a_name_nothing_leads_back_to_the_agent(town: Town) -> None:
    agent = town.agent("patrice.lenoir")
    page = declare(agent, texte="Mon chef ne répond pas.", anonyme="oui")
    (one,) = said(town)
    assert (one.by, one.event.department) == ("agent:", "")
    assert not one.stream_id.startswith(f"{int(town.clock.at.timestamp() * 1000):012x}"[:6]), "its id tells no time"
    raw = repr(town.office.log.raw(one.position - 1, 1))
    assert town.by_name["patrice.lenoir"].id not in raw and town.by_name["patrice.lenoir"].person not in raw
    public = page.split("Signalées sans nom")[1]
    assert "L’outil" in public and "semaine du 16 mars" in public
    assert "Mon chef" not in page, "others read the answer, not the words"
    assert "Vous n’avez signé aucune difficulté" in page


def test_an_unsigned_one_is_answered_for_everybody_by_who_reads_the_whole_town(town: Town) -> None:
    declare(town.agent("patrice.lenoir"), texte="Mon chef ne répond pas.", anonyme="oui")
    stream = said(town)[0].stream_id
    town.agent("julien.moreau").get(f"{PATH}/{stream}/repondre", status=404)
    assert "Mon chef ne répond pas." in town.agent("isabelle.fournier").get(TO_ANSWER)
    answer(town, "isabelle.fournier", stream, faite="oui")
    page = town.agent("camille.rousselet").get(PATH)
    assert "La fiche sera réécrite." in page and "Faite le 18 mars" in page and "Mon chef" not in page


def test_pressed_twice_it_is_said_once_even_with_other_words(town: Town) -> None:
    visitor = town.agent()
    page = visitor.get(PATH)
    for text in ("une fois", "deux fois"):
        assert visitor.send(page, PATH, motif="overload", texte=text).status_code == 303
    assert len(said(town)) == 1


def test_bad_input_is_said_and_nothing_typed_is_lost(town: Town) -> None:
    visitor = town.agent()
    for motif in ("", "my-boss"):
        found = visitor.fill(PATH, PATH, motif=motif, texte="Des mots à garder")
        assert found.status_code == 422 and "Des mots à garder" in found.text and 'href="#motif"' in found.text
    assert said(town) == []
    declare(visitor)
    stream = said(town)[0].stream_id
    path = f"{PATH}/{stream}/repondre"
    assert visitor.fill(path, path, texte="").status_code == 422
    assert visitor.client.post(f"{PATH}/{'0' * 32}/repondre").status_code in (400, 404)


def test_nothing_is_settled_before_it_is_answered(town: Town) -> None:
    declare(town.agent())
    stream = said(town)[0].stream_id
    visitor = town.agent()
    page = visitor.get(TO_ANSWER)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    found = visitor.client.post(f"{PATH}/{stream}/faite", data={"csrf_token": token})
    assert found.status_code == 422 and "répondez d’abord" in found.text


def test_on_a_case_one_click_makes_a_fact_of_it_and_a_difficulty_to_answer(town: Town) -> None:
    number = town.open_case()
    path = f"/agent/demandes/{number}"
    visitor = town.agent()
    for _ in range(2):
        assert visitor.fill(path, f"{path}/difficulte", motif="who_does_what").status_code == 303
    assert town.names_of(number)[-1] == "case.difficulty_declared"
    first = said(town)[0]
    assert (first.event.case, first.by) == (town.id_of(number), town.by("julien.moreau"))
    town.office.projector.catch_up("later")
    listed = town.agent().get(TO_ANSWER)
    assert f'href="{path}"' in listed and "Qui fait quoi" in listed


def test_a_case_one_may_not_see_is_not_named_beside_its_difficulty(town: Town) -> None:
    number = town.open_case(type="SOC-AIDE")
    path = f"/agent/demandes/{number}"
    visitor = town.agent("catherine.ollivier")
    assert visitor.fill(path, f"{path}/difficulte", motif="tool", anonyme="oui").status_code == 303
    town.office.projector.catch_up("later")
    assert "L’outil" in town.agent("isabelle.fournier").get(TO_ANSWER)
    for who, where in (("isabelle.fournier", TO_ANSWER), ("camille.rousselet", PATH)):
        assert number not in town.agent(who).get(where)


def test_words_can_be_masked_and_the_figure_stays(town: Town) -> None:
    declare(town.agent("patrice.lenoir"), texte="Monsieur Dupont me menace.", anonyme="oui")
    one = said(town)[0]
    text = one.event.text.id
    with reading(town.office.databases.views) as connection:
        before = difficulties.difficulties.by_reason(connection, one.at, one.at.replace(year=2027), one.at)
    done = town.office.desk.execute(Redact(stream=one.stream_id, id=text, reason="third_party"), by="agent:dpo")
    while town.office.reactions.react():
        pass
    for effect in town.office.work.due_effects(town.clock.at, 100):
        town.office.reactions.perform(effect.key)
    town.office.projector.catch_up("later", to=done.position)
    assert town.office.archive.texts([text]) == {text: None}
    with reading(town.office.databases.views) as connection:
        assert difficulties.difficulties.by_reason(connection, one.at, one.at.replace(year=2027), one.at) == before


def test_what_nobody_answers_is_reminded_of_by_the_clock(town: Town) -> None:
    declare(town.agent())
    for days, shown in ((9, "Sans réponse"), (1, "Sans réponse, 1 rappel"), (10, "Sans réponse, 2 rappels")):
        town.clock.pass_(days=days)
        town.office.clock.tick()
        town.office.projector.catch_up("later")
        assert shown in town.agent().get(TO_ANSWER)


@pytest.mark.parametrize("which", ["", "?voir=repondues", "?voir=faites", "?voir=autre&page=x"])
def test_every_list_may_be_empty(town: Town, which: str) -> None:
    assert "Aucune difficulté ici" in town.agent().get(TO_ANSWER + which)


def test_the_figures_name_no_department_under_five_agents_and_no_agent(town: Town) -> None:
    for who in ("patrice.lenoir", "julien.moreau", "catherine.ollivier"):
        declare(town.agent(who))
    page = town.agent("isabelle.fournier").get("/pilotage/difficultes")
    body = page.split('<div class="report">')[1]
    assert "3 difficultés déclarées" in body and "autres services" in body
    for name in ("Voirie", "CCAS", "Lenoir", "Moreau", "Ollivier"):
        assert name not in body


def test_erasing_every_resident_changes_no_figure(town: Town) -> None:
    office = town.office
    numbers = [town.open_case(name=f"R {n}", email=f"r{n}@exemple.fr") for n in range(3)]
    for number in numbers:
        path = f"/agent/demandes/{number}"
        assert town.agent().fill(path, f"{path}/difficulte", motif="tool", texte="Dur").status_code == 303
        town.office.desk.execute(
            Raise(stream=town.id_of(number)[::-1], reason="overload", department="VOI"), by="agent:"
        )

    def figures() -> tuple[object, ...]:
        office.projector.catch_up("later", seconds=30)
        everything = office.town.in_force(town.clock.at)
        asked = Asked(
            period=weeks(town.clock.at, 4, everything.legal_calendar.zone),
            cut=Cut(office.log.head(), town.clock.at),
            departments=tuple(everything.departments),
        )
        groups = difficulties.groups(everything.departments, office.town.agents().values())
        with reading(office.databases.views) as connection:
            return (
                difficulties.declared(connection, asked, groups),
                difficulties.observed(connection, asked, groups),
                difficulties.rewritten(connection, asked),
                opinions.opinions(connection, asked),
            )

    before = figures()
    assert before[0].total == 6
    for number in numbers:
        office.erasure.erase(town.case(number).requester, by="agent:dpo")
    assert figures() == before
    rebuild(office.projector, ["difficulties", "ratings", "rework"])
    assert figures() == before
