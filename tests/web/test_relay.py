"""Does a post change hands in a moment, and is what is answered there counted?"""

import pytest

from gru.domain import events as e
from gru.web import auth
from tests.web.conftest import Town, Visitor
from tests.web.counters import enter, faults_of, number_of

PAGE = "/guichet/relais"
TALLY = "/guichet/sur-place"
PASSWORD = "un mot de passe assez long"
NADIA = "nadia.benali@val-des-tilleuls.example"


@pytest.fixture
def post(town: Town) -> Visitor:
    """Camille's post; Nadia has a password."""
    town.office.access.set_password(town.by_name["nadia.benali"].id, NADIA, PASSWORD)
    return town.agent("camille.rousselet")


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("agent")
    assert found is not None
    return found.value


def test_a_colleague_takes_over_in_his_own_name_and_the_session_before_is_revoked(town: Town, post: Visitor) -> None:
    before = cookie(post)
    answer = post.fill(PAGE, PAGE, agent=town.by_name["nadia.benali"].id, mot_de_passe=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/guichet")
    assert town.office.access.session(before) is None
    session = town.office.access.session(cookie(post))
    assert session is not None and session.agent == town.by_name["nadia.benali"].id
    number = number_of(enter(post))
    assert town.office.log.history(town.id_of(number))[0].by == town.by("nadia.benali")


def test_a_wrong_password_leaves_the_post_as_it_was(town: Town, post: Visitor) -> None:
    before = cookie(post)
    answer = post.fill(PAGE, PAGE, agent=town.by_name["nadia.benali"].id, mot_de_passe="faux")
    assert faults_of(answer) == ["mot_de_passe"]
    assert cookie(post) == before and town.office.access.session(before) is not None
    assert PASSWORD not in answer.text and "faux" not in answer.text


@pytest.mark.parametrize("name", ["patrice.lenoir", "isabelle.fournier", "camille.rousselet"])
def test_only_who_works_at_the_same_site_takes_the_post(town: Town, post: Visitor, name: str) -> None:
    login = f"{name}@ailleurs.example"
    town.office.access.set_password(town.by_name[name].id, login, PASSWORD)
    visitor = town.agent("nadia.benali" if name == "camille.rousselet" else "camille.rousselet")
    page = visitor.get(PAGE)
    assert (town.by_name[name].id in page) == (name == "camille.rousselet")
    if name != "camille.rousselet":
        assert faults_of(visitor.fill(PAGE, PAGE, agent=town.by_name[name].id, mot_de_passe=PASSWORD)) == ["agent"]


def test_trying_passwords_at_the_post_is_counted_as_at_the_door(town: Town, post: Visitor) -> None:
    for _ in range(auth.MOST_FOR_ACCOUNT):
        town.office.access.record_attempt("login", f"127.0.0.1 {NADIA}")
    answer = post.fill(PAGE, PAGE, agent=town.by_name["nadia.benali"].id, mot_de_passe=PASSWORD)
    assert answer.status_code == 429


def test_nothing_chosen_is_said(post: Visitor) -> None:
    assert set(faults_of(post.fill(PAGE, PAGE))) == {"agent", "mot_de_passe"}


# --- answered on the spot --------------------------------------------------------------------------------------------


def test_an_answer_on_the_spot_takes_two_actions_and_makes_no_case(town: Town) -> None:
    visitor = town.agent("camille.rousselet")
    page = visitor.get("/guichet")
    for _ in range(2):
        answer = visitor.send(page, TALLY, sujet="POP")
        assert (answer.status_code, answer.location) == (303, "/guichet")
    answers = [r.event for r in town.office.log.read(0, 1000) if isinstance(r.event, e.QuestionAnswered)]
    assert answers == [e.QuestionAnswered(site="HDV", channel="counter", department="POP")]
    assert not [r for r in town.office.log.read(0, 1000) if isinstance(r.event, e.CaseOpened)]
    assert "1 réponse donnée sur place aujourd’hui." in visitor.get(TALLY)


def test_a_slip_of_the_finger_is_struck(town: Town) -> None:
    visitor = town.agent("camille.rousselet")
    for topic in ("POP", "VOI"):
        visitor.fill(TALLY, TALLY, sujet=topic)
    assert "2 réponses données" in visitor.get(TALLY)
    for _ in range(2):
        page = visitor.get(TALLY)
        if f"{TALLY}/annuler" in page:
            visitor.send(page, f"{TALLY}/annuler")
    page = visitor.get(TALLY)
    assert "1 réponse donnée" in page and f"{TALLY}/annuler" not in page


def test_yesterdays_answers_are_yesterdays(town: Town) -> None:
    town.agent("camille.rousselet").fill(TALLY, TALLY, sujet="POP")
    town.clock.pass_(hours=24)
    assert "Aucune réponse comptée aujourd’hui." in town.agent("camille.rousselet").get(TALLY)


def test_answers_of_another_site_are_neither_given_nor_shown(town: Town) -> None:
    visitor = town.agent("camille.rousselet")
    assert visitor.fill(TALLY, TALLY, sujet="POP", site="MQN").status_code == 403
    assert visitor.fill(TALLY, TALLY, sujet="RIEN").status_code == 400
    assert visitor.fill(TALLY, TALLY, sujet="POP", canal="pigeon").status_code == 400
