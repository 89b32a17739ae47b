"""How is one sheet set? The process that `press` starts: data comes in, a PDF goes out, and it knows nothing else."""

import json
import resource
import sys
import unicodedata
from pathlib import Path
from typing import Any

import typst

from gru.office.papers.heading import with_row_heads

HERE = Path(__file__).parent


def compose(template: str, data: str) -> bytes:
    """Tagged after PDF/UA-1, with the typesetter's own fonts, so that every machine sets the same sheet.

    The standard forbids a sign that no font has: words in another script are set with the machine's fonts, still
    tagged, rather than not at all.
    """
    said = json.dumps(_readable(json.loads(data)), ensure_ascii=False)
    try:
        return _set(template, said, ignore_system_fonts=True, pdf_standards=["ua-1"])
    except typst.TypstError:
        return _set(template, said, ignore_system_fonts=False)


def _set(template: str, data: str, **more: Any) -> bytes:
    made = typst.compile(
        str(HERE / f"{template}.typ"), root=str(HERE), format="pdf", sys_inputs={"data": data}, pdf_tags=True, **more
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single file")
    return with_row_heads(made)


def _readable(value: Any) -> Any:
    """Without the signs that nobody sees: controls, and those that turn the direction of what follows."""
    if isinstance(value, str):
        return "".join(sign for sign in value if sign in "\n\u200d" or unicodedata.category(sign) not in _UNSEEN)
    if isinstance(value, list):
        return [_readable(one) for one in value]
    if isinstance(value, dict):
        return {name: _readable(one) for name, one in value.items()}
    return value


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


def main() -> None:
    memory = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.stdout.buffer.write(compose(sys.argv[1], sys.stdin.buffer.read().decode()))
