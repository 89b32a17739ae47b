"""Do mailboxes and mail servers open to a token, is it renewed in time, and is a refused one an alarm? Real servers."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from gru.channels.base import ChannelBroken, TryLater
from gru.channels.email.imap import ImapAccount, ImapSource
from gru.channels.email.smtp import SmtpTransport
from gru.channels.email.tokens import Tokens, TokenServer
from gru.settings import BadSetting, read
from tests.channels.contract import numbers
from tests.channels.imap_post import letter
from tests.channels.tls import certificate, in_tls
from tests.servers import Mailbox, TokenOffice, find_imap_by_token, imap_by_token, need, token_office
from tests.servers.imap import USER
from tests.servers.process import HOST, free_port

SECRET = "mot-de-passe-du-programme"


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Counter:
    """The token server, its https address, and who asks there."""

    def __init__(self, office: TokenOffice, port: int, plain_port: int, pem: Path) -> None:
        self.office = office
        self.plain_port = plain_port
        self.address = f"https://{HOST}:{port}/oauth2/token"
        self.clock = Clock()
        self._pem = pem

    def tokens(self, **changes: str) -> Tokens:
        server = TokenServer(**({"address": self.address, "client_id": "gru", "client_secret": SECRET} | changes))
        return Tokens(server, self.session, self.clock)

    def session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # a bundle named there would be believed instead
        session.verify = str(self._pem)
        return session


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    office, pem = TokenOffice(USER), certificate(tmp_path)
    with token_office(office) as plain, in_tls(plain, pem) as port:
        yield Counter(office, port, plain, pem)


# --- the token server ----------------------------------------------------------------------------------------------


def test_the_program_speaks_for_itself_and_asks_once(counter: Counter) -> None:
    tokens = counter.tokens(scope="https://outlook.office365.com/.default")
    assert tokens.token() == tokens.token() == "jeton-1"
    assert counter.office.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "gru",
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]


def test_each_mailbox_asks_with_its_own_word(counter: Counter) -> None:
    tokens = counter.tokens()
    assert tokens.token("mot-de-voirie") != tokens.token("mot-d-etat-civil")
    assert [form["refresh_token"] for form in counter.office.asked] == ["mot-de-voirie", "mot-d-etat-civil"]
    assert {form["grant_type"] for form in counter.office.asked} == {"refresh_token"}


def test_a_token_is_renewed_before_it_ends(counter: Counter) -> None:
    tokens = counter.tokens()
    assert tokens.token() == "jeton-1"
    counter.clock.at += 3600 - 400
    assert tokens.token() == "jeton-1"
    counter.clock.at += 120
    assert tokens.token() == "jeton-2"


def test_a_word_that_is_replaced_is_asked_with_no_more(counter: Counter) -> None:
    counter.office.refreshes = True
    tokens = counter.tokens()
    tokens.token("premier-mot")
    counter.clock.at += 4000
    tokens.token("premier-mot")
    assert [form["refresh_token"] for form in counter.office.asked] == ["premier-mot", "suite-1"]


def test_a_token_server_that_is_away_costs_nothing_while_a_token_holds(counter: Counter) -> None:
    tokens = counter.tokens()
    tokens.token()
    counter.office.answer = (503, {})
    counter.clock.at += 3500
    assert tokens.token() == "jeton-1"
    counter.clock.at += 200
    with pytest.raises(TryLater):
        tokens.token()


@pytest.mark.parametrize(
    ("answer", "how", "said"),
    [
        ((400, {"error": "invalid_grant"}), ChannelBroken, "invalid_grant"),
        ((401, {"error": "invalid_client"}), ChannelBroken, "invalid_client"),
        ((400, {"error": "temporarily_unavailable"}), TryLater, "temporarily_unavailable"),
        ((429, {}), TryLater, "http 429"),
        ((302, {}), ChannelBroken, "http 302"),
        ((200, {"access_token": 7}), ChannelBroken, "holds no token"),
        ((200, {"access_token": "un\r\njeton"}), ChannelBroken, "holds no token"),
        ((400, {"error": SECRET + "\n"}), ChannelBroken, "http 400"),
    ],
)
def test_each_answer_of_the_token_server_has_its_meaning(
    counter: Counter, answer: tuple[int, dict[str, Any]], how: type[Exception], said: str
) -> None:
    counter.office.answer = answer
    with pytest.raises(how, match=said) as caught:
        counter.tokens().token("mot")
    assert SECRET not in str(caught.value)


def test_a_token_server_nobody_vouches_for_is_told_no_secret(counter: Counter) -> None:
    with pytest.raises(ChannelBroken, match="certificate"):
        Tokens(TokenServer(counter.address, "gru", SECRET)).token()
    assert counter.office.asked == []


def test_secrets_and_tokens_stand_in_no_log(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    counter.tokens().token("mot-secret")
    assert not {"jeton-1", "mot-secret", SECRET} & set(" ".join(caplog.messages).replace("=", " ").split())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"GRU_MAIL_TOKEN_URL": "http://login.example/token"}, "must begin with https://"),
        ({"GRU_MAIL_TOKEN_URL": "https://login.example/token"}, "GRU_MAIL_CLIENT_ID is not set"),
    ],
)
def test_a_setting_that_would_leak_or_lack_something_is_refused(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadSetting, match=sentence):
        read(settings)


def test_a_way_to_log_in_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="auth=xoauth2"):
        ImapAccount.from_url("imaps://u:p@h/INBOX?auth=kerberos")
    with pytest.raises(ValueError, match="auth=xoauth2"):
        SmtpTransport("smtps://u:p@h?auth=kerberos")


# --- a mailbox -----------------------------------------------------------------------------------------------------


@pytest.fixture
def by_token(counter: Counter) -> Iterator[Mailbox]:
    need(find_imap_by_token)
    with imap_by_token(counter.plain_port) as mailbox:
        yield mailbox


def source_of(mailbox: Mailbox, tokens: Tokens | None, auth: str = "xoauth2") -> ImapSource:
    account = ImapAccount(mailbox.host, mailbox.line.port, False, mailbox.user, "mot", done="Fait", auth=auth)
    return ImapSource(account, "mairie@ville.example", lambda name: None, lambda name, cursor: None, tokens=tokens)


def test_a_mailbox_opens_to_a_token_either_way(by_token: Mailbox, counter: Counter) -> None:
    by_token.append(letter(1))
    for auth in ("xoauth2", "oauthbearer"):
        source = source_of(by_token, counter.tokens(), auth)
        assert numbers(list(source.fetch())) == [1]
        source.close()


def test_a_revoked_token_is_replaced_by_another_at_once(by_token: Mailbox, counter: Counter) -> None:
    by_token.append(letter(1))
    tokens = counter.tokens()
    counter.office.valid.clear()
    tokens.token("mot")
    counter.office.valid.clear()
    source = source_of(by_token, tokens)
    assert numbers(list(source.fetch())) == [1]
    assert len(counter.office.asked) == 2
    source.close()


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_mailbox_that_refuses_every_token_calls_an_operator(by_token: Mailbox, counter: Counter, auth: str) -> None:
    counter.office.user = "quelqu-un-d-autre"
    with pytest.raises(ChannelBroken, match="refuses our login"):
        list(source_of(by_token, counter.tokens(), auth).fetch())


def test_a_consent_that_ended_calls_an_operator_and_says_so(by_token: Mailbox, counter: Counter) -> None:
    counter.office.answer = (400, {"error": "invalid_grant"})
    with pytest.raises(ChannelBroken, match="invalid_grant"):
        list(source_of(by_token, counter.tokens()).fetch())


def test_a_login_by_token_without_a_token_server_says_what_is_missing(by_token: Mailbox) -> None:
    with pytest.raises(ChannelBroken, match="GRU_MAIL_TOKEN_URL"):
        list(source_of(by_token, None).fetch())


# --- a mail server -------------------------------------------------------------------------------------------------


class Door:
    """Takes XOAUTH2 as providers do: the first word comes with the command, and a refusal gives its reason first."""

    def __init__(self, office: TokenOffice) -> None:
        self.office = office
        self.mails: list[bytes] = []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        return await self._judge(server, args, b"user=" + USER.encode() + b"\1auth=Bearer ")

    async def auth_OAUTHBEARER(self, server: Any, args: list[str]) -> AuthResult:
        return await self._judge(server, args, b"n,a=" + USER.encode() + b",\1auth=Bearer ")

    async def _judge(self, server: Any, args: list[str], begins: bytes) -> AuthResult:
        from base64 import b64decode

        said = b64decode(args[1])
        token = said.removeprefix(begins).removesuffix(b"\1\1").decode()
        if said.startswith(begins) and self.office.whose(token)[0] == 200:
            return AuthResult(success=True)
        await server.challenge_auth(json.dumps({"status": "401"}))
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


@contextmanager
def door(office: TokenOffice) -> Iterator[tuple[Door, Callable[[str], str]]]:
    handler, port = Door(office), free_port()
    controller = Controller(handler, hostname=HOST, port=port, auth_required=True, auth_require_tls=False)
    controller.start()
    try:
        yield handler, lambda auth: f"smtp://{USER}:mot@{HOST}:{port}?auth={auth}"
    finally:
        controller.stop()


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_mail_leaves_by_token(counter: Counter, auth: str) -> None:
    with door(counter.office) as (there, url):
        SmtpTransport(url(auth), counter.tokens()).send(
            "a@ville.example", "b@courriel.example", b"Subject: x\r\n\r\nx\r\n"
        )
    assert len(there.mails) == 1


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_revoked_token_does_not_stop_a_mail(counter: Counter, auth: str) -> None:
    tokens = counter.tokens()
    tokens.token("mot")
    counter.office.valid.clear()
    with door(counter.office) as (_, url):
        SmtpTransport(url(auth), tokens).check()
    assert len(counter.office.asked) == 2


def test_a_mail_server_that_refuses_every_token_calls_an_operator(counter: Counter) -> None:
    counter.office.user = "x"
    tokens = counter.tokens()
    with door(counter.office) as (there, url):
        counter.office.whose = lambda token: (401, {})
        with pytest.raises(ChannelBroken, match="refuses our login"):
            SmtpTransport(url("xoauth2"), tokens).check()
    assert there.mails == []
