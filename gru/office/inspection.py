"""Which attachments of a message should nobody open?

A mail may carry any kind of file, so nothing is refused for its kind here; what a scanner finds is not put beside the
case. The message itself stays as it came, sealed.
"""

from collections.abc import Sequence

from gru.channels.base import Attachment
from gru.office.files import Scanner, ScannerSilent
from gru.storage.archive import Archive

TRIES = 6
"""How often a message waits for a silent scanner: some five minutes in all; then it is taken in without the file."""


class Inspection:
    def __init__(self, scanner: Scanner, archive: Archive) -> None:
        self._scanner = scanner
        self._archive = archive

    def unfit(self, key: str, attachments: Sequence[Attachment]) -> dict[int, str]:
        """By number from 1: `virus` or `not_scanned`. Raises `ScannerSilent` while the message may still wait."""
        found = {}
        for number, file in enumerate(attachments, 1):
            try:
                if self._scanner.finds(file.content):
                    found[number] = "virus"
            except ScannerSilent:
                kept = self._archive.kept(key)
                if kept is None or kept.failures < TRIES:
                    raise
                found[number] = "not_scanned"
        return found
