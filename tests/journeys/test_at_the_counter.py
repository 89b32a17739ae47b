"""Is somebody who comes in person served from ticket to letter, on both databases, however many come at once?"""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from gru.bootstrap import Office
from tests.journeys.towns import Journey
from tests.web.conftest import Clock, Town, _engaged
from tests.web.counters import at_the_counter, enter, number_of
from tests.web.pages import pages_of
from tests.web.test_mailing import shown, step


def town_of(journey: Journey) -> Town:
    return Town(journey.office, pages_of(journey.office), cast(Clock, journey.watch), _engaged(journey.office))


def test_a_resident_takes_a_number_is_served_and_written_to(journey: Journey) -> None:
    town = town_of(journey)
    ticket = journey.office.reception.take_ticket("HDV", "walk_in", "a" * 32, "system:kiosk")
    assert (ticket.visit.number, ticket.ahead) == (1, 0)
    agent = at_the_counter(town)
    agent.fill("/guichet/file", "/guichet/file/appeler", poste="2")
    assert "Devant vous\u00a0: A001" in agent.get("/guichet")
    number = number_of(
        enter(agent, contact="courrier", adresse="3 rue des Lilas, 59999 Val-des-Tilleuls", type="REL-INFO")
    )
    assert agent.client.get(f"/guichet/recepisse/{number}/pdf/a6").data.startswith(b"%PDF-")
    journey.settle()
    path = f"/agent/demandes/{number}"
    agent.fill(f"{path}?composer=repondre", f"{path}/repondre", texte="Oui, le samedi.")
    journey.watch.pass_(minutes=1)
    journey.settle()
    assert town.case(number).commitments["first_response"].kept_at is None
    (letter,) = re.findall(r'name="lettre" value="([0-9a-f.]+)"', shown(town))
    step(town, "imprimer", "", letter)
    step(town, "signer", "a-signer", letter)
    step(town, "poster", "a-poster", letter)
    journey.settle()
    case = town.case(number)
    assert case.status == "answered" and case.commitments["first_response"].kept_at is not None
    assert journey.sent() == []
    assert enter(agent, mots="trou", texte="Encore", faire="apercu").status_code == 200


def test_many_who_come_at_once_get_numbers_of_their_own(journey: Journey) -> None:
    office: Office = journey.office

    def take(key: int) -> int:
        return office.reception.take_ticket("HDV", "walk_in", f"{key:032x}", "system:kiosk").visit.number

    with ThreadPoolExecutor(8) as crowd:
        numbers = list(crowd.map(take, [key // 2 for key in range(32)]))
    assert [numbers[n] == numbers[n + 1] for n in range(0, 32, 2)] == [True] * 16
    assert len(set(numbers)) == 16


def test_the_same_entry_sent_by_two_at_once_is_one_case(journey: Journey) -> None:
    town = town_of(journey)
    visitor = at_the_counter(town)
    page = visitor.get("/guichet")
    cookies = [cookie for name in ("agent", "page") if (cookie := visitor.client.get_cookie(name))]
    assert len(cookies) == 2

    def send(_: int) -> str:
        browser = town.visitor()
        for cookie in cookies:
            browser.client.set_cookie(cookie.key, cookie.value)
        return number_of(enter(browser, page))

    with ThreadPoolExecutor(4) as crowd:
        assert len(set(crowd.map(send, range(4)))) == 1
