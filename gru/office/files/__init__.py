"""Which files may come in by a page, and what is kept of them? The same for residents and agents.

A file is what its first bytes say, never what its name says. A picture is opened and written anew, so that nothing
hidden in it survives; anything else is kept as it is, judged, and only ever handed out as something to save.
"""

import msgspec

from gru.office.files.pictures import BadPicture, rewritten
from gru.office.files.scanner import Scanner, ScannerSilent, no_scanner, scanner_at
from gru.office.files.sniffing import PICTURES, plain_name, renamed, sniffed

__all__ = [
    "LARGEST",
    "FileDoor",
    "FileRefused",
    "SafeFile",
    "Scanner",
    "ScannerSilent",
    "no_scanner",
    "plain_name",
    "scanner_at",
    "sniffed",
]

LARGEST = 15_000_000
"""Bytes of one file as it comes."""


class SafeFile(msgspec.Struct, frozen=True):
    """A file that may be kept and shown to an agent."""

    name: str
    media_type: str
    content: bytes


class FileRefused(Exception):
    """`reason`: empty, too_large, virus, not_scanned, type, too_many_pixels, damaged or locked."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"a file was refused: {reason}")
        self.name = name
        self.reason = reason


class FileDoor:
    """Where every file passes that is added on a page; of messages only the scanner is asked."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner

    def let_in(self, name: str, content: bytes) -> SafeFile:
        """The file as it may be kept. Raises `FileRefused`."""
        name = plain_name(name)
        self._judge(name, content)
        media_type = sniffed(content)
        if not media_type:
            raise FileRefused(name, "type")
        if media_type in PICTURES:
            try:
                return SafeFile(renamed(name, ".jpg"), "image/jpeg", rewritten(content, media_type))
            except BadPicture as error:
                raise FileRefused(name, error.reason) from error
        return SafeFile(renamed(name, ".pdf"), media_type, content)

    def _judge(self, name: str, content: bytes) -> None:
        """A virus is named before anything else is: its owner should know."""
        if not content:
            raise FileRefused(name, "empty")
        if len(content) > LARGEST:
            raise FileRefused(name, "too_large")
        try:
            infected = self.scanner.finds(content)
        except ScannerSilent as error:
            raise FileRefused(name, "not_scanned") from error
        if infected:
            raise FileRefused(name, "virus")
