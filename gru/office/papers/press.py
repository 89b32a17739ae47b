"""How do words become a tagged PDF, in a bounded time, whatever they are?

The typesetter runs in a process of its own: what takes too long or too much is ended, and harms nobody else.
"""

import subprocess
import sys
import threading
from typing import Any

import msgspec

from gru.office.papers.documents import Document, PaperWords
from gru.office.papers.pictures import Ink, printed
from gru.office.papers.sheets import FilingSheet, LetterRun, LetterSheet, ReceiptSheet, TicketSheet

SECONDS = 20
SECONDS_A_LETTER = 0.25
MEMORY = 1_500_000_000
"""Bytes the typesetter may take."""

LARGEST = 200_000
"""Bytes of words on one sheet."""

LARGEST_DOCUMENT = 5_000_000
"""The same of a document with its tables and pictures."""

AT_ONCE = 2
"""Typesetters of one process, which may each take a whole processor."""

MOST_LETTERS = 200
"""In one print run: the printer's tray, and what a web request may wait for."""

A6, ROLL = "a6", "80mm"
FORMATS = (A6, ROLL)


class PaperJam(Exception):
    """The paper could not be made; nothing was recorded as printed."""


class Press:
    """Sets receipts, tickets and letters."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._few = threading.BoundedSemaphore(AT_ONCE)

    def receipt(self, sheet: ReceiptSheet, format: str = A6) -> bytes:
        """A6, or a strip 80 mm wide and as long as it must be; what stands overleaf goes on a page of its own."""
        return self._set("receipt", {"format": format, "sheet": msgspec.to_builtins(sheet)}, self._seconds)

    def filing(self, sheet: FilingSheet) -> bytes:
        return self._set("filing", {"sheet": msgspec.to_builtins(sheet)}, self._seconds)

    def ticket(self, sheet: TicketSheet) -> bytes:
        return self._set("ticket", {"sheet": msgspec.to_builtins(sheet)}, self._seconds)

    def letters(self, title: str, sheets: tuple[LetterSheet, ...]) -> bytes:
        """One file for the whole run; every letter begins on a sheet of its own and counts its own pages."""
        if not 1 <= len(sheets) <= MOST_LETTERS:
            raise PaperJam(f"a run has 1 to {MOST_LETTERS} letters, not {len(sheets)}")
        run = msgspec.to_builtins(LetterRun(title=title, letters=sheets))
        return self._set("letters", {"run": run}, self._seconds + SECONDS_A_LETTER * len(sheets), len(sheets))

    def document(self, document: Document, words: PaperWords, ink: Ink, short: str) -> bytes:
        """A document of figures; `short` stands at the foot of each page."""
        made = {"document": _coloured(msgspec.to_builtins(document), ink), "words": msgspec.to_builtins(words)}
        return self._set("document", made | {"short": short}, self._seconds, most=LARGEST_DOCUMENT)

    def _set(self, template: str, data: object, seconds: float, sheets: int = 1, most: int = LARGEST) -> bytes:
        given = msgspec.json.encode(data)
        if len(given) > most * sheets:
            raise PaperJam(f"too many words for {template}")
        command = [sys.executable, "-I", "-c", _COMPOSE, template, str(MEMORY)]
        with self._few:
            try:
                done = subprocess.run(command, input=given, capture_output=True, timeout=seconds)
            except subprocess.TimeoutExpired:
                raise PaperJam(f"{template} took longer than {seconds:.0f} s") from None
        if done.returncode or not done.stdout.startswith(b"%PDF-"):
            raise PaperJam(f"{template} could not be set")
        return done.stdout


def _coloured(document: Any, ink: Ink) -> Any:
    """Its pictures with colours of their own, where the page has a stylesheet."""
    for chapter in document["chapters"]:
        for part in chapter.get("parts", ()):
            if picture := part.get("picture"):
                picture["svg"] = printed(picture["svg"], ink)
                picture["key"] = [(ink.of(css), label) for css, label in picture.get("key", ())]
    return document


_COMPOSE = f"import sys; sys.path[:0] = {sys.path!r}; from gru.office.papers.composing import main; main()"
"""Isolated from the folder and environment it is started in; it finds the program where this process found it."""
