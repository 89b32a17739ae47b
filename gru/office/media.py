"""Where are the pictures that came as addresses? Copied at once, before the addresses lead nowhere."""

from typing import Protocol

from gru.channels.base import Attachment, Incoming, Medium, TryLater
from gru.channels.facebook.media import NotCopied
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.case import RecordFileNotKept
from gru.office.files import Scanner, ScannerSilent
from gru.storage.archive import Archive
from gru.storage.named import FileName

TRIES = 6
"""How often a message waits for a host or scanner that does not answer: some five minutes in all."""

NOT_KEPT = "medium not kept"
"""As what is remembered why a file does not lie beside its message."""

NEVER = ("virus", "not_scanned")


class Copier(Protocol):
    def copy(self, medium: Medium) -> Attachment:
        """`NotCopied` when it cannot be had, `TryLater` when it may be tried again."""
        ...


class Media:
    """`copiers` by channel. What was copied is found under an id that derives from its message."""

    def __init__(self, archive: Archive, secret: bytes, copiers: dict[str, Copier], scanner: Scanner) -> None:
        self._archive = archive
        self._secret = secret
        self._scanner = scanner
        self.copiers = copiers

    def copy(self, key: str, incoming: Incoming, channel: str, person: str, case_id: str, failures: int) -> None:
        """Every file once; `TryLater` while its host may still answer. Nothing is lost but what cannot be had."""
        for number, medium in enumerate(incoming.media, 1):
            id = self._id(key, number)
            if self._archive.file_names([id])[id] is not None or self._why_not(id):
                continue
            try:
                found = self.copiers[channel].copy(medium)
                infected = self._scanner.finds(found.content)
            except NotCopied:
                continue
            except (TryLater, ScannerSilent) as silent:
                if failures < TRIES:
                    raise
                if isinstance(silent, ScannerSilent):
                    self._archive.name(NOT_KEPT, f"not_scanned:{id}", key)
                continue
            if infected:
                self._archive.name(NOT_KEPT, f"virus:{id}", key)
            else:
                self._archive.put_file(found.name, found.media_type, found.content, person=person, case=case_id, id=id)

    def _why_not(self, id: str) -> str:
        """`virus`, `not_scanned`, or `""` for a file that was never judged."""
        said = self._archive.message_keys_for(NOT_KEPT, [f"{why}:{id}" for why in NEVER])
        return next((why for why in NEVER if said[f"{why}:{id}"]), "")

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
        ids = {number: self._id(key, number) for number in range(1, len(incoming.media) + 1)}
        names = self._archive.file_names(list(ids.values()))
        return [
            RecordFileNotKept(case_id=case_id, message=key, number=number, reason=self._why_not(id) or "not_copied")
            for number, id in ids.items()
            if names[id] is None
        ]

    def names(self, key: str, incoming: Incoming) -> list[FileName]:
        """What was copied of a message, for its page."""
        ids = [self._id(key, number) for number in range(1, len(incoming.media) + 1)]
        found = self._archive.file_names(ids)
        return [name for id in ids if (name := found[id]) is not None]

    def _id(self, key: str, number: int) -> str:
        return refs.derived_id(self._secret, "medium", key, str(number))
