"""Who is named in an address header?"""

import re
from dataclasses import dataclass, field

from gru.channels.email.headers import words

_TOKEN = re.compile(r'=\?[^?\s]+\?[bBqQ]\?[^?]*\?=|"(?:\\.|[^"\\])*"|<[^<>]*>|\\.|[(),;:]|[^"()<>,;:\\=]+|.', re.DOTALL)
_BARE_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]{1,320}@[^\s@<>\"'(),;:]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"\([^()]*\)")
_DOT = re.compile(r"\s*([.@])\s*")
_MOST = 2000


@dataclass(slots=True)
class _Draft:
    """One address while it is being read."""

    phrase: str = ""
    comment: str = ""
    angle: str | None = None
    depth: int = 0
    carried: str = field(default="")  # a name cut by an unquoted comma


def addresses(value: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox; an unquoted comma inside a name does not make a second one."""
    found: list[tuple[str, str]] = []
    draft = _Draft()
    for token in _TOKEN.findall(value):
        if draft.depth or token in "()":
            _comment(draft, token)
        elif token in ",;":
            draft = _close(draft, token, found)
        elif token == ":":
            draft = _colon(draft)
        elif token[0] == "<" and len(token) > 1:
            draft = _angle(draft, token, found)
        else:
            draft.phrase += _ESCAPED.sub(r"\1", token[1:-1]) if _quoted(token) else token
        if len(found) >= _MOST:
            return found
    _close(draft, ";", found)
    return found


def _quoted(token: str) -> bool:
    return len(token) > 1 and token[0] == '"' and token[-1] == '"'


def _comment(draft: _Draft, token: str) -> None:
    draft.depth = max(0, draft.depth + {"(": 1, ")": -1}.get(token, 0))
    if token not in "()":
        draft.comment += token


def _colon(draft: _Draft) -> _Draft:
    """A colon ends the name of a group, unless it stands inside an address."""
    if "@" in draft.phrase:
        draft.phrase += ":"
        return draft
    return _Draft()


def _angle(draft: _Draft, token: str, found: list[tuple[str, str]]) -> _Draft:
    if draft.angle is not None:
        draft = _close(draft, ";", found)
    draft.angle = token[1:-1]
    return draft


def _close(draft: _Draft, token: str, found: list[tuple[str, str]]) -> _Draft:
    """Take the address that ends here, or carry its words over to the next one."""
    phrase = draft.phrase.strip()
    if draft.angle is None:
        bare = _BARE_ADDRESS.search(phrase) if "@" in phrase else None
        if bare is None:
            if token == "," and phrase:
                return _Draft(carried=f"{draft.carried}{phrase}, ")
            if phrase:
                found.append((_name(draft.carried + phrase), ""))
            return _Draft()
        name = phrase[: bare.start()] + phrase[bare.end() :]
        found.append((_name(name) or _name(draft.comment), _address(bare[0])))
        return _Draft()
    name = _name(draft.carried + phrase) or _name(draft.comment)
    found.append((name, _address(draft.angle)))
    return _Draft()


def _name(text: str) -> str:
    return _SPACE.sub(" ", words(text)).strip().strip("\"'").strip()


def _address(text: str) -> str:
    """The address without white space, a source route or what was wrongly written beside it."""
    text = _DOT.sub(r"\1", _COMMENT.sub("", words(text))).strip()
    bare = _BARE_ADDRESS.findall(text)
    if " " in text and bare:
        return str(bare[-1])
    return _SPACE.sub("", text.rpartition(":")[2] if text.startswith("@") else text)
