"""Of which items is a webhook body made, and what is each called, so that the same one twice is kept once?

A body is cut into its changes and messaging items. What an item is called (`identity`) leaves out all that differs
between two deliveries, and all that polling cannot know; docs/decisions/0006-facebook.md says why.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from gru.channels.base import RawMessage

MOST_ITEMS = 5_000
"""Meta sends 1,000 at most; what lies behind is kept in one piece."""

OLDEST = timedelta(days=4000)
POSTS = frozenset({"post", "status", "photo", "video"})
SILENT = frozenset({"reaction", "like"})
"""Nobody waits for an answer to a thumb: these are not kept at all."""

VERBS = {"edit": "edited", "update": "edited", "delete": "remove"}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened on a page. `at` is when its delivery says it happened, in milliseconds, 0 for unknown;
    `field` is `feed`, `messaging`, `standby`, `deletion`, another of Meta's, or `unreadable`."""

    page: str
    at: int
    field: str
    value: Any


def split(body: bytes) -> list[Item]:
    """Every item that calls for anything. Never raises: what cannot be read is one item of its own."""
    try:
        envelope = json.loads(body)
        return list(_items(envelope))
    except (ValueError, RecursionError):
        return [_unreadable(body)]


def _items(envelope: Any) -> Iterator[Item]:
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    if not isinstance(entries, list):
        yield _other("", 0, "unknown", envelope)
        return
    number = 0
    for entry in entries:
        for item in _of_entry(entry):
            if is_silent(item):
                continue
            number += 1
            if number > MOST_ITEMS:
                yield _other("", 0, "unknown", envelope)
                return
            yield item


def _of_entry(entry: Any) -> Iterator[Item]:
    if not isinstance(entry, dict):
        yield _other("", 0, "unknown", entry)
        return
    page, at = text_of(entry.get("id")), _number(entry.get("time"))
    found = False
    for change in _list(entry.get("changes")):
        found = True
        field = text_of(change.get("field")) if isinstance(change, dict) else ""
        value = change.get("value") if isinstance(change, dict) else change
        if field.startswith("message") and isinstance(value, dict):
            yield Item(page=page, at=at, field="messaging", value=value)
        else:
            yield Item(page=page, at=at * 1000 if at < 10**11 else at, field=field or "unknown", value=value)
    for name in ("messaging", "standby"):
        for event in _list(entry.get(name)):
            found = True
            yield Item(page=page, at=at, field=name, value=event)
    if not found:
        yield _other(page, at, "unknown", entry)


def is_silent(item: Item) -> bool:
    return item.field == "feed" and isinstance(item.value, dict) and text_of(item.value.get("item")) in SILENT


def raw_messages(items: list[Item], now: datetime) -> list[RawMessage]:
    """Each item as it is kept, in the order they happened."""
    return sorted((raw_message(item, now) for item in items), key=lambda message: message.received_at)


def raw_message(item: Item, now: datetime) -> RawMessage:
    """Meta's signature makes its clock our own server's word; what it says of the future is taken for now."""
    own, identity, others = _names(item)
    moment = happened_at(item)
    return RawMessage(
        channel="facebook",
        source=f"facebook:{item.page}"[:150],
        external_id=own,
        received_at=min(moment, now) if moment and moment > now - OLDEST else now,
        content_digest=sha256(_plain(identity)).digest(),
        raw=_plain(msgspec.to_builtins(item)),
        names=others,
    )


def read_item(raw: bytes) -> Item | None:
    """The item as it was kept; `None` when these bytes are none of ours."""
    try:
        found = json.loads(raw)
        return msgspec.convert(found, Item)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None


# --- what an item is called ----------------------------------------------------------------------------------------


def thread_name(page: str, person: str) -> str:
    """The conversation of one person with one page."""
    return f"thread:{page}:{person}"


def answers_name(post: str) -> str:
    """What the page itself wrote under a comment or post."""
    return f"answers:{post}"


Names = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What it is called over there, what makes it this one and no other, and what else it is found by."""


def _names(item: Item) -> Names:
    value = item.value if isinstance(item.value, dict) else {}
    if item.field == "feed":
        found = _feed_names(item.page, value)
    elif item.field in ("messaging", "standby"):
        found = _messaging_names(item.page, item.field, value)
    elif item.field == "deletion":
        code = text_of(value.get("code"))
        found = (f"deletion:{code}", ("deletion", code), ())
    else:
        found = None
    if found is None:
        return "", ("other", item.page, item.field, sha256(_plain(item.value)).hexdigest()), ()
    own, identity, others = found
    return own[:300], identity, tuple(name[:300] for name in others)


def _feed_names(page: str, value: dict[str, Any]) -> Names | None:
    kind, own = text_of(value.get("item")), feed_id(value)
    if not own:
        return None
    others: tuple[str, ...] = ()
    if kind == "comment" and author(value) == page:
        others = (answers_name(text_of(value.get("parent_id"))),)
    words = sha256(text_of(value.get("message")).encode("utf-8", "replace")).hexdigest()
    return own, ("feed", page, kind, feed_verb(value), own, words), others


def _messaging_names(page: str, field: str, value: dict[str, Any]) -> Names | None:
    person = other_side(page, value)
    others = (thread_name(page, person),) if person else ()
    message, edit = value.get("message"), value.get("message_edit")
    if isinstance(message, dict) and (mid := text_of(message.get("mid"))):
        gone = "deleted" if message.get("is_deleted") else "said"
        return mid, (field, page, gone, mid), others
    if isinstance(edit, dict) and (mid := text_of(edit.get("mid"))):
        return mid, (field, page, "edited", mid, text_of(edit.get("num_edit"))), others
    for kind in ("delivery", "read"):
        part = value.get(kind)
        if isinstance(part, dict) and (mark := text_of(part.get("watermark"))):
            return "", (field, page, kind, person, mark), ()
    postback = value.get("postback")
    if isinstance(postback, dict) and (mid := text_of(postback.get("mid"))):
        return mid, (field, page, "postback", mid), others
    if others and any(name in value for name in ("postback", "reaction", "referral")):
        return "", ("other", page, field, sha256(_plain(value)).hexdigest()), others
    return None


# --- reading without trust -----------------------------------------------------------------------------------------


def feed_id(value: dict[str, Any]) -> str:
    return text_of(value.get("comment_id" if text_of(value.get("item")) == "comment" else "post_id"))


def feed_verb(value: dict[str, Any]) -> str:
    verb = text_of(value.get("verb"))
    return VERBS.get(verb, verb)


def author(value: dict[str, Any]) -> str:
    """Whoever wrote it, `""` when Meta does not say (`sender_id` before v2.11)."""
    person = value.get("from")
    return text_of(person.get("id")) if isinstance(person, dict) else text_of(value.get("sender_id"))


def author_name(value: dict[str, Any]) -> str:
    person = value.get("from")
    return text_of(person.get("name")) if isinstance(person, dict) else text_of(value.get("sender_name"))


def other_side(page: str, value: dict[str, Any]) -> str:
    """The person in a conversation, whichever side wrote (older echoes have the sides the other way round)."""
    sides = [_side(value.get(name)) for name in ("sender", "recipient")]
    return next((side for side in sides if side and side != page), "")


def _side(side: Any) -> str:
    return text_of(side.get("id") or side.get("user_ref")) if isinstance(side, dict) else ""


def happened_at(item: Item) -> datetime | None:
    """When it was written, or changed; the delivery's own time where the item says nothing."""
    value = item.value if isinstance(item.value, dict) else {}
    said = 0
    if item.field == "feed" and feed_verb(value) == "add":
        said = _number(value.get("created_time")) * 1000
    elif item.field in ("messaging", "standby"):
        said = _number(value.get("timestamp"))
    return instant(said) or instant(item.at)


def instant(milliseconds: int) -> datetime | None:
    if milliseconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text_of(value: Any) -> str:
    """A text or number as text, without half characters that no database takes; `""` for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return str(value).encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    except ValueError:
        return ""


def _number(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15 else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(value: Any) -> bytes:
    """The same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _other(page: str, at: int, field: str, value: Any) -> Item:
    return Item(page=page, at=at, field=field, value=value)


def _unreadable(body: bytes) -> Item:
    return _other("", 0, "unreadable", body.decode("latin-1"))
