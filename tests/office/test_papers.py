"""Is every sheet set, tagged, in a bounded time, whatever the words are?"""

import re
import sys
import time
import zlib

import pytest

from gru.office.papers import (
    Cell,
    Chapter,
    Document,
    FilingSheet,
    Grid,
    Ink,
    LetterSheet,
    PaperJam,
    PaperWords,
    Part,
    Press,
    ReceiptSheet,
    TicketSheet,
    qr_svg,
)
from gru.office.papers import press as pressing

RECEIPT = ReceiptSheet(
    title="Récépissé n° 2026-000123",
    town="Val-des-Tilleuls",
    number_label="Référence",
    number="2026-000123",
    code_label="Code de suivi",
    code="7HQ4-XM2P",
    lines=("Val-des-Tilleuls - Hôtel de ville", "", "Service : Voirie"),
    back=("Si vous n'êtes pas d'accord",),
)
FILING = FilingSheet(
    town="Val-des-Tilleuls",
    title="Récépissé n° 2026-000123",
    received="Reçue le jeudi 12 mars 2026",
    number_label="Référence",
    number="2026-000123",
    code_label="Code de suivi",
    code="7HQ4-XM2P",
    rows=(("Service", "Voirie"),),
    lines=("Nous répondons avant le 26 mars.",),
    qr=qr_svg("https://ville.example/suivi/2026-000123/" + "a" * 32),
    qr_alt="Code à scanner",
    footer="RGPD",
)
LETTER = LetterSheet(
    number="2026-000123",
    town="Val-des-Tilleuls",
    sender=("Val-des-Tilleuls", "Voirie", "1 place de la République"),
    reader=("Claire Lefèvre", "3 rue des Lilas", "59999 Val-des-Tilleuls"),
    place_and_day="Val-des-Tilleuls, le 18 mars 2026",
    reference="Votre demande n° 2026-000123",
    subject="Nid-de-poule",
    paragraphs=("Bonjour,", "Le trou est rebouché.\nMerci."),
)
HOSTILE = (
    '#eval("1") #panic() $x$ *a* _b_ `c` @ref <l> // /* \\ "',
    "\0\x1b[31m\u202e\ud7ff\ufffe",
    "王小明 نادية 😀",
    "",
    "a" * 5000,
    "\n" * 200,
)


def boxes(paper: bytes) -> list[tuple[float, float]]:
    """The size of each page in millimetres; pages may lie in a compressed part of the file."""
    parts = [paper, *(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.S))]
    found = [m for part in parts for m in re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+) ?\]", part)]
    return [(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in found]


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def test_a_receipt_is_a6_with_its_back_or_one_strip_of_80_mm() -> None:
    assert boxes(Press().receipt(RECEIPT, "a6")) == [(105, 148)] * 2
    ((width, height),) = boxes(Press().receipt(RECEIPT, "80mm"))
    assert width == 80 and 50 < height < 200


def test_every_paper_is_tagged_and_says_its_title_and_language() -> None:
    ticket = TicketSheet(title="Accueil", town="Val", number="A012", lines=("18/03/2026",))
    papers = (Press().receipt(RECEIPT), Press().ticket(ticket), Press().letters("Courriers", (LETTER,)))
    for paper in (*papers, Press().filing(FILING)):
        assert b"/StructTreeRoot" in paper and b"/Marked true" in paper
        assert b"/Lang" in paper and b"pdfuaid:part" in paper


# --- the structure of a table -------------------------------------------------------------------------------


def figures(rows: int, tables: int = 2) -> bytes:
    grid = Grid("Types", ("Type", "Reçues"), tuple((Cell(f"Type {n}"), Cell(str(n), float(n))) for n in range(rows)))
    part = Part("Types", grid=grid)
    document = Document("Val", "Rapport", "mars", (), (Chapter("c", "Chapitre", parts=(part,) * tables),))
    return Press().document(document, PaperWords("{n}", *"abcdefgh"), Ink("", {}), "mars")


def objects(paper: bytes) -> dict[int, bytes]:
    """What stands where the references of the paper say, the last ones first."""
    found: dict[int, bytes] = {}
    start = int(paper.rpartition(b"startxref")[2].split()[0])
    while start >= 0:
        table, _, trailer = paper[start:].partition(b"trailer")
        lines = table.split(b"\n")[1:]
        number = 0
        for line in lines:
            match line.split():
                case [first, _]:
                    number = int(first)
                case [at, _, sort]:
                    if sort == b"n" and number not in found:
                        assert paper[int(at) :].startswith(b"%d 0 obj" % number)
                        found[number] = paper[int(at) : paper.index(b"endobj", int(at))]
                    number += 1
        before = re.match(rb".*?/Prev (\d+)", trailer.partition(b"startxref")[0], re.S)
        start = int(before[1]) if before else -1
    return found


def told(there: dict[int, bytes], kind: str) -> list[bytes]:
    return [body for _, body in sorted(there.items()) if b"/Type/StructElem/S/%s/" % kind.encode() in body]


def kids(there: dict[int, bytes], element: bytes) -> list[bytes]:
    inside = element.rpartition(b"/K[")[2].partition(b"]")[0]
    return [there[int(number)] for number in re.findall(rb"(\d+) 0 R", inside)]


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_the_first_cell_of_each_row_of_a_table_is_the_head_of_its_row(rows: int) -> None:
    there = objects(figures(rows))
    bodies = told(there, "TBody")
    assert len(bodies) == 2
    for body in bodies:
        told_rows = kids(there, body)
        assert len(told_rows) == rows
        for row in told_rows:
            head, cell = kids(there, row)
            assert b"/S/TH/" in head and b"/Scope/Row" in head and b"/S/TD/" in cell
            [id] = re.findall(rb"/ID\((\w+)\)", head)
            [headers] = re.findall(rb"/Headers\[([^\]]*)\]", cell)
            assert re.findall(rb"\((\w+)\)", headers)[1:] == [id]
    heads = [cell for head in told(there, "THead") for row in kids(there, head) for cell in kids(there, row)]
    assert len(heads) == 4 and all(b"/Scope/Column" in cell for cell in heads)


def test_who_looks_for_the_head_of_a_cell_finds_it_by_its_name() -> None:
    there = objects(figures(3))
    [root] = [body for body in there.values() if b"/Type/StructTreeRoot" in body]
    names = re.findall(rb"\((\w+)\)(\d+) 0 R", root.partition(b"/IDTree")[2])
    assert [name for name, _ in names] == sorted(name for name, _ in names) and len(names) == 2 * 3 + 4
    assert all(b"/ID(%s)" % name in there[int(number)] for name, number in names)


def test_a_paper_without_a_table_stays_as_it_was_set() -> None:
    assert b"/Prev" not in figures(3, tables=0) and b"/Prev" not in Press().filing(FILING)


def test_a_run_of_a_hundred_letters_is_one_file_made_in_a_bounded_time() -> None:
    began = time.monotonic()
    paper = Press().letters("Courriers", (LETTER,) * 100)
    assert boxes(paper) == [(210, 297)] * 100
    assert time.monotonic() - began < pressing.SECONDS + 100 * pressing.SECONDS_A_LETTER


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_somebody_writes_is_set_as_words(words: str) -> None:
    sheet = ReceiptSheet(**{**_values(RECEIPT), "lines": (words, "Fin"), "back": (words,)})
    letter = LetterSheet(
        **{**_values(LETTER), "reader": (words or "x",), "paragraphs": (words,), "subject": words or "x"}
    )
    filing = FilingSheet(**{**_values(FILING), "lines": (words,), "rows": ((words, words),)})
    assert Press().receipt(sheet).startswith(b"%PDF-")
    assert Press().filing(filing).startswith(b"%PDF-")
    assert Press().letters("Courriers", (letter,)).startswith(b"%PDF-")


def _values(sheet: ReceiptSheet | LetterSheet | FilingSheet) -> dict[str, object]:
    return {name: getattr(sheet, name) for name in sheet.__struct_fields__}


def test_what_a_resident_keeps_runs_over_several_pages_when_it_is_long() -> None:
    long = FilingSheet(**{**_values(FILING), "lines": ("Une ligne de plus. " * 30,) * 40})
    assert len(boxes(Press().filing(long))) > 1


def test_too_many_words_for_a_sheet_are_refused() -> None:
    with pytest.raises(PaperJam, match="too many"):
        Press().filing(FilingSheet(**{**_values(FILING), "lines": ("x" * pressing.LARGEST,)}))


def test_a_typesetter_without_memory_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressing, "MEMORY", 30_000_000)
    with pytest.raises(PaperJam):
        Press().filing(FILING)


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(PaperJam, match="longer"):
        Press(seconds=0.01).receipt(RECEIPT)
    assert time.monotonic() - began < 2


def test_what_cannot_be_set_says_so_and_leaves_nothing() -> None:
    with pytest.raises(PaperJam, match="could not be set"):
        Press().receipt(ReceiptSheet(**{**_values(RECEIPT), "qr": "<svg"}))


def test_a_run_is_neither_empty_nor_endless() -> None:
    for letters in ((), (LETTER,) * (pressing.MOST_LETTERS + 1)):
        with pytest.raises(PaperJam):
            Press().letters("Courriers", letters)


def test_the_typesetter_is_not_part_of_this_process() -> None:
    Press().receipt(RECEIPT)
    assert "gru.office.papers.composing" not in sys.modules
