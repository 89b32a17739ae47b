"""What does the process do that sets one paper? It reads data, writes a PDF, and ends.

Run by `typesetting`, never imported: nothing of the house is loaded here.
"""

import resource
import sys
from pathlib import Path

import typst


def main() -> None:
    template, memory = Path(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    data = sys.stdin.buffer.read().decode("utf-8")
    made = typst.compile(str(template), root=str(template.parent), format="pdf", sys_inputs={"data": data},
                         pdf_standards=["ua-1"], ignore_system_fonts=True)  # fmt: skip
    sys.stdout.buffer.write(made if isinstance(made, bytes) else b"")


if __name__ == "__main__":
    main()
