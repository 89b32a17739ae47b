"""Is there a virus in this file?

ClamAV is asked over its own socket (`INSTREAM`). The test file of EICAR is known without it, so that a town can always
see what happens to a virus; a town without a scanner is told so on the page of the machinery's state.
"""

import socket
import struct
from typing import Literal, Protocol
from urllib.parse import urlsplit

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Its two halves are joined here, so that no scanner takes this program for one."""

CHUNK = 64 * 1024
SECONDS = 20.0
LONGEST_ANSWER = 4096

State = Literal["none", "answers", "silent"]


class ScannerSilent(Exception):
    """The scanner that is set does not answer: nothing unjudged is let in."""


class Scanner(Protocol):
    def finds(self, content: bytes) -> bool:
        """Whether it finds a virus. Raises `ScannerSilent`."""
        ...

    def state(self) -> State: ...


class NoScanner:
    """Knows the test file alone."""

    def finds(self, content: bytes) -> bool:
        return EICAR in content

    def state(self) -> State:
        return "none"


class Clamd(NoScanner):
    """A clamd at a socket file, or at a host and port."""

    def __init__(self, address: str | tuple[str, int], seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    def finds(self, content: bytes) -> bool:
        if super().finds(content):
            return True
        answer = self._ask(b"zINSTREAM\0", content)
        if answer.endswith("FOUND"):
            return True
        if answer.endswith("OK"):
            return False
        raise ScannerSilent("the scanner could not judge a file")

    def state(self) -> State:
        try:
            return "answers" if self._ask(b"zPING\0") == "PONG" else "silent"
        except ScannerSilent:
            return "silent"

    def _ask(self, command: bytes, content: bytes | None = None) -> str:
        try:
            with self._open() as line:
                line.sendall(command)
                if content is not None:
                    self._stream(line, content)
                return self._answer(line)
        except OSError as error:
            raise ScannerSilent("the scanner does not answer") from error

    def _open(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, timeout=self._seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self._seconds)
        try:
            line.connect(self._address)
        except OSError:
            line.close()
            raise
        return line

    def _stream(self, line: socket.socket, content: bytes) -> None:
        view = memoryview(content)
        for at in range(0, len(view), CHUNK):
            part = view[at : at + CHUNK]
            line.sendall(struct.pack("!I", len(part)))
            line.sendall(part)
        line.sendall(struct.pack("!I", 0))

    def _answer(self, line: socket.socket) -> str:
        answer = b""
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (more := line.recv(1024)):
            answer += more
        return answer.partition(b"\0")[0].decode("ascii", "replace").strip()


def no_scanner() -> Scanner:
    return NoScanner()


def scanner_at(url: str) -> Scanner:
    """`unix:///run/clamav/clamd.ctl`, `tcp://127.0.0.1:3310`; `""`: no scanner. Raises `ValueError`."""
    if not url:
        return NoScanner()
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return Clamd(parts.path)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return Clamd((parts.hostname, parts.port))
    raise ValueError("must be unix:///path/of/the/socket or tcp://host:port.")
