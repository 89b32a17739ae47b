"""What does one item of the page tell us: words of a resident, something about earlier words, or nothing?"""

import re
from datetime import UTC, datetime
from typing import Any, Literal

from gru.channels.base import Incoming, Medium, Sequel
from gru.channels.facebook.items import (
    POSTS,
    Item,
    answers_name,
    author,
    author_name,
    feed_id,
    feed_verb,
    happened_at,
    other_side,
    text_of,
    thread_name,
)

LONGEST = 20_000
MOST_MEDIA = 20
COPIED = frozenset({"image", "video", "audio", "file"})
"""Attachments that are somebody's own file; what else comes with a message is shown as words and an address."""

PRESENCES = frozenset({"sticker", "postback", "reaction", "referral"})
"""What somebody does in a conversation that calls nobody."""

COMMENT, DELETION, UNREADABLE, UNSUPPORTED = "comment", "data_deletion", "unreadable", "unsupported"
"""Why an agent decides: most comments are no requests, and what nobody can read must be seen."""

_REFERENCE = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{32}\.[a-z0-9]{10}")


def read(item: Item, at: datetime, app: str) -> Incoming:
    """`at` stands in for the time of an item that has none; `app` is our own id at Meta."""
    value = item.value
    moment = happened_at(item) or at
    if item.field == "deletion" and isinstance(value, dict):
        return Incoming(subject=text_of(value.get("code")), proposed=DELETION, defects=("data-deletion",))
    if item.field == "unreadable":
        return Incoming(text=text_of(value)[:LONGEST], proposed=UNREADABLE, defects=("unreadable",))
    if not isinstance(value, dict):
        return _nothing(moment, item.field)
    if item.field == "feed":
        return _feed(item.page, value, moment)
    if item.field == "messaging":
        return _messaging(item.page, value, moment, app)
    return _nothing(moment, item.field)


def _nothing(at: datetime, note: str) -> Incoming:
    return Incoming(sequel=Sequel(kind="nothing", at=at, note=note[:40]))


# --- the page's feed -----------------------------------------------------------------------------------------------


def _feed(page: str, value: dict[str, Any], at: datetime) -> Incoming:
    kind, verb, own = text_of(value.get("item")), feed_verb(value), feed_id(value)
    if kind not in (*POSTS, "comment") or not own:
        return _nothing(at, kind)
    if verb == "remove":
        return Incoming(sequel=Sequel(kind="removed", at=at, of=own))
    if author(value) == page:
        return _own(value, at)
    if verb == "edited":
        return Incoming(**_who(page, value), sequel=Sequel(kind="edited", at=at, of=own, text=_words(value)))
    if verb != "add":
        return _nothing(at, verb)
    parent = text_of(value.get("parent_id")) if kind == "comment" else ""
    return Incoming(
        **_who(page, value),
        text=_words(value),
        references=(parent,) if parent else (),
        proven=bool(author(value)),
        proposed=COMMENT if kind == "comment" else "",
        public=True,
        media=_pictures(value),
    )


def _own(value: dict[str, Any], at: datetime) -> Incoming:
    """The page wrote: an answer when it stands under somebody's words."""
    parent, own = text_of(value.get("parent_id")), text_of(value.get("comment_id"))
    if feed_verb(value) != "add" or not own or not parent:
        return _nothing(at, "own")
    answer = Sequel(kind="answer", at=at, of=parent, text=_words(value), sent_id=own, public=True)
    return Incoming(sequel=answer)


def _who(page: str, value: dict[str, Any]) -> dict[str, Any]:
    """Nobody, when Meta does not say who wrote."""
    person = author(value)
    return {"handle": f"comment:{page}:{person}" if person else "", "name": author_name(value)[:200]}


def _words(value: dict[str, Any]) -> str:
    words = text_of(value.get("message"))[:LONGEST]
    link = text_of(value.get("link"))
    return f"{words}\n{link}".strip() if link.startswith("http") and text_of(value.get("item")) != "photo" else words


def _pictures(value: dict[str, Any]) -> tuple[Medium, ...]:
    many = value.get("photos")
    urls = [value.get("photo"), value.get("video"), *(many if isinstance(many, list) else [])]
    if text_of(value.get("item")) in ("photo", "video"):
        urls.append(value.get("link"))
    return _media([(text_of(url), "") for url in urls])


# --- Messenger -----------------------------------------------------------------------------------------------------


def _messaging(page: str, value: dict[str, Any], at: datetime, app: str) -> Incoming:
    person = other_side(page, value)
    thread = thread_name(page, person) if person else ""
    message, edit = value.get("message"), value.get("message_edit")
    if isinstance(message, dict):
        if message.get("is_deleted"):
            return Incoming(sequel=Sequel(kind="removed", at=at, of=text_of(message.get("mid"))))
        if message.get("is_echo"):
            return _echo(thread, message, at, app)
        return _said(page, person, thread, message, at)
    if isinstance(edit, dict):
        sequel = Sequel(kind="edited", at=at, of=text_of(edit.get("mid")), text=text_of(edit.get("text"))[:LONGEST])
        return Incoming(handle=_handle(page, person), sequel=sequel)
    for name in ("delivery", "read"):
        if isinstance(value.get(name), dict) and thread:
            return _reached(thread, name, value[name], at)
    known = ("postback", "delivery", "read", "reaction", "referral", "optin")
    return _nothing(at, next((kind for kind in known if kind in value), "messaging"))


def is_presence(incoming: Incoming) -> bool:
    """He was there without a word: for Meta this opens its window as a message does."""
    sequel = incoming.sequel
    return sequel is not None and sequel.kind == "nothing" and sequel.note in PRESENCES


def _reached(thread: str, name: str, value: dict[str, Any], at: datetime) -> Incoming:
    """`watermark`: in milliseconds, the last of what had reached him; without one, all until now."""
    said = text_of(value.get("watermark"))
    is_moment = said.isdecimal() and len(said) <= 14
    until = min(datetime.fromtimestamp(int(said) / 1000, UTC), at) if is_moment else at
    kind: Literal["delivered", "read"] = "read" if name == "read" else "delivered"
    return Incoming(sequel=Sequel(kind=kind, at=until, of=thread, note=name))


def _echo(thread: str, message: dict[str, Any], at: datetime, app: str) -> Incoming:
    """What the page said; ours when our app sent it, else somebody typed it in another program."""
    reference = _REFERENCE.search(text_of(message.get("metadata")))
    if app and text_of(message.get("app_id")) == app:
        if not reference:
            return _nothing(at, "own")
        return Incoming(sequel=Sequel(kind="answer", at=at, of=thread, ours=reference[0]))
    text, media = _attached(message)
    mid = text_of(message.get("mid"))
    if not thread or not mid or not (text or media):
        return _nothing(at, "echo")
    words = "\n".join((text, *(medium.name for medium in media))).strip()
    return Incoming(sequel=Sequel(kind="answer", at=at, of=thread, text=words, sent_id=mid))


def _said(page: str, person: str, thread: str, message: dict[str, Any], at: datetime) -> Incoming:
    text, media = _attached(message)
    unsupported = bool(message.get("is_unsupported"))
    if not (text or media or unsupported):
        return _nothing(at, "sticker" if message.get("attachments") else "empty")
    answered = message.get("reply_to")
    reference = text_of(answered.get("mid")) if isinstance(answered, dict) else ""
    return Incoming(
        handle=_handle(page, person),
        text=text,
        references=(reference,) if reference else (),
        proven=bool(person),
        proposed=UNSUPPORTED if unsupported and not text and not media else "",
        thread=thread,
        media=media,
        defects=("unsupported",) if unsupported else (),
    )


def _handle(page: str, person: str) -> str:
    return f"messenger:{page}:{person}" if person else ""


def _attached(message: dict[str, Any]) -> tuple[str, tuple[Medium, ...]]:
    """The words, with what was shared but is nobody's own file; and the files. Stickers say nothing."""
    lines, files = [text_of(message.get("text"))[:LONGEST]], []
    attachments = message.get("attachments")
    for one in attachments if isinstance(attachments, list) else []:
        if not isinstance(one, dict):
            continue
        kind, payload = text_of(one.get("type")), one.get("payload")
        payload = payload if isinstance(payload, dict) else {}
        url, title = text_of(payload.get("url") or one.get("url")), text_of(payload.get("title") or one.get("title"))
        if kind == "sticker" or "sticker_id" in payload:
            continue
        if kind in COPIED and url:
            files.append((url, title))
        else:
            lines += [title, url, _place(payload)]
    return "\n".join(line for line in lines[: MOST_MEDIA * 3] if line).strip()[:LONGEST], _media(files)


def _place(payload: dict[str, Any]) -> str:
    found = payload.get("coordinates")
    if not isinstance(found, dict):
        return ""
    parts = [found.get("lat"), found.get("long")]
    return ", ".join(f"{part:.5f}" for part in parts if isinstance(part, float))


def _media(found: list[tuple[str, str]]) -> tuple[Medium, ...]:
    unique = list(dict.fromkeys(one for one in found if one[0]))[:MOST_MEDIA]
    return tuple(
        Medium(url[:4000], title[:100] or f"facebook-{number}") for number, (url, title) in enumerate(unique, 1)
    )


def names_for_sequels(incoming: Incoming, external_id: str) -> tuple[str, ...]:
    """Under which names that which was said about this message is found."""
    return tuple(name for name in (external_id, answers_name(external_id), incoming.thread) if name)
