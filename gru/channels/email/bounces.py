"""Which of our messages did not arrive, at whom, and why?"""

import re
from collections.abc import Iterator

from gru.channels.email.charsets import decode
from gru.channels.email.headers import message_ids, words
from gru.channels.email.mail import Bounce
from gru.channels.email.parts import Part

_MOST = 200
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_GROUPS = re.compile(r"\n[ \t]*\n")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SMTP_CODE = re.compile(r"\b([45])\d\d[ -]")
_ORIGINAL_ID = re.compile(r"^[> \t]*message-id[ \t]*:[ \t]*\n?[ \t]*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_NOT_YET = re.compile(
    r"delay|not yet|still trying|will (?:be retried|continue|keep trying)|retard|warning", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")


def leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from leaves(child)


def from_report(root: Part) -> list[Bounce]:
    """One per recipient of each message/delivery-status part (RFC 3464)."""
    found: list[Bounce] = []
    original = ""
    parts = list(leaves(root))
    for part in parts:
        if part.content_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            original = original or original_id(decode(part.content()[:65536]))
    for part in parts:
        if part.content_type in _STATUS_TYPES and len(found) < _MOST:
            found += _recipients(decode(part.content()[:262_144]).replace("\r\n", "\n"), original)
    return found[:_MOST]


def _recipients(text: str, original: str) -> Iterator[Bounce]:
    for group in _GROUPS.split(text):
        fields = {name.lower(): _SPACE.sub(" ", value).strip() for name, value in reversed(_FIELD.findall(group))}
        recipient = _typed(fields.get("final-recipient", "")) or _typed(fields.get("original-recipient", ""))
        if recipient or "action" in fields:
            yield Bounce(
                recipient=recipient,
                action=fields.get("action", "").lower().split(" ")[0],
                status="".join(_STATUS.findall(fields.get("status", ""))[:1]),
                diagnostic=words(fields.get("diagnostic-code", ""))[:1000],
                original_message_id=original,
            )


def _typed(value: str) -> str:
    """The address behind "rfc822;"."""
    return value.rpartition(";")[2].strip().strip("<>")


def original_id(text: str) -> str:
    found = _ORIGINAL_ID.search(text)
    return "".join(message_ids(found[1])) if found else ""


def from_words(root: Part, text: str, subject: str, own: set[str]) -> list[Bounce]:
    """What a bounce in plain words tells: the addresses it names, the first code, the message it returns."""
    if not (recipients := _failed_recipients(root) or _named_in(text, own)):
        return []
    whole = (
        text
        + "\n"
        + "\n".join(decode(part.content()[:65536]) for part in leaves(root) if part.content_type.startswith("message/"))
    )
    status = _STATUS.search(text)
    code = _SMTP_CODE.search(text)
    action = "delayed" if _NOT_YET.search(subject) else "failed"
    stated = status[1] if status else f"{code[1]}.0.0" if code else ""
    diagnostic = _line_around(text, status or code)
    original = original_id(whole)
    return [Bounce(each, action, stated, diagnostic, original) for each in recipients[:_MOST]]


def _failed_recipients(root: Part) -> list[str]:
    return _ADDRESS.findall(root.headers.first("x-failed-recipients"))


def _named_in(text: str, own: set[str]) -> list[str]:
    """Addresses in the notice itself, before the copy of what is returned."""
    notice = re.split(r"^--.*(?:copy|original|returned|message).*$|^return-path:", text[:20_000], maxsplit=1,
                      flags=re.IGNORECASE | re.MULTILINE)[0]  # fmt: skip
    found = dict.fromkeys(each.rstrip(".") for each in _ADDRESS.findall(notice))
    return [each for each in found if each.lower() not in own]


def _line_around(text: str, match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return text[start : end if end >= 0 else None].strip()[:1000]
