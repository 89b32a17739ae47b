"""How do items of the page become messages of the town, and the town's replies messages or comments?"""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from gru.channels.base import ChannelBroken, Incoming, Outgoing, RawMessage, Undeliverable
from gru.channels.facebook.graph import Graph, Page
from gru.channels.facebook.guard import LONGEST_PRIVATE, faults
from gru.channels.facebook.items import read_item
from gru.channels.facebook.reading import UNREADABLE, read
from gru.channels.facebook.windows import private_way, public_target
from gru.domain.events import Channel

_SHOWN_UNREAD = 20_000


class Remembered(Protocol):
    """What the town knows of what it sent, by keyed digests."""

    def sent(self, sent_id: str, target: str, return_tag: str) -> None:
        """This is what the reply is called over there, and the comment it answered in private, if it did."""
        ...

    def met(self, target: str, handles: Collection[str], page: str, person: str) -> None:
        """Whoever wrote this comment under one of these handles is this person in conversations with the page."""
        ...

    def used(self, targets: Collection[str]) -> dict[str, str]:
        """Which of these comments had their one private message, and in which reply."""
        ...


class FacebookChannel:
    """`app` is our own id at Meta: what another app wrote for the page somebody typed elsewhere."""

    code: Channel = "facebook"

    def __init__(
        self,
        *,
        pages: Sequence[Page],
        app: str,
        graph: Graph,
        remembered: Remembered,
        now: Callable[[], datetime],
    ) -> None:
        self._pages = {page.id: page for page in pages}
        self._app = app
        self._graph = graph
        self._remembered = remembered
        self._now = now

    # --- in --------------------------------------------------------------------------------------------------------

    def parse(self, message: RawMessage) -> Incoming:
        """What the reader cannot cope with is shown to an agent as it came."""
        item = read_item(message.raw)
        try:
            if item is not None:
                return read(item, message.received_at, self._app)
        except Exception:
            item = None
        shown = message.raw[:_SHOWN_UNREAD].decode("utf-8", "replace")
        return Incoming(text=shown, proposed=UNREADABLE, defects=("unreadable",))

    # --- out -------------------------------------------------------------------------------------------------------

    def send(self, outgoing: Outgoing) -> datetime:
        if outgoing.attachments:
            raise Undeliverable("files cannot be sent to Facebook", "files_not_possible")
        if outgoing.public:
            self._comment(outgoing)
        else:
            self._write(outgoing)
        return self._now()

    def _comment(self, outgoing: Outgoing) -> None:
        target = public_target(outgoing.heard, outgoing.handles)
        if target is None:
            raise Undeliverable("the case holds no comment to answer", "no_address")
        if faults(outgoing.text, outgoing.name):
            raise Undeliverable("these words may not stand in public", "personal_data")
        answer = self._graph.post(self._page(target.page), f"{target.external_id}/comments", {"message": outgoing.text})
        self._remembered.sent(_id(answer, "id"), "", outgoing.return_tag)

    def _write(self, outgoing: Outgoing) -> None:
        public = [one.external_id for one in outgoing.heard if one.public]
        used = self._remembered.used(public)
        if outgoing.return_tag in used.values():
            return
        human = not outgoing.automatic
        way = private_way(outgoing.heard, outgoing.handles, used, self._now(), human=human)
        if way is None:
            raise Undeliverable("Facebook lets nobody answer any more", _why_none(outgoing))
        if len(outgoing.text) > LONGEST_PRIVATE:
            raise Undeliverable("the reply is too long for Messenger", "too_long")
        metadata = json.dumps({"dossier": outgoing.number, "envoi": outgoing.external_id})
        body: dict[str, Any] = {"message": {"text": outgoing.text, "metadata": metadata}}
        match way.kind:
            case "response":
                body |= {"recipient": {"id": way.target}, "messaging_type": "RESPONSE"}
            case "human_agent":
                body |= {"recipient": {"id": way.target}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
            case "private_reply":
                comments = {one.external_id for one in outgoing.heard if one.public and not one.post}
                kind = "comment_id" if way.target in comments else "post_id"
                body["recipient"] = {kind: way.target}
        page = self._page(way.page)
        answer = self._graph.post(page, f"{page.id}/messages", body)
        used_up = way.target if way.kind == "private_reply" else ""
        self._remembered.sent(_id(answer, "message_id"), used_up, outgoing.return_tag)
        if used_up and (person := _id(answer, "recipient_id")):
            self._remembered.met(used_up, outgoing.handles, page.id, person)

    def _page(self, id: str) -> Page:
        page = self._pages.get(id)
        if page is None:
            raise ChannelBroken("a page the town answered on is not set in GRU_FACEBOOK_PAGES")
        return page


def _why_none(outgoing: Outgoing) -> str:
    theirs = [one for one in outgoing.heard if one.handle in outgoing.handles]
    return "window_closed" if theirs else "no_address"


def _id(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    return str(value)[:300] if isinstance(value, str | int) else ""
