"""How is one sheet set? The process that `press` starts: data comes in, a PDF goes out, and it knows nothing else."""

import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent


def compose(template: str, data: str) -> bytes:
    """Tagged after PDF/UA-1, with the typesetter's own fonts, so that every machine sets the same sheet."""
    made = typst.compile(
        str(HERE / f"{template}.typ"),
        root=str(HERE),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single file")
    return made


def main() -> None:
    sys.stdout.buffer.write(compose(sys.argv[1], sys.stdin.buffer.read().decode()))
