"""What does an error of the Graph API mean for us: later, slower, never this way, or call somebody?"""

from typing import Any, Literal

import msgspec

Kind = Literal["later", "limit", "refused", "broken"]
"""`later`: the same again after a while. `limit`: the page is asked too much. `refused`: this message never leaves this
way. `broken`: nothing leaves this page until an administrator has acted."""

LATER = frozenset({1, 2, 1200})
LIMITS = frozenset({4, 17, 32, 613})
TOKEN = frozenset({102, 190})
REFUSED_BY_SUBCODE = {
    2018278: "window_closed",
    2018065: "window_closed",
    2018001: "contact_lost",
    1545041: "person_unavailable",
    2018218: "no_profile",
}
REFUSED_BY_CODE = {10900: "already_replied"}


class Verdict(msgspec.Struct, frozen=True):
    kind: Kind
    reason: str


def judge(status: int, answer: Any) -> Verdict:
    """Of an HTTP status and the JSON that came with it, whatever it is."""
    error = answer.get("error") if isinstance(answer, dict) else None
    code, subcode = (_code(error, "code"), _code(error, "error_subcode")) if isinstance(error, dict) else (0, 0)
    if code in LIMITS or 80000 <= code <= 80999 or (status == 429 and not code):
        return Verdict("limit", "limit")
    if reason := REFUSED_BY_SUBCODE.get(subcode):
        return Verdict("refused", reason)
    if code in LATER:
        return Verdict("later", "temporary")
    if code in TOKEN:
        return Verdict("broken", "token")
    if code == 10 or 200 <= code <= 299:
        return Verdict("broken", "permission")
    if code == 368:
        return Verdict("broken", "blocked")
    if reason := REFUSED_BY_CODE.get(code):
        return Verdict("refused", reason)
    if code == 100:
        return Verdict("refused", "bad_parameter")
    if status >= 500 or not code:
        return Verdict("later", "no_answer")
    return Verdict("refused", f"graph_{code}")


def _code(error: dict[str, Any], name: str) -> int:
    value = error.get(name)
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
