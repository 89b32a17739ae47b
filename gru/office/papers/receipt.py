"""What stands on a receipt: number, code, the mentions of the law, and a way to follow the request?"""

from io import BytesIO

import msgspec
import segno

from gru.office.papers.typesetting import typeset


class Row(msgspec.Struct, frozen=True):
    label: str
    value: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """All words are finished; `link` is the tracking page, shown as a QR code with `link_alt` for who cannot see."""

    town: str
    title: str
    received: str
    number_label: str
    number: str
    code_label: str
    code: str
    rows: tuple[Row, ...]
    lines: tuple[str, ...]
    link: str
    link_alt: str
    footer: str


class _Page(msgspec.Struct, frozen=True):
    receipt: Receipt
    qr: str


def receipt_pdf(receipt: Receipt) -> bytes:
    """Raises `NotTypeset`."""
    return typeset("receipt.typ", _Page(receipt, _qr(receipt.link)))


def _qr(link: str) -> str:
    """At level M a fold or a stain may take 15 % of it."""
    out = BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", border=4, dark="#000", light="#fff")
    return out.getvalue().decode("utf-8")
