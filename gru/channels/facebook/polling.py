"""What did the webhook miss? Every hour the page itself is asked, and what nobody kept is kept.

A polled comment or message is written as the webhook would have written it, so both are one.
"""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from gru.channels.base import ChannelBroken, ChannelError, Count, RawMessage, never, source_name
from gru.channels.facebook.graph import Graph, Page
from gru.channels.facebook.items import Item, happened_at, raw_message, text_of

EVERY_SECONDS = 3600.0
POSTS = 50
COMMENTS = 100
CONVERSATIONS = 50
MESSAGES = 25
MOST_PAGES = 3
LOOK_BACK = timedelta(days=7)
"""Nothing older can be answered in private, and a page that is new to the town brings its years with it."""

LOOK_SECONDS = 0.2

_COMMENT = "id,from,message,created_time,parent{id},attachment"
_FEED = f"id,from,message,created_time,comments.filter(stream).limit({COMMENTS}){{{_COMMENT}}}"
_TALK = f"id,messages.limit({MESSAGES}){{id,from,to,message,created_time,attachments}}"

Known = Callable[[Collection[str]], dict[str, list[str]]]
"""The keys of the kept messages that are called by these names."""

KeyOf = Callable[[RawMessage], str]
"""Under which key this message would be kept."""


class Missed:
    """A message the webhook did not bring."""

    def __init__(self, message: RawMessage) -> None:
        self.message = message

    def settle(self) -> None:
        """Nothing is moved at Facebook: what is kept is known at the next round."""


class PageSource:
    """One page, asked every hour; the mail process holds its lease."""

    def __init__(
        self,
        page: Page,
        graph: Graph,
        known: Known,
        key_of: KeyOf,
        now: Callable[[], datetime],
        every: float = EVERY_SECONDS,
    ) -> None:
        self.name = source_name("facebook", page.id)
        self.trouble = ""
        self._page = page
        self._graph = graph
        self._known = known
        self._key_of = key_of
        self._now = now
        self._every = every
        self._next = 0.0

    def fetch(self) -> Iterator[Missed]:
        """What is there and was never kept, once an hour; nothing in between."""
        if time.monotonic() < self._next:
            return
        self.trouble = ""
        for ask in (self._feed, self._conversations):
            try:
                yield from self._missed(list(ask()))
            except ChannelError as error:
                self.trouble = str(error)
        self._next = time.monotonic() + self._every

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not stop():
            time.sleep(min(LOOK_SECONDS, left))

    def count(self) -> Count | None:
        """A page tells only while it is read."""
        return None

    def check(self) -> None:
        """The token must hold, and be this page's: one of a person or of another page would answer in their name."""
        whose = text_of(self._graph.get(self._page, "me", fields="id").get("id"))
        if whose != self._page.id:
            raise ChannelBroken("the token is not this page's: make one for the page itself, set it, restart")

    def close(self) -> None:
        """No line is held open."""

    def _missed(self, items: list[Item]) -> Iterator[Missed]:
        """Oldest first. A known comment with other words than any that was kept was edited unseen."""
        now = self._now()
        found = [(item, raw_message(item, now)) for item in items if _is_recent(item, now)]
        known = self._known({message.external_id for _, message in found if message.external_id})
        for item, message in sorted(found, key=lambda one: one[1].received_at):
            keys = known.get(message.external_id) or []
            if not message.external_id or self._key_of(message) in keys:
                continue
            if not keys:
                yield Missed(message)
            elif item.field == "feed":
                edited = raw_message(_as_edit(item, now), now)
                if self._key_of(edited) not in keys:
                    yield Missed(edited)

    # --- the page's feed -------------------------------------------------------------------------------------------

    def _feed(self) -> Iterator[Item]:
        for post in self._pages(f"{self._page.id}/feed", fields=_FEED, limit=POSTS):
            post_id = text_of(post.get("id"))
            if _author(post) != self._page.id:
                yield self._item({"item": "post", "post_id": post_id}, post)
            for comment in _data(post.get("comments")):
                parent = comment.get("parent")
                parent_id = text_of(parent.get("id")) if isinstance(parent, dict) else ""
                named = {
                    "item": "comment",
                    "comment_id": text_of(comment.get("id")),
                    "post_id": post_id,
                    "parent_id": parent_id or post_id,
                }
                yield self._item(named, comment)

    def _item(self, named: dict[str, str], found: dict[str, Any]) -> Item:
        value: dict[str, Any] = {**named, "verb": "add", "created_time": _seconds(found.get("created_time"))}
        if isinstance(found.get("from"), dict):
            value["from"] = found["from"]
        if message := text_of(found.get("message")):
            value["message"] = message
        if url := _picture(found.get("attachment")):
            value["photo"] = url
        return Item(page=self._page.id, at=0, field="feed", value=value)

    # --- conversations ---------------------------------------------------------------------------------------------

    def _conversations(self) -> Iterator[Item]:
        for talk in self._pages(f"{self._page.id}/conversations", fields=_TALK, limit=CONVERSATIONS):
            for message in _data(talk.get("messages")):
                yield self._message(message)

    def _message(self, found: dict[str, Any]) -> Item:
        sender = _author(found)
        others = [text_of(one.get("id")) for one in _data(found.get("to"))]
        said: dict[str, Any] = {"mid": text_of(found.get("id")), "text": text_of(found.get("message"))}
        urls = [_attachment(one) for one in _data(found.get("attachments"))]
        if files := [{"type": kind, "payload": {"url": url}} for kind, url in urls if url]:
            said["attachments"] = files
        if sender == self._page.id:
            said["is_echo"] = True
        value = {
            "sender": {"id": sender},
            "recipient": {"id": others[0] if others else ""},
            "timestamp": _seconds(found.get("created_time")) * 1000,
            "message": said,
        }
        return Item(page=self._page.id, at=0, field="messaging", value=value)

    # --- pages of answers ------------------------------------------------------------------------------------------

    def _pages(self, path: str, *, fields: str, limit: int) -> Iterator[dict[str, Any]]:
        """Only the first page of a round is asked for whole; the next ones by their cursor, never by their address."""
        after = ""
        for _ in range(MOST_PAGES):
            more = {"after": after} if after else {}
            answer = self._graph.get(self._page, path, fields=fields, limit=limit, **more)
            found = _data(answer)
            yield from found
            after = _cursor(answer)
            if not after or not found:
                return


def _is_recent(item: Item, now: datetime) -> bool:
    at = happened_at(item)
    return at is None or at > now - LOOK_BACK


def _as_edit(item: Item, now: datetime) -> Item:
    at = int(now.timestamp() * 1000)
    return Item(page=item.page, at=at, field=item.field, value={**item.value, "verb": "edited"})


def _author(found: dict[str, Any]) -> str:
    person = found.get("from")
    return text_of(person.get("id")) if isinstance(person, dict) else ""


def _data(found: Any) -> list[dict[str, Any]]:
    data = found.get("data") if isinstance(found, dict) else None
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def _cursor(answer: dict[str, Any]) -> str:
    paging = answer.get("paging")
    if not isinstance(paging, dict) or not paging.get("next") or not isinstance(paging.get("cursors"), dict):
        return ""
    return text_of(paging["cursors"].get("after"))


def _seconds(written: Any) -> int:
    """`2026-11-17T07:05:33+0000` as Unix seconds, 0 when it is nothing of the kind."""
    try:
        return int(datetime.strptime(text_of(written), "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except ValueError:
        return 0


def _picture(attachment: Any) -> str:
    media = attachment.get("media") if isinstance(attachment, dict) else None
    image = media.get("image") if isinstance(media, dict) else None
    return text_of(image.get("src")) if isinstance(image, dict) else ""


def _attachment(one: dict[str, Any]) -> tuple[str, str]:
    for kind, name in (("image", "image_data"), ("video", "video_data")):
        data = one.get(name)
        if isinstance(data, dict):
            return kind, text_of(data.get("url"))
    return "file", text_of(one.get("file_url"))
