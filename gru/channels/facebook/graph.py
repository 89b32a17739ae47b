"""How is the Graph API asked, and what happens when it says no?"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
import requests

from gru.channels.base import ChannelBroken, Paused, TryLater, Undeliverable
from gru.channels.facebook.errors import judge

SECONDS = (5, 30)
"""To connect, to answer."""

LONGEST_ANSWER = 10_000_000
SLOW_AT = 80
"""Percent of what the page may ask: from here on it waits between two calls."""

SLOW_SECONDS = 30.0
BROKEN_SECONDS = 900.0
"""How long nothing is sent after a refusal of the page itself; then one message tries again."""

SAID = {
    "token": "Facebook no longer accepts the page's token: make a new one, set it in GRU_FACEBOOK_PAGES, restart.",
    "permission": "Facebook says the app lacks a permission for this page: look at the app's review and the page's"
    " roles.",
    "blocked": "Facebook has blocked the page for now: look at its messages in Meta's business suite.",
    "bad_parameter": "Facebook did not understand a call: a fault of the program, or of GRU_FACEBOOK_VERSION.",
}


class Page(msgspec.Struct, frozen=True):
    """One page of the town; the token is what speaks in its name."""

    id: str
    token: str


class Hold(msgspec.Struct, frozen=True):
    """Nothing is asked in this page's name until then; `reason` is `limit` or one of those of `errors`."""

    until: datetime
    reason: str


class Standing(Protocol):
    """How a page stands with Facebook, remembered by all processes together."""

    def held(self, page: str) -> Hold | None: ...

    def limited(self, page: str, seconds: float) -> datetime:
        """Asked too much: until when it waits, longer each time, and at least so long."""
        ...

    def stop(self, page: str, reason: str, seconds: float) -> datetime:
        """Refused: an administrator must act."""
        ...

    def works(self, page: str) -> None: ...

    def alarm(self, page: str, sentence: str) -> None: ...


class Graph:
    """Asks in the name of one page at a time; errors become those of `channels.base`."""

    def __init__(
        self,
        *,
        address: str,
        version: str,
        standing: Standing,
        now: Callable[[], datetime],
        session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self._address = f"{address.rstrip('/')}/{version}"
        self._standing = standing
        self._now = now
        self._session = session
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # below it would write tokens

    def get(self, page: Page, path: str, **query: str | int) -> dict[str, Any]:
        return self._ask(page, "GET", path, {"params": {**query, "access_token": page.token}})

    def post(self, page: Page, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask(page, "POST", path, {"json": {**body, "access_token": page.token}})

    def _ask(self, page: Page, method: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        self._refuse_held(page)
        try:
            with self._session() as session:
                response = session.request(
                    method, f"{self._address}/{path}", timeout=SECONDS, allow_redirects=False, stream=True, **values
                )
                with response:
                    status, headers = response.status_code, response.headers
                    content = response.raw.read(LONGEST_ANSWER, decode_content=True)
        except (requests.RequestException, OSError, ValueError):
            raise TryLater("the Graph API does not answer") from None
        except Exception as error:
            if type(error).__module__.startswith("urllib3"):
                raise TryLater("the Graph API broke off its answer") from None
            raise
        answer = _answer(content)
        if status == 200 and isinstance(answer, dict) and "error" not in answer:
            self._worked(page, headers)
            return answer
        raise self._refused(page, status, answer, headers)

    def _refuse_held(self, page: Page) -> None:
        hold = self._standing.held(page.id)
        if hold is None:
            return
        if hold.reason == "limit":
            raise Paused("the page asked Facebook too much and waits", hold.until)
        raise ChannelBroken(SAID.get(hold.reason, "Facebook refuses this page"))

    def _worked(self, page: Page, headers: Mapping[str, str]) -> None:
        self._standing.works(page.id)
        used, minutes = usage(headers)
        if used >= SLOW_AT:
            self._standing.limited(page.id, max(SLOW_SECONDS, minutes * 60))

    def _refused(self, page: Page, status: int, answer: Any, headers: Mapping[str, str]) -> Exception:
        verdict = judge(status, answer)
        match verdict.kind:
            case "limit":
                until = self._standing.limited(page.id, usage(headers)[1] * 60)
                return Paused("Facebook says the page asks too much", until)
            case "later":
                return TryLater("the Graph API says: later")
            case "broken":
                self._standing.stop(page.id, verdict.reason, BROKEN_SECONDS)
                self._standing.alarm(page.id, SAID[verdict.reason])
                return ChannelBroken(SAID[verdict.reason])
            case "refused":
                if verdict.reason == "bad_parameter":
                    self._standing.alarm(page.id, SAID[verdict.reason])
                return Undeliverable("Facebook refuses this message", verdict.reason)


def usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """How much of what may be asked is used, in percent, and after how many minutes it may be asked again."""
    used = minutes = 0.0
    for name in ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"):
        for part in _parts(_answer(headers.get(name, "").encode("latin-1", "replace"))):
            for key in ("call_count", "total_time", "total_cputime"):
                used = max(used, _figure(part.get(key)))
            minutes = max(minutes, _figure(part.get("estimated_time_to_regain_access")))
    return used, min(minutes, 24 * 60)


def _parts(said: Any) -> list[dict[str, Any]]:
    if not isinstance(said, dict):
        return []
    inside = [part for value in said.values() if isinstance(value, list) for part in value if isinstance(part, dict)]
    return [said, *inside]


def _figure(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 10**6 else 0.0


def _answer(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
