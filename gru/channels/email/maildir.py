"""How are mails read that lie in a folder? (Maildir: `new` waits, `cur` is done)"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id

LOOK_EVERY_SECONDS = 0.5


class MaildirMessage:
    def __init__(self, path: Path, message: RawMessage) -> None:
        self._path = path
        self.message = message

    def settle(self) -> None:
        """Moved from `new` to `cur`, marked seen; nothing happens when somebody was faster."""
        target = self._path.parent.parent / "cur" / f"{self._path.name}:2,S"
        try:
            self._path.rename(target)
        except FileNotFoundError:
            return


class MaildirSource:
    """`source` names the mailbox in the town's catalogue, such as the address people wrote to."""

    def __init__(self, folder: Path, source: str) -> None:
        self.name = f"maildir:{folder}"
        self._source = source
        self._new = folder / "new"
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def fetch(self) -> Iterator[MaildirMessage]:
        """Oldest first; a file that vanishes meanwhile is somebody else's."""
        for path in sorted(self._new.iterdir(), key=lambda path: path.name):
            try:
                raw, written = path.read_bytes(), path.stat().st_mtime
            except (FileNotFoundError, IsADirectoryError):
                continue
            received_at = datetime.fromtimestamp(written, UTC)
            digest = content_digest(raw)
            yield MaildirMessage(path, RawMessage("email", self._source, external_id(raw), received_at, digest, raw))

    def wait(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if next(self._new.iterdir(), None) is not None:
                return
            time.sleep(min(LOOK_EVERY_SECONDS, max(0.0, ends - time.monotonic())))

    def close(self) -> None:
        """Nothing is held open."""
