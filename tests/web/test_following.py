"""Is he who has the same problem told of the other report, and does his link stop that and nothing else?"""

import pytest

from gru.domain import events as e
from gru.domain.case import CloseCase
from gru.domain.references import follower_token
from gru.web.residents.following import MOST_WRONG
from tests.web.conftest import Town
from tests.web.filing import Resident, pothole, said
from tests.web.test_third_parties import work

EVE = "eve@exemple.fr"


def same_problem(town: Town, **contact: str) -> tuple[Resident, Resident]:
    """The first report, and hers who has the same problem."""
    first = pothole(town).answers()
    hers = Resident(town).begins().answers(lieu="16 rue des Acacias").answers(meme=first.number)
    hers.answers(**(contact or {"email": EVE}))
    return first, hers


def followed(town: Town) -> tuple[Resident, Resident]:
    first, hers = same_problem(town)
    return first, hers.answers()


def link(town: Town, first: Resident, hers: Resident) -> str:
    token = follower_token(town.office.settings.secret, first.case.id, hers.case.requester)
    return f"/ne-plus-suivre/{token}"


def news(town: Town) -> list[str]:
    """The mails about it that left, with their headers."""
    folder = town.office.settings.data / "outbox" / "new"
    raw = [path.read_bytes().decode() for path in sorted(folder.glob("*"))]
    return [one for one in raw if EVE in one.split("\r\n\r\n")[0] and "nouvelles" in one]


def close(town: Town, first: Resident) -> None:
    town.do(CloseCase(case_id=first.case.id, outcome="resolved"), by=town.by("julien.moreau"))
    work(town)


def test_who_recognises_his_problem_and_leaves_an_address_follows_the_other_report(town: Town) -> None:
    first, hers = same_problem(town)
    assert "Vous serez prévenu par courriel" in said(hers.page)
    hers.answers()
    assert hers.case.requester in first.case.followers
    assert hers.case.links == frozenset({first.case.id})


def test_without_an_address_nobody_is_promised_news(town: Town) -> None:
    first, hers = same_problem(town, tel="06 39 98 17 55")
    assert "Vous serez prévenu par courriel" not in said(hers.page)
    hers.answers()
    assert not first.case.followers


def test_a_report_closed_meanwhile_is_not_followed_and_the_form_goes_through(town: Town) -> None:
    first, hers = same_problem(town)
    town.do(CloseCase(case_id=first.case.id, outcome="resolved"), by=town.by("julien.moreau"))
    hers.answers()
    assert not first.case.followers
    assert hers.case.links == frozenset({first.case.id})


def test_each_mail_of_news_bears_the_link_and_the_header_of_one_click(town: Town) -> None:
    first, hers = followed(town)
    close(town, first)
    [mail] = news(town)
    where = f"http://127.0.0.1:8000{link(town, first, hers)}"
    head = mail.split("\r\n\r\n")[0].replace("\r\n ", " ")
    assert f"List-Unsubscribe: <{where}>\r\n" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert where in mail.replace("=\r\n", "").replace("=3D", "=")


def test_who_got_three_letters_of_machines_today_hears_the_news_tomorrow(town: Town) -> None:
    first, _ = followed(town)
    for subject in ("Un arbre", "Un banc", "Une lampe"):
        town.open_case(subject, name="Ève Martin", email=EVE)
    work(town)
    close(town, first)
    assert news(town) == []
    town.clock.pass_(days=1, hours=1)
    work(town)
    assert len(news(town)) == 1


def test_other_mails_bear_no_such_header(town: Town) -> None:
    followed(town)
    work(town)
    folder = town.office.settings.data / "outbox" / "new"
    assert not [path for path in folder.glob("*") if b"List-Unsubscribe" in path.read_bytes()]


def test_reading_the_link_changes_nothing_and_its_button_stops_the_news(town: Town) -> None:
    first, hers = followed(town)
    visitor, where = town.visitor(), link(town, first, hers)
    assert "Ne plus suivre cette demande ?" in said(visitor.get(where))
    assert hers.case.requester in first.case.followers
    answer = visitor.fill(where, where)
    assert answer.status_code == 200 and "Vous ne suivez plus cette demande" in said(answer)
    assert not first.case.followers
    assert "Vous ne suivez plus cette demande" in said(visitor.get(where))
    close(town, first)
    assert news(town) == []


def test_one_click_of_a_mail_program_stops_the_news_once(town: Town) -> None:
    first, hers = followed(town)
    for _ in range(2):
        answer = town.visitor().client.post(link(town, first, hers), data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.text) == (200, "ok\n")
    history = town.office.log.history(first.case.id)
    assert len([one for one in history if isinstance(one.event, e.CaseUnfollowed)]) == 1


def test_the_link_tells_nothing_of_the_requester(town: Town) -> None:
    first, hers = followed(town)
    page = said(town.visitor().get(link(town, first, hers)))
    assert "Lefèvre" not in page and "Acacias" not in page


@pytest.mark.parametrize("change", ["signature", "person", "case", "short", "odd"])
def test_a_link_that_is_not_ours_opens_nothing(town: Town, change: str) -> None:
    first, hers = followed(town)
    secret, case, person = town.office.settings.secret, first.case.id, hers.case.requester
    tokens = {
        "signature": follower_token(b"another secret" * 3, case, person),
        "person": follower_token(secret, case, person)[:40] + follower_token(secret, case, case)[40:],
        "case": follower_token(secret, "0" * 32, person),
        "short": "abc",
        "odd": "é" * 64,
    }
    where = f"/ne-plus-suivre/{tokens[change]}"
    town.visitor().get(where, status=404)
    assert town.visitor().client.post(where, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert hers.case.requester in first.case.followers


def test_links_are_not_found_by_trying(town: Town) -> None:
    visitor = town.visitor()
    for _ in range(MOST_WRONG):
        visitor.get("/ne-plus-suivre/x", status=404)
    visitor.get("/ne-plus-suivre/x", status=429)
