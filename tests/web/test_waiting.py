"""Is everybody in the waiting room called in his turn, and does nothing there say who he is?"""

import re

import pytest

from gru.domain import events as e
from gru.domain.reception import Arrive, GiveTicket
from gru.domain.references import case_number, number_stream, ticket_stream
from gru.web.counter import kiosk
from tests.web.conftest import Town, Visitor
from tests.web.counters import at_the_counter, enter, number_of

PAGE = "/guichet/file"


def kiosk_of(town: Town, use: str = "borne", site: str = "HDV") -> str:
    page = town.agent("camille.rousselet").get(PAGE)
    found = re.search(rf'href="(/{use}/{site}/[0-9a-f]{{24}})"', page)
    assert found
    return found[1]


def take(town: Town, kind: str = "walk_in") -> tuple[Visitor, str]:
    """Somebody at the kiosk, and the address of his ticket."""
    visitor, path = town.visitor(), kiosk_of(town)
    answer = visitor.send(visitor.get(path), path, genre=kind)
    assert answer.status_code == 303
    return visitor, answer.location


def call(town: Town, name: str = "camille.rousselet", post: str = "2") -> str:
    visitor = town.agent(name)
    answer = visitor.fill(PAGE, f"{PAGE}/appeler", poste=post)
    assert answer.status_code == 303
    return visitor.get(answer.location)


def act(town: Town, slug: str, visit: str, **more: str) -> int:
    visitor = town.agent("camille.rousselet")
    page = visitor.get(PAGE)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    sent = {"csrf_token": token[1], "site": "HDV", "visite": visit, "poste": "2", **more}
    return visitor.client.post(f"{PAGE}/{slug}", data=sent).status_code


def test_a_ticket_says_its_number_and_how_many_are_ahead(town: Town) -> None:
    first, path = take(town)
    page = first.get(path)
    assert "A001" in page and "Vous êtes le prochain." in page
    second, path = take(town)
    page = second.get(path)
    assert "A002" in page and "1 personne avant vous." in page and "environ 5 minutes" in page


def test_pressed_twice_there_is_one_ticket(town: Town) -> None:
    visitor, path = town.visitor(), kiosk_of(town)
    page = visitor.get(path)
    places = {visitor.send(page, path, genre="walk_in").location for _ in range(3)}
    assert len(places) == 1
    assert take(town)[1] not in places


TALLY = "/guichet/sur-place"
FORGED = {
    "ticket": {"genre": "walk_in"},
    "aide": {},
    "par l’agent": {"genre": "walk_in"},
    "sur place": {"sujet": "VOI", "site": "HDV", "canal": "guichet"},
}


def send_forged(town: Town, door: str, key: str) -> int:
    """The form of this door, with a key that no page handed out."""
    path = kiosk_of(town)
    agent, page, action = {
        "ticket": (town.visitor(), path, path),
        "aide": (town.visitor(), path, f"{path}/aide"),
        "par l’agent": (town.agent("camille.rousselet"), PAGE, f"{PAGE}/ticket"),
        "sur place": (town.agent("camille.rousselet"), TALLY, TALLY),
    }[door]
    return agent.fill(page, action, **FORGED[door], cle=key).status_code


@pytest.mark.parametrize("door", FORGED)
def test_no_key_that_a_form_may_bear_takes_the_number_of_a_case_to_come(town: Town, door: str) -> None:
    """The stream of a number is open arithmetic: whoever knows it must not be able to begin it."""
    before = number_of(enter(at_the_counter(town)))
    to_come = case_number(2026, int(before[-6:]) + 1)
    assert send_forged(town, door, number_stream(to_come)) == 303
    assert town.office.log.history(number_stream(to_come)) == []
    assert number_of(enter(at_the_counter(town))) == to_come


@pytest.mark.parametrize("door", FORGED)
def test_a_key_that_is_the_id_of_a_case_does_nothing_to_that_case(town: Town, door: str) -> None:
    number = town.open_case()
    facts = town.names_of(number)
    assert send_forged(town, door, town.id_of(number)) == 303
    assert town.names_of(number) == facts


def test_a_visit_recorded_under_the_key_of_its_form_is_still_served(town: Town) -> None:
    """So they were called until the stream was derived from the key."""
    visit, day = "a" * 32, town.office.reception.today()
    stream = ticket_stream("HDV", day, 1)
    town.office.desk.execute(
        Arrive(stream=visit, site="HDV", day=day, number=1, kind="walk_in"),
        GiveTicket(stream=stream, site="HDV", day=day, number=1, visit=visit),
        by="system:kiosk",
    )
    town.office.projector.catch_up("inline")
    assert "A001" in town.visitor().get(f"{kiosk_of(town)}/{visit}")
    assert "A001 appelé au poste 2." in call(town)
    assert act(town, "servi", visit) == 303


@pytest.mark.parametrize("visit", ["z" * 32, "A" * 32, "a" * 31, "a" * 33, "é" * 32, "a" * 32 + "%0A", "0" * 32])
def test_an_address_that_is_no_ticket_is_not_found(town: Town, visit: str) -> None:
    path = kiosk_of(town)
    town.visitor().get(f"{path}/{visit}", status=404)
    town.visitor().get(f"{path}/{visit}/pdf", status=404)


def test_numbers_begin_anew_every_day_and_at_every_site(town: Town) -> None:
    take(town)
    town.clock.pass_(hours=24)
    visitor, path = take(town)
    assert "A001" in visitor.get(path)
    given = town.office.reception.take_ticket("MQN", "walk_in", "c" * 32, "system:kiosk")
    assert given.visit.number == 1


def test_a_number_somebody_else_took_a_moment_ago_is_not_given_again(town: Town) -> None:
    """The view lags behind the log: the number it proposes is taken already."""
    reception = town.office.reception
    one = reception.take_ticket("HDV", "walk_in", "a" * 32, "system:kiosk")
    stale = town.office.databases.views
    with stale.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM views.visits" if stale.dialect.name == "postgresql" else "DELETE FROM visits"
        )
    other = reception.take_ticket("HDV", "walk_in", "b" * 32, "system:kiosk")
    assert (one.visit.number, other.visit.number) == (1, 2)


def test_who_has_difficulty_waiting_comes_first_then_who_was_expected(town: Town) -> None:
    for kind in ("walk_in", "appointment", "priority"):
        take(town, kind)
    assert "P003 appelé au poste 2." in call(town)
    assert "R002 appelé au poste 2." in call(town)
    assert "A001 appelé au poste 2." in call(town)
    assert "Personne n’attend." in call(town)


def test_two_posts_call_two_people(town: Town) -> None:
    for _ in range(2):
        take(town)
    assert "A001 appelé au poste 2." in call(town, "camille.rousselet", "2")
    assert "A002 appelé au poste 3." in call(town, "nadia.benali", "3")


def test_calling_the_next_one_ends_the_visit_before(town: Town) -> None:
    for _ in range(2):
        take(town)
    call(town)
    page = call(town)
    assert "1 reçue" in page and "A002" in page


def test_a_post_without_a_name_calls_nobody(town: Town) -> None:
    take(town)
    visitor = town.agent("camille.rousselet")
    answer = visitor.fill(PAGE, f"{PAGE}/appeler", poste="")
    assert answer.status_code == 422 and "Donnez le numéro de votre poste." in answer.text
    assert "A001" in answer.text
    assert visitor.fill(PAGE, f"{PAGE}/appeler", poste="x" * 21).status_code == 422


def test_who_does_not_come_is_called_again_and_then_gone(town: Town) -> None:
    _, path = take(town)
    visit = path.rsplit("/", 1)[1]
    call(town)
    assert act(town, "rappeler", visit) == 303
    assert act(town, "absent", visit) == 303
    names = [recorded.event.NAME for recorded in town.office.log.history(visit)]
    assert names == ["visit.arrived", "visit.called", "visit.called", "visit.left"]
    assert act(town, "servi", visit) == 422


def test_a_ticket_of_another_site_or_of_nobody_is_not_touched(town: Town) -> None:
    other = town.office.reception.take_ticket("MQN", "walk_in", "c" * 32, "system:kiosk").visit.visit
    for visit in (other, "d" * 32):
        assert act(town, "parti", visit) == 404
    assert act(town, "parti", "pas un ticket") == 400


def test_a_ticket_is_given_by_hand_where_there_is_no_kiosk(town: Town) -> None:
    visitor = town.agent("camille.rousselet")
    answer = visitor.fill(PAGE, f"{PAGE}/ticket", genre="priority")
    assert "Ticket P001" in visitor.get(answer.location)
    assert visitor.fill(PAGE, f"{PAGE}/ticket", genre="vip").status_code == 400


def test_a_visit_says_neither_who_came_nor_why(town: Town) -> None:
    _, path = take(town)
    (fact,) = town.office.log.history(path.rsplit("/", 1)[1])
    assert isinstance(fact.event, e.VisitArrived) and fact.by == "system:kiosk"
    assert set(fact.event.__struct_fields__) == {"site", "day", "number", "kind"}


def test_the_screen_shows_numbers_and_posts_only(town: Town) -> None:
    path = kiosk_of(town, "salle")
    assert "Les numéros appelés s’affichent ici." in town.visitor().get(path)
    take(town)
    call(town)
    page = town.visitor().get(path)
    assert "A001" in page and "Poste 2" in page and "Camille" not in page


def test_a_kiosk_without_its_key_is_nothing(town: Town) -> None:
    path = kiosk_of(town)
    token = path.rsplit("/", 1)[1]
    stranger = town.visitor()
    for wrong in (f"/borne/HDV/{'0' * 24}", f"/borne/MQN/{token}", f"/salle/HDV/{token}", f"/borne/EN-LIGNE/{token}"):
        stranger.get(wrong, status=404)
    assert stranger.client.get("/borne").status_code == 404


def test_a_kiosk_shows_only_the_tickets_of_its_site_and_of_today(town: Town) -> None:
    visitor, path = take(town)
    visit = path.rsplit("/", 1)[1]
    assert visitor.client.get(f"{path}/pdf").data.startswith(b"%PDF-")
    other = town.office.reception.take_ticket("MQN", "walk_in", "c" * 32, "system:kiosk").visit.visit
    visitor.get(path.replace(visit, other), status=404)
    town.clock.pass_(hours=24)
    visitor.get(path, status=404)


def test_a_machine_that_presses_without_end_is_stopped(town: Town) -> None:
    visitor, path = town.visitor(), kiosk_of(town)
    for number in range(kiosk.MOST_TICKETS):
        assert town.office.access.allow("kiosk", "HDV", kiosk.MOST_TICKETS, kiosk.A_MINUTE), number
    answer = visitor.send(visitor.get(path), path, genre="walk_in")
    assert "Beaucoup de numéros ont été pris." in visitor.get(answer.location)
    town.clock.pass_(minutes=3)
    assert "A001" in visitor.get(visitor.send(visitor.get(path), path, genre="walk_in").location)
