"""What stands on a sheet of paper before it is set?

Plain words: nothing in them is ever read as a command of the typesetter.
"""

import msgspec
import segno


class ReceiptSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of the counter. `lines` are the words of the town's template, in order; `back` what stands overleaf.

    `qr` is the code of the tracking page as SVG; `url` what it says, for who cannot scan it.
    """

    title: str
    town: str
    number_label: str
    number: str
    code_label: str
    code: str
    lines: tuple[str, ...]
    back: tuple[str, ...] = ()
    qr: str = ""
    qr_alt: str = ""
    keep: str = ""


class FilingSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a resident keeps of a form he sent; `rows` are labels with their values, `qr` as on a receipt."""

    town: str
    title: str
    received: str
    number_label: str
    number: str
    code_label: str
    code: str
    rows: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    qr: str
    qr_alt: str
    footer: str


class TicketSheet(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    town: str
    number: str
    lines: tuple[str, ...]


class LetterSheet(msgspec.Struct, frozen=True, kw_only=True):
    """One letter as it goes into a window envelope (DL, window on the right)."""

    number: str
    town: str
    sender: tuple[str, ...]
    reader: tuple[str, ...]
    place_and_day: str
    reference: str
    subject: str
    paragraphs: tuple[str, ...]


class LetterRun(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    letters: tuple[LetterSheet, ...]


def qr_svg(link: str) -> str:
    """At level M a fold or a stain may take 15 % of it."""
    return str(segno.make(link, error="m", micro=False).svg_inline(scale=4, border=4))
