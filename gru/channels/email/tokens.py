"""With which token do we log in where passwords are not taken (OAuth2), and who renews it?

A token is asked for over https, kept in memory only, and renewed before it ends. What the token server says stands in
no log and no sentence but for its short code: an answer holds tokens.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import requests

from gru.channels.base import ChannelBroken, TryLater

MECHANISMS = ("xoauth2", "oauthbearer")
SECONDS = (5, 30)
"""To connect, to answer."""

LONGEST_ANSWER = 200_000
RENEW_BEFORE = 300.0
"""A token is renewed when so little is left of it, or a tenth of its life."""

USUAL_LIFE = 3600.0
_TOKEN = re.compile(r"[!-~]{1,16384}")
_CODE = re.compile(r"[a-z_]{1,40}")
_NOT_YET = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


class TokenServer(msgspec.Struct, frozen=True):
    """Where tokens are given to the town's program, and as whom it asks."""

    address: str
    client_id: str
    client_secret: str
    scope: str = ""


class Held(msgspec.Struct, frozen=True):
    """`refresh` is the last word that asks for the next one: some servers give another each time."""

    token: str
    renew_at: float
    ends_at: float
    refresh: str


class Tokens:
    """One for all mailboxes of the process. `refresh`, a mailbox's own word, names whose token it is; without one the
    program speaks for itself (client credentials)."""

    def __init__(
        self,
        server: TokenServer | None,
        session: Callable[[], requests.Session] = requests.Session,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._session = session
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._asking = threading.Lock()
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

    def token(self, refresh: str = "") -> str:
        """`TryLater` while the token server is away and none is left, `ChannelBroken` when it refuses."""
        with self._asking:
            held, now = self._held.get(refresh), self._clock()
            if held is None or now >= held.renew_at:
                try:
                    held = self._asked(held.refresh if held else refresh)
                except TryLater:
                    if held is None or now >= held.ends_at:
                        raise
                self._held[refresh] = held
            return held.token

    def forget(self, token: str) -> None:
        """It was refused where it was shown: the next one is asked for anew."""
        with self._asking:
            for name, held in self._held.items():
                if held.token == token:
                    self._held[name] = msgspec.structs.replace(held, renew_at=0.0, ends_at=0.0)

    def _asked(self, refresh: str) -> Held:
        if self._server is None:
            raise ChannelBroken("a login by token is set, and GRU_MAIL_TOKEN_URL is not")
        status, content = self._answer(self._server, refresh)
        said = _read(content)
        if status != 200:
            raise _refusal(status, said.get("error"))
        token, life, another = said.get("access_token"), said.get("expires_in"), said.get("refresh_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ChannelBroken("the token server's answer holds no token")
        seconds = _seconds(life)
        now = self._clock()
        kept = another if isinstance(another, str) and refresh and _TOKEN.fullmatch(another) else refresh
        return Held(token, now + seconds - max(seconds / 10, min(RENEW_BEFORE, seconds / 2)), now + seconds, kept)

    def _answer(self, server: TokenServer, refresh: str) -> tuple[int, bytes]:
        asked = {"grant_type": "refresh_token", "refresh_token": refresh}
        form = asked if refresh else {"grant_type": "client_credentials"}
        form |= {"client_id": server.client_id}
        form |= {"client_secret": server.client_secret} if server.client_secret else {}
        form |= {"scope": server.scope} if server.scope else {}
        try:
            with (
                self._session() as session,
                session.post(
                    server.address, data=form, timeout=SECONDS, allow_redirects=False, stream=True
                ) as response,
            ):
                return response.status_code, response.raw.read(LONGEST_ANSWER, decode_content=True)
        except requests.exceptions.SSLError:
            raise ChannelBroken("the token server's certificate is not valid") from None
        except (requests.RequestException, OSError, ValueError):
            raise TryLater("the token server does not answer") from None
        except Exception as error:
            if type(error).__module__.startswith("urllib3"):
                raise TryLater("the token server broke off its answer") from None
            raise


def challenged(mechanism: str, user: str, token: str) -> Callable[..., str]:
    """What is said first (RFC 7628, and Google's XOAUTH2), and to a server that then says why it refuses."""
    if mechanism == "xoauth2":
        first, farewell = f"user={user}\1auth=Bearer {token}\1\1", ""
    else:
        name = user.replace("=", "=3D").replace(",", "=2C")
        first, farewell = f"n,a={name},\1auth=Bearer {token}\1\1", "\1"

    def answer(challenge: bytes | None = None) -> str:
        return farewell if challenge else first

    return answer


def mechanism(query: dict[str, list[str]]) -> str:
    """Of an address's `?auth=`; `""` for a password, `ValueError` with a sentence."""
    [word] = query.get("auth", [""])[:1]
    if word and word not in MECHANISMS:
        raise ValueError(f"A login by token is written ?auth=xoauth2 or ?auth=oauthbearer, not {word!r}.")
    return word


def _refusal(status: int, code: Any) -> ChannelBroken | TryLater:
    said = code if isinstance(code, str) and _CODE.fullmatch(code) else f"http {status}"
    if status == 429 or status >= 500 or said in _NOT_YET:
        return TryLater(f"the token server says later ({said})")
    return ChannelBroken(f"the token server refuses us ({said}): the secret or the mailbox's consent has ended")


def _seconds(life: Any) -> float:
    """Some servers write the number as a word."""
    if isinstance(life, str) and life.isdecimal() and len(life) < 10:
        life = int(life)
    is_number = isinstance(life, int | float) and not isinstance(life, bool)
    return float(life) if is_number and 0 < life < 10**8 else USUAL_LIFE


def _read(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
