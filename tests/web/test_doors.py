"""Who comes in, by which door, and what does every answer forbid?"""

import re

import pytest

from gru.web import auth
from gru.web.owners import owner_of
from gru.web.security import POLICY, client_address
from tests.web.conftest import Town

LOGIN = "julien.moreau@val-des-tilleuls.example"
NOBODY = "personne@nulle.part"
PASSWORD = "un mot de passe assez long"


@pytest.fixture
def with_password(town: Town) -> Town:
    town.office.access.set_password(town.by_name["julien.moreau"].id, LOGIN, PASSWORD)
    return town


def test_every_route_has_an_owner(town: Town) -> None:
    views = town.app.view_functions
    assert [endpoint for endpoint, view in views.items() if owner_of(view) is None] == []


def test_a_public_route_says_why(town: Town) -> None:
    owners = [owner_of(view) for view in town.app.view_functions.values()]
    assert all(owner.act or owner.reason for owner in owners if owner)


def test_no_page_of_the_agents_opens_without_a_session(town: Town) -> None:
    number = town.open_case()
    for rule in town.app.url_map.iter_rules():
        owner = owner_of(town.app.view_functions[rule.endpoint])
        if owner is None or owner.act is None or "GET" not in (rule.methods or ()):
            continue
        values = {"ref": number, "number": 1, "file": "0" * 32, "slug": "note", "format": "a6"} | {
            "difficulty": "0" * 32
        }
        path = str(rule)
        for name in rule.arguments:
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", str(values.get(name, "0" * 32)), path)
        answer = town.visitor().client.get(path)
        assert answer.status_code == 303, path
        assert answer.location.startswith("/connexion?suite="), path


def test_an_agent_logs_in_and_lands_where_he_was_going(with_password: Town) -> None:
    visitor = with_password.visitor()
    page = visitor.get("/connexion?suite=/agent/demandes%3Fechance%3Dretard")
    answer = visitor.send(page, "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/agent/demandes?echance=retard")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("agent="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Julien Moreau" in visitor.get("/agent/demandes")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://mechant.example/",
        "//mechant.example",
        "/\\mechant.example",
        "javascript:1",
        "/\t/mechant.example",
        "/\n/mechant.example",
        "/\r//mechant.example",
        "/agent\x00",
        "//[",
        "agent/demandes",
    ],
)
def test_login_never_leads_to_another_site(with_password: Town, elsewhere: str) -> None:
    visitor = with_password.visitor()
    page = visitor.get("/connexion")
    answer = visitor.send(page, "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD, suite=elsewhere)
    assert answer.location == auth.START


@pytest.mark.parametrize("hidden", ["%0a", "%0d", "%09", "%00", "%20", "%5c"])
def test_an_address_with_hidden_characters_leads_to_the_list(town: Town, hidden: str) -> None:
    answer = town.agent().client.get(f"/connexion?suite=/{hidden}/mechant.example")
    assert (answer.status_code, answer.location) == (303, auth.START)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(with_password: Town) -> None:
    visitor = with_password.visitor()
    page = visitor.get("/connexion")
    wrong = visitor.send(page, "/connexion", identifiant=LOGIN, mot_de_passe="faux")
    unknown = visitor.send(page, "/connexion", identifiant=NOBODY, mot_de_passe="faux")
    assert wrong.status_code == unknown.status_code == 422
    assert "<title>Erreur : " in wrong.text.replace("\u00a0", " ")
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    said = [token.sub("", answer.text.replace(login, "")) for answer, login in ((wrong, LOGIN), (unknown, NOBODY))]
    assert said[0] == said[1]


def test_an_account_is_closed_after_too_many_tries_even_to_the_right_password(with_password: Town) -> None:
    access = with_password.office.access
    for _ in range(auth.MOST_FOR_ACCOUNT):
        access.record_attempt("login", f"127.0.0.1 {LOGIN}")
    visitor = with_password.visitor()
    answer = visitor.fill("/connexion", "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD)
    assert answer.status_code == 429
    assert "Compte bloqué pendant 15 minutes" in answer.text
    with_password.clock.pass_(minutes=20)
    again = visitor.fill("/connexion", "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD)
    assert again.status_code == 303


def test_who_tries_elsewhere_does_not_close_an_account_until_ten_times_as_often(with_password: Town) -> None:
    access = with_password.office.access
    for _ in range(auth.MOST_FOR_ACCOUNT):
        access.record_attempt("login", f"192.0.2.1 {LOGIN}")
        access.record_attempt("login_anywhere", LOGIN)
    visitor = with_password.visitor()
    assert visitor.fill("/connexion", "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD).status_code == 303
    for _ in range(auth.MOST_ANYWHERE):
        access.record_attempt("login_anywhere", LOGIN)
    stranger = with_password.visitor()
    assert stranger.fill("/connexion", "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nulle part", "nulle part"),
    ],
)
def test_the_neighbours_of_an_ipv6_address_count_as_one(town: Town, address: str, counted: str) -> None:
    with town.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_address() == counted


def test_an_address_from_which_too_much_is_tried_is_closed(with_password: Town) -> None:
    for _ in range(auth.MOST_FROM_ADDRESS):
        with_password.office.access.record_attempt("login_address", "127.0.0.1")
    visitor = with_password.visitor()
    assert visitor.fill("/connexion", "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD).status_code == 429


def test_logging_out_revokes_the_session_not_only_the_cookie(town: Town) -> None:
    visitor = town.agent()
    cookie = visitor.client.get_cookie("agent")
    assert cookie is not None
    assert visitor.send(visitor.get("/agent/demandes"), "/deconnexion").location == "/connexion"
    assert town.office.access.session(cookie.value) is None


def test_a_revoked_session_is_out_at_the_next_click(town: Town) -> None:
    visitor = town.agent()
    town.office.access.revoke_all(town.by_name["julien.moreau"].id)
    assert visitor.client.get("/agent/demandes").status_code == 303


def test_a_text_sent_after_the_session_ended_waits_behind_the_login(with_password: Town) -> None:
    number = with_password.open_case()
    visitor = with_password.agent()
    path = f"/agent/demandes/{number}"
    page = visitor.get(path)
    with_password.office.access.revoke_all(with_password.by_name["julien.moreau"].id)
    answer = visitor.send(page, f"{path}/repondre", texte="Un cône est posé.")
    assert answer.status_code == 401
    again = visitor.send(answer.text, "/connexion", identifiant=LOGIN, mot_de_passe=PASSWORD)
    assert "Un cône est posé." in again.text
    assert visitor.send(again.text, f"{path}/repondre").status_code == 303
    assert "case.reply_written" in with_password.names_of(number)


def test_a_form_without_its_token_changes_nothing(town: Town) -> None:
    number = town.open_case()
    before = town.names_of(number)
    for visitor, path in (
        (town.agent(), f"/agent/demandes/{number}/note"),
        (town.visitor(), f"{town.link(number)}/message"),
        (town.visitor(), "/connexion"),
        (town.visitor(), "/suivi"),
    ):
        answer = visitor.client.post(path, data={"texte": "bonjour", "cle": "0" * 32})
        assert answer.status_code == 400, path
    assert town.names_of(number) == before


def test_reading_changes_nothing(town: Town) -> None:
    """Mail scanners open every link: no address may act by being read."""
    number = town.open_case()
    link = town.link(number)
    head = town.office.log.head()
    for path in ("", "/retirer", "/rouvrir", "/recepisse", "/message"):
        town.visitor().client.get(f"{link}{path}")
    agent = town.agent()
    for deed in ("", "/attribuer", "/clore", "/qualifier", "/note", "/rouvrir", "/faits/1"):
        agent.client.get(f"/agent/demandes/{number}{deed}")
    assert town.office.log.head() == head


@pytest.mark.parametrize("path", ["/suivi", "/connexion", "/nulle/part", "/sante", "/agent/demandes"])
def test_every_answer_forbids_scripts_frames_and_referrers(town: Town, path: str) -> None:
    answer = town.agent().client.get(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text and "<script" not in answer.text


def test_the_stylesheet_is_named_by_its_content_and_kept_for_ever(town: Town) -> None:
    page = town.visitor().get("/suivi")
    href = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = town.visitor().client.get(href)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.data) <= 40_000


def test_the_start_leads_each_one_where_he_belongs(town: Town) -> None:
    assert town.visitor().client.get("/").location == "/deposer"
    assert town.agent().client.get("/").location == "/agent/demandes"


def test_an_unknown_page_says_so_in_french(town: Town) -> None:
    assert "Page introuvable" in town.visitor().get("/nulle/part", status=404)


def test_a_right_that_is_missing_is_a_403(town: Town) -> None:
    assert "Votre rôle ne donne pas accès" in town.agent("patrice.lenoir").get("/pilotage/respect", status=403)
    assert town.agent("julien.moreau").get("/administration/etat", status=403)
