"""Whom on Facebook does a reply answer, and until when may it?"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from gru.channels.base import Channel, Heard, Incoming, RawMessage
from gru.channels.facebook.items import thread_name
from gru.channels.facebook.reading import is_presence
from gru.channels.facebook.windows import Way, closed_since, private_way, public_target
from gru.domain import events as e
from gru.office.sequels import SENT
from gru.storage.archive import Archive
from gru.storage.messages import Kept
from gru.storage.people import Person

CHANNEL = "facebook"

MOST_LOOKED_AT = 30
"""Of the last items of a conversation, for the window alone."""


class Window(msgspec.Struct, frozen=True):
    """What Facebook still lets the town do in a case. `way` is `None` once the private way closed, at `closed_at`."""

    way: Way | None
    closed_at: datetime | None
    public: bool


class RememberedSends:
    """What the town sent, as `FacebookChannel` remembers it: digests in the archive's table of names."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def sent(self, sent_id: str, target: str, return_tag: str) -> None:
        if sent_id:
            self._archive.name(SENT, sent_id, return_tag)
        if target:
            self._archive.name(SENT, f"answered:{target}", return_tag)

    def met(self, target: str, handles: Collection[str], page: str, person: str) -> None:
        """What he answers in the conversation joins the case of his comment; somebody known already stays himself."""
        for key in self._archive.message_key_for(CHANNEL, target):
            self._archive.name(CHANNEL, thread_name(page, person), key)
        handle = f"messenger:{page}:{person}"
        known = next((id for one in handles if one and (id := self._archive.find_person(messenger=one))), "")
        writer = self._archive.people([known]).get(known) if known else None
        if writer is not None and not self._archive.find_person(messenger=handle):
            self._archive.save_person(replace(writer, also=(*writer.also, handle)))

    def used(self, targets: Collection[str]) -> dict[str, str]:
        names = {f"answered:{target}": target for target in targets}
        found = self._archive.message_keys_for(SENT, list(names))
        return {names[name]: replies[0] for name, replies in found.items() if replies}


class PageReplies:
    def __init__(self, archive: Archive, channels: Mapping[str, Channel], now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._channels = channels
        self._now = now

    def heard(self, history: Sequence[e.Recorded]) -> tuple[Heard, ...]:
        """What the case received on Facebook, and when its people were there last without a word; oldest first."""
        found: list[Heard] = []
        for recorded in history:
            match recorded.event:
                case e.CaseOpened(message=key, channel="facebook") | e.MessageReceived(message=key, channel="facebook"):
                    if one := self._heard(key):
                        found.append(one)
        talking = {one.handle for one in found if one.handle.startswith("messenger:")}
        found += [one for handle in talking if (one := self._present(handle))]
        return tuple(sorted(found, key=lambda one: one.at))

    def _present(self, handle: str) -> Heard | None:
        """The last sticker, button or reaction of his conversation."""
        _, page, person = handle.split(":", 2)
        for key in self._archive.named(CHANNEL, thread_name(page, person), limit=MOST_LOOKED_AT):
            found = self._read(key)
            if found is not None and is_presence(found[1]):
                return Heard(found[0].external_id, handle, page, found[0].received_at, public=False)
        return None

    def _read(self, key: str) -> tuple[Kept, Incoming] | None:
        kept = self._archive.kept(key)
        if kept is None or kept.raw is None:
            return None
        channel = self._channels[CHANNEL]
        message = RawMessage(channel.code, kept.source, kept.external_id, kept.received_at, b"", kept.raw)
        return kept, channel.parse(message)

    def _heard(self, key: str) -> Heard | None:
        found = self._read(key) if key else None
        if found is None:
            return None
        kept, read = found
        return Heard(
            external_id=kept.external_id,
            handle=read.handle,
            page=kept.source.partition(":")[2],
            at=kept.received_at,
            public=read.public,
            post=read.public and not read.proposed,
        )

    def window(self, history: Sequence[e.Recorded], person: Person | None) -> Window:
        """For a person's answer, now."""
        heard, handles = self.heard(history), handles_of(person)
        used = RememberedSends(self._archive).used([one.external_id for one in heard if one.public])
        way = private_way(heard, handles, used, self._now(), human=True)
        return Window(way, closed_since(heard, handles), public_target(heard, handles) is not None)


def handles_of(person: Person | None) -> tuple[str, ...]:
    """What this person is called on Facebook. Of one whom nobody knows only a comment's own place is known."""
    if person is None:
        return ("",)
    return tuple(one for one in (person.messenger, *person.also) if one.startswith(("messenger:", "comment:")))
