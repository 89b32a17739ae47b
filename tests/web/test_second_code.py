"""Does the link alone keep the page of a secret case shut, and does the code sent to its requester open it?"""

import mailbox
import re

import pytest

from gru.channels.base import TryLater
from gru.domain.case import AddMessage, RenewLinks
from gru.office import second_code
from tests.web.conftest import Town, Visitor

SECRET = "Aide au loyer refusée deux fois"


@pytest.fixture
def number(town: Town) -> str:
    return town.open_case(SECRET, "Je ne peux plus payer.", type="SOC-AIDE")


def sent(town: Town) -> list[str]:
    box = mailbox.Maildir(town.office.settings.data / "outbox", create=True)
    return [message.get_payload(decode=True).decode() for message in box]


def codes(town: Town) -> set[str]:
    """Those that stand in the mails sent so far."""
    return {match[0] for text in sent(town) if (match := re.search(r"\d{4} \d{4}", text))}


def opened(town: Town, number: str) -> Visitor:
    """A browser in which the code has been typed."""
    visitor, base = town.visitor(), town.link(number)
    assert visitor.fill(f"{base}/code", f"{base}/code").status_code == 303
    answer = visitor.fill(f"{base}/code", f"{base}/ouvrir", code=codes(town).pop())
    assert (answer.status_code, answer.location) == (303, base)
    return visitor


def test_the_link_alone_shows_nothing_of_a_secret_case(town: Town, number: str) -> None:
    base, visitor = town.link(number), town.visitor()
    for path in ("", "/recepisse", "/retirer", "/rouvrir", f"/pieces/{'0' * 32}"):
        answer = visitor.client.get(base + path)
        assert (answer.status_code, answer.location) == (303, f"{base}/code"), path
    page = visitor.get(f"{base}/code")
    assert "confidentielle" in page
    for word in (SECRET, "loyer", "sociale", "claire.lefevre"):
        assert word not in page


def test_the_code_sent_to_the_requester_opens_it(town: Town, number: str) -> None:
    visitor = opened(town, number)
    assert SECRET in visitor.get(town.link(number))
    assert len(sent(town)) == 1
    assert visitor.client.get(f"{town.link(number)}/code").status_code == 303


def test_it_opens_this_browser_for_this_case_and_for_an_hour(town: Town, number: str) -> None:
    visitor, other = opened(town, number), town.open_case("Une autre aide", type="SOC-AIDE")
    assert town.visitor().client.get(town.link(number)).status_code == 303
    assert visitor.client.get(town.link(other)).status_code == 303
    town.clock.pass_(minutes=61)
    assert visitor.client.get(town.link(number)).status_code == 303


def test_a_renewed_link_asks_for_a_code_again(town: Town, number: str) -> None:
    visitor = opened(town, number)
    town.do(RenewLinks(case_id=town.id_of(number), generation=1))
    assert visitor.client.get(town.link(number)).status_code == 303


@pytest.mark.parametrize("code", ["0000 0000", "", "é", "1" * 30_000])
def test_a_wrong_code_is_said_and_opens_nothing(town: Town, number: str, code: str) -> None:
    visitor, base = town.visitor(), town.link(number)
    answer = visitor.fill(f"{base}/code", f"{base}/ouvrir", code=code)
    assert answer.status_code == 422 and SECRET not in answer.text
    assert visitor.client.get(base).status_code == 303


def test_a_code_is_good_for_a_quarter_of_an_hour_and_not_for_an_hour(town: Town, number: str) -> None:
    visitor, base = town.visitor(), town.link(number)
    visitor.fill(f"{base}/code", f"{base}/code")
    first = codes(town)
    town.clock.pass_(minutes=60)
    assert visitor.fill(f"{base}/code", f"{base}/ouvrir", code=first.copy().pop()).status_code == 422
    visitor.fill(f"{base}/code", f"{base}/code")
    [newest] = codes(town) - first
    town.clock.pass_(minutes=14)
    assert visitor.fill(f"{base}/code", f"{base}/ouvrir", code=newest).status_code == 303


def test_it_may_be_tried_ten_times_in_a_quarter_of_an_hour(town: Town, number: str) -> None:
    visitor, base = town.visitor(), town.link(number)
    page = visitor.get(f"{base}/code")
    for _ in range(second_code.MOST_TRIED):
        assert visitor.send(page, f"{base}/ouvrir", code="0000 0000").status_code == 422
    visitor.send(page, f"{base}/code")
    assert visitor.send(page, f"{base}/ouvrir", code=codes(town).pop()).status_code == 429


def test_it_is_sent_five_times_an_hour_at_most(town: Town, number: str) -> None:
    visitor, base = town.visitor(), town.link(number)
    page = visitor.get(f"{base}/code")
    answers = [visitor.send(page, f"{base}/code").status_code for _ in range(6)]
    assert answers == [303] * 5 + [429]
    assert len(sent(town)) == 5


def test_without_an_address_it_cannot_be_opened_online(town: Town) -> None:
    number = town.open_case(SECRET, type="SOC-AIDE", channel="counter", email="")
    visitor, base = town.visitor(), town.link(number)
    page = visitor.get(f"{base}/code")
    assert "Aucune adresse e-mail" in page and "<form" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/suivi"))
    assert token
    visitor.client.post(f"{base}/code", data={"csrf_token": token[1]})
    assert sent(town) == []


def test_what_was_typed_too_late_is_shown_at_the_door(town: Town, number: str) -> None:
    visitor, base = opened(town, number), town.link(number)
    page = visitor.get(base)
    town.clock.pass_(hours=2)
    answer = visitor.send(page, f"{base}/message", texte="Voici mes trois fiches de paie.")
    assert answer.status_code == 403
    assert "Voici mes trois fiches de paie." in answer.text and SECRET not in answer.text
    assert "case.message_received" not in town.names_of(number)


def test_a_mail_server_that_is_away_is_said(town: Town, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise TryLater("the mail server is away")

    monkeypatch.setattr(town.office.channels["email"], "send", away)
    visitor, base = town.visitor(), town.link(number)
    answer = visitor.fill(f"{base}/code", f"{base}/code")
    assert answer.status_code == 503 and "pas pu partir" in answer.text


def test_an_ordinary_case_asks_for_no_code(town: Town) -> None:
    number = town.open_case()
    base = town.link(number)
    assert "Nid-de-poule" in town.visitor().get(base)
    assert town.visitor().client.get(f"{base}/code").location == base


def test_a_message_of_nobody_known_is_not_the_residents_own(town: Town) -> None:
    number = town.open_case()
    words = town.office.archive.write_text("J’ai vu le trou aussi.", person="", case=town.id_of(number))
    town.do(AddMessage(case_id=town.id_of(number), message="a" * 32, channel="email", received_at=town.clock.at,
                       proof="agent", text=words))  # fmt: skip
    page = town.visitor().get(town.link(number))
    assert "Un correspondant" in page and page.count("<b>Vous</b>") == 1
