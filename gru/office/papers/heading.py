"""Which cell of a set table names its row? The first one, for who has the table read to him.

The typesetter tags the heads of columns only. What it made stays as it is: the cells that change are appended to it
with their references, as the format foresees (ISO 32000-1, 7.5.6).
"""

import re
from collections.abc import Iterator, Mapping

_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_PLACE = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*$", re.S)
_KIND = re.compile(rb"<</Type/StructElem/S/(\w+)/")
_KIDS = re.compile(rb"/K\[((?:\d+ 0 R ?)+)\]")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_CELL = b"<</Type/StructElem/S/TD/"
_HEAD = b"<</Type/StructElem/S/TH/"
_HEADERS = re.compile(rb"/O/Table/Headers\[([^\]]*)\]")
_NAMES = b"/IDTree<</Names["

Objects = Mapping[int, bytes]


def with_row_heads(paper: bytes) -> bytes:
    """The same paper, the first cell of each row of its tables tagged as the head of the row."""
    objects, start = _objects(paper)
    root = next((number for number, body in objects.items() if _NAMES in body), None)
    rows = list(_rows(objects))
    if root is None or not rows:
        return paper
    changed: dict[int, bytes] = {}
    names = b""
    for head, *others in rows:
        id = b"(R%08d)" % head
        names += b"%s%d 0 R" % (id, head)
        body = objects[head].replace(_CELL, _HEAD, 1)
        body = _HEADERS.sub(rb"/O/Table/Scope/Row/Headers[\1]", body, count=1)
        changed[head] = body.replace(b"/A[", b"/ID" + id + b"/A[", 1)
        for cell in others:
            changed[cell] = _HEADERS.sub(rb"/O/Table/Headers[\1" + id + b"]", objects[cell], count=1)
    changed[root] = objects[root].replace(_NAMES, _NAMES + names, 1)
    return _appended(paper, changed, start)


def _objects(paper: bytes) -> tuple[Objects, int]:
    """What the paper is made of, by number, without its streams; and where its references begin."""
    found = _START.search(paper)
    if found is None:
        return {}, 0
    start = int(found[1])
    places = _PLACE.finditer(paper, start)
    used = ((number, int(place[1])) for number, place in enumerate(places) if place[3] == b"n")
    return {number: paper[at : paper.index(b"endobj", at)] for number, at in used}, start


def _rows(objects: Objects) -> Iterator[list[int]]:
    """The cells of each row of a table's body that begins with a cell, in the order of the heads' numbers."""
    bodies = sorted(number for number, body in objects.items() if _kind(body) == b"TBody")
    rows = [_kids(objects[row]) for body in bodies for row in _kids(objects[body])]
    yield from sorted(cells for cells in rows if cells and _kind(objects[cells[0]]) == b"TD")


def _kind(body: bytes) -> bytes:
    found = _KIND.search(body)
    return found[1] if found else b""


def _kids(body: bytes) -> list[int]:
    found = _KIDS.search(body)
    return [int(number) for number in _REFERENCE.findall(found[1])] if found else []


def _appended(paper: bytes, changed: Objects, start: int) -> bytes:
    trailer = _TRAILER.search(paper, start, paper.rindex(b"startxref"))
    if trailer is None:
        return paper
    made, places = bytearray(paper.rstrip() + b"\n"), []
    for number, body in sorted(changed.items()):
        places.append(b"%d 1\n%010d 00000 n\r\n" % (number, len(made)))
        made += body.rstrip() + b"\nendobj\n"
    again = len(made)
    made += b"xref\n" + b"".join(places) + b"trailer\n<<" + trailer[1] + b"/Prev %d>>\n" % start
    return bytes(made + b"startxref\n%d\n%%%%EOF" % again)
