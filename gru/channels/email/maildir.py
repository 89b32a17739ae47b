"""How are mails read that lie in a folder? (Maildir: `new` waits, `cur` is done)"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG

from gru.channels.base import ChannelBroken, Count, RawMessage, TryLater, never, source_name
from gru.channels.email.arrival import BODY_BYTES, HEAD_BYTES, LARGEST_BYTES, arrived, cut

LOOK_EVERY_SECONDS = 0.5


class MaildirMessage:
    def __init__(self, path: Path, message: RawMessage) -> None:
        self._path = path
        self.message = message

    def settle(self) -> None:
        """Moved from `new` to `cur`, marked seen; nothing happens when somebody was faster."""
        name, _, flags = self._path.name.partition(":2,")
        flags = "".join(sorted({*flags, "S"}))
        done = self._path.parent.parent / "cur"
        target = done / f"{name}:2,{flags}"
        with _said_as_a_channel():
            if target.exists():
                target = done / f"{name}.{token_hex(4)}:2,{flags}"
            try:
                self._path.rename(target)
            except FileNotFoundError:
                return


class MaildirSource:
    """`source` names the mailbox in the town's catalogue, such as the address people wrote to; files written before
    `since` are left alone. Other processes may put mails into `new`, or take them out, at any time."""

    def __init__(self, folder: Path, source: str, largest: int = LARGEST_BYTES, since: datetime | None = None) -> None:
        self.name = source_name("maildir", str(folder))
        self.trouble = ""
        self._source = source
        self._folder = folder
        self._new = folder / "new"
        self._largest = largest
        self._since_ns = int(since.timestamp() * 1e9) if since else 0
        self._seen: frozenset[str] = frozenset()

    def fetch(self) -> Iterator[MaildirMessage]:
        """Oldest first. A file that vanishes meanwhile is somebody else's; one that cannot be read stays for later."""
        self.trouble, unread = "", 0
        with _said_as_a_channel():
            self._make()
            names = self._names()
            waiting = self._waiting(names)
        self._seen = frozenset(names)
        for written, name in waiting:
            try:
                raw = self._read(self._new / name)
            except FileNotFoundError:
                continue
            except OSError:
                unread += 1
                self.trouble = f"{unread} of the files in the folder cannot be read"
                continue
            received_at = datetime.fromtimestamp(written / 1e9, UTC)
            yield MaildirMessage(self._new / name, arrived(raw, self._source, received_at))

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        """Until a file is there that the last `fetch` did not see."""
        ends = time.monotonic() + seconds
        with _said_as_a_channel():
            self._make()
            while not stop() and self._seen.issuperset(self._names()):
                left = ends - time.monotonic()
                if left <= 0:
                    return
                time.sleep(min(LOOK_EVERY_SECONDS, left))

    def count(self) -> Count:
        with _said_as_a_channel():
            self._make()
            there = self._oldest_first(self._names())
        waiting = sum(written >= self._since_ns for written, _ in there)
        return Count(waiting, len(there) - waiting)

    def check(self) -> None:
        with _said_as_a_channel():
            self._make()
            self._names()

    def close(self) -> None:
        """Nothing is held open."""

    def _make(self) -> None:
        for name in ("tmp", "new", "cur"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)

    def _names(self) -> list[str]:
        return [name for name in os.listdir(self._new) if not name.startswith(".")]

    def _waiting(self, names: list[str]) -> list[tuple[int, str]]:
        return [(written, name) for written, name in self._oldest_first(names) if written >= self._since_ns]

    def _oldest_first(self, names: list[str]) -> list[tuple[int, str]]:
        """When each file was written (nanoseconds) and its name."""
        found = []
        for name in names:
            try:
                status = os.stat(self._new / name)
            except FileNotFoundError:
                continue
            if S_ISREG(status.st_mode):
                found.append((status.st_mtime_ns, name))
        return sorted(found)

    def _read(self, path: Path) -> bytes:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= self._largest:
                return file.read()
            beginning = file.read(HEAD_BYTES + BODY_BYTES)
        head, blank, body = _halves(beginning)
        return cut(head, body, size - len(head) - len(blank))


def _halves(beginning: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, blank line and body, at whichever line end comes first."""
    found = [(at, blank) for blank in (b"\r\n\r\n", b"\n\n") if (at := beginning.find(blank)) >= 0]
    return beginning.partition(min(found)[1]) if found else (beginning, b"", b"")


@contextmanager
def _said_as_a_channel() -> Iterator[None]:
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise ChannelBroken("the mail folder cannot be read and written by this process") from error
    except OSError as error:
        raise TryLater(f"the mail folder is away ({type(error).__name__})") from error
