"""Where are the pictures that came as addresses? Copied at once, before the addresses lead nowhere."""

from typing import Protocol

from gru.channels.base import Attachment, Incoming, Medium, TryLater
from gru.channels.facebook.media import NotCopied
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.case import RecordFileNotKept
from gru.storage.archive import Archive, FileName

TRIES = 6
"""How often a message waits for a host that does not answer: some five minutes in all."""


class Copier(Protocol):
    def copy(self, medium: Medium) -> Attachment:
        """`NotCopied` when it cannot be had, `TryLater` when it may be tried again."""
        ...


class Media:
    """`copiers` by channel. What was copied is found under an id that derives from its message."""

    def __init__(self, archive: Archive, secret: bytes, copiers: dict[str, Copier]) -> None:
        self._archive = archive
        self._secret = secret
        self.copiers = copiers

    def copy(self, key: str, incoming: Incoming, channel: str, person: str, case_id: str, failures: int) -> None:
        """Every file once; `TryLater` while its host may still answer. Nothing is lost but what cannot be had."""
        for number, medium in enumerate(incoming.media, 1):
            id = self._id(key, number)
            if self._archive.file_names([id])[id] is None:
                try:
                    found = self.copiers[channel].copy(medium)
                except NotCopied:
                    continue
                except TryLater:
                    if failures < TRIES:
                        raise
                    continue
                self._archive.put_file(found.name, found.media_type, found.content, person=person, case=case_id, id=id)

    def refs(self, key: str, incoming: Incoming, person: str, case_id: str) -> tuple[e.FileRef, ...]:
        """The copies, which lie under the key of (person, case) from now on."""
        found = []
        for number in range(1, len(incoming.media) + 1):
            id = self._id(key, number)
            if file := self._archive.file(id):
                found.append(
                    self._archive.put_file(file.name, file.media_type, file.content, person=person, case=case_id, id=id)
                )
                self._archive.adopt(id, person, case_id)
        return tuple(found)

    def lacking(self, key: str, incoming: Incoming, case_id: str) -> list[RecordFileNotKept]:
        """What could not be copied is a fact of the case: the agent asks for it again."""
        names = self._archive.file_names([self._id(key, number) for number in range(1, len(incoming.media) + 1)])
        return [
            RecordFileNotKept(case_id=case_id, message=key, number=number, reason="not_copied")
            for number in range(1, len(incoming.media) + 1)
            if names[self._id(key, number)] is None
        ]

    def names(self, key: str, incoming: Incoming) -> list[FileName]:
        """What was copied of a message, for its page."""
        ids = [self._id(key, number) for number in range(1, len(incoming.media) + 1)]
        found = self._archive.file_names(ids)
        return [name for id in ids if (name := found[id]) is not None]

    def _id(self, key: str, number: int) -> str:
        return refs.derived_id(self._secret, "medium", key, str(number))
