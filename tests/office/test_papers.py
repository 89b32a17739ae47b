"""Is a receipt a paper everybody can read, made in time, whatever stands on it?"""

import re
import zlib

import pytest

from gru.office.papers import NotTypeset, Receipt, receipt_pdf, typesetting
from gru.office.papers.receipt import Row


def receipt(**more: object) -> Receipt:
    values = {
        "town": "Val-des-Tilleuls", "title": "Récépissé n° 2026-000123", "received": "Reçue le jeudi 12 mars 2026",
        "number_label": "Référence", "number": "2026-000123", "code_label": "Code de suivi", "code": "7HQ4-XM2P",
        "rows": (Row("Service", "Voirie"),), "lines": ("Nous répondons avant le 26 mars.",),
        "link": "https://ville.example/suivi/2026-000123/" + "a" * 32, "link_alt": "Code à scanner", "footer": "RGPD",
    }  # fmt: skip
    return Receipt(**(values | more))  # type: ignore[arg-type]


def unpacked(pdf: bytes) -> bytes:
    """The PDF with its streams opened."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_a_receipt_is_a_tagged_pdf_in_french_with_a_title() -> None:
    pdf = unpacked(receipt_pdf(receipt()))
    assert pdf.startswith(b"%PDF-")
    for sign in (b"StructTreeRoot", b"/MarkInfo", b"pdfuaid:part", b"/Lang", b"Alt"):
        assert sign in pdf, sign
    assert b"/H1" in pdf and b"fr" in pdf


def test_words_are_never_taken_for_markup() -> None:
    hostile = '#read("/etc/passwd") #import "x.typ" $ x $ *gras* \\ ] [ @ref <a> `code` #sys.inputs'
    same = receipt_pdf(receipt(lines=(hostile,) * 20, rows=(Row(hostile, hostile),), title=hostile))
    assert same.startswith(b"%PDF-") and b"root:" not in unpacked(same)


def test_a_long_receipt_runs_over_several_pages() -> None:
    pdf = unpacked(receipt_pdf(receipt(lines=("Une ligne de plus. " * 30,) * 40)))
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 1


def test_too_much_for_one_paper_is_refused() -> None:
    with pytest.raises(NotTypeset):
        receipt_pdf(receipt(lines=("x" * typesetting.LARGEST,)))


def test_a_paper_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    with pytest.raises(NotTypeset, match="TimeoutExpired"):
        receipt_pdf(receipt())


def test_a_compiler_without_memory_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "MEMORY", 30_000_000)
    with pytest.raises(NotTypeset):
        receipt_pdf(receipt())
