"""How is a mailbox read over IMAP, told of new mail, and left as people expect it?

A message is (mailbox, UIDVALIDITY, UID). It is fetched with BODY.PEEK[], kept, and only then settled: moved to the
`done` folder, or left where it is, when a cursor remembers how far we read. Agents may share the mailbox: a message
that vanished meanwhile is theirs. Traps: `idle_check()` answers `[]` at once for ever on a dead connection; `UID n:*`
returns the last message even when it is older than n.
"""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from gru.channels.base import ChannelBroken, RawMessage, TryLater
from gru.channels.email.channel import content_digest, external_id

TIMEOUT_SECONDS = 30.0
IDLE_SECONDS = 300.0
"""IDLE is begun again at least so often: servers log out after 30 minutes, NATs forget much sooner."""

FETCH_AT_ONCE = 20
LARGEST_BYTES = 60_000_000


@dataclass(frozen=True)
class ImapAccount:
    """`done`: folder to move kept messages to, `""` to leave them."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    folder: str = "INBOX"
    done: str = ""

    @classmethod
    def from_url(cls, url: str) -> "ImapAccount":
        """`imaps://user:password@host/INBOX?done=Traites`; `ValueError` with a sentence."""
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError("A mailbox is written imaps://user:password@host/INBOX?done=Folder.")
        query = parse_qs(parts.query)
        encrypted = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if encrypted else 143),
            encrypted=encrypted,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            done=(query.get("done") or [""])[0],
        )


@dataclass(frozen=True)
class Cursor:
    """How far a mailbox was read: forgotten when its UIDVALIDITY changes, and then matched by content."""

    uidvalidity: int
    uid: int


class ImapMessage:
    def __init__(self, message: RawMessage, settle: Callable[[], None]) -> None:
        self.message = message
        self._settle = settle

    def settle(self) -> None:
        """To be called once the message is kept."""
        self._settle()


class ImapSource:
    """One mailbox. `cursor` and `move_cursor` remember how far a mailbox is read in which nothing is moved."""

    def __init__(
        self,
        account: ImapAccount,
        source: str,
        cursor: Callable[[str], Cursor | None],
        move_cursor: Callable[[str, Cursor], None],
    ) -> None:
        self.name = f"imap:{account.user}@{account.host}/{account.folder}"
        self._account = account
        self._source = source
        self._cursor = cursor
        self._move_cursor = move_cursor
        self._client: IMAPClient | None = None
        self._uidvalidity = 0

    # --- what the daemon calls -------------------------------------------------------------------------------------

    def fetch(self) -> Iterator[ImapMessage]:
        """Every message not settled yet, oldest first, a few in memory at a time."""
        with _said_as_a_channel():
            client = self._connected()
            uids = self._waiting(client)
        for start in range(0, len(uids), FETCH_AT_ONCE):
            with _said_as_a_channel():
                found = client.fetch(uids[start : start + FETCH_AT_ONCE], ["BODY.PEEK[]", "INTERNALDATE"])
            for uid in uids[start : start + FETCH_AT_ONCE]:
                raw = found.get(uid, {}).get(b"BODY[]")
                if raw is not None:
                    yield ImapMessage(self._message(raw, found[uid]), self._settling(client, uid))

    def wait(self, seconds: float) -> None:
        """Until the server speaks of new mail, at most so long."""
        with _said_as_a_channel():
            client = self._connected()
            if client.has_capability("IDLE"):
                self._idle(client, min(seconds, IDLE_SECONDS))
            else:
                time.sleep(seconds)
                client.noop()

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.logout()
            except (IMAPClientError, OSError):
                client.shutdown()

    # --- the conversation ------------------------------------------------------------------------------------------

    def _connected(self) -> IMAPClient:
        if self._client is None:
            account = self._account
            client = IMAPClient(
                account.host,
                account.port,
                ssl=account.encrypted,
                ssl_context=ssl.create_default_context() if account.encrypted else None,
                timeout=TIMEOUT_SECONDS,
            )
            try:
                client.login(account.user, account.password)
                selected = client.select_folder(account.folder)
                if account.done and not client.folder_exists(account.done):
                    client.create_folder(account.done)
            except BaseException:
                client.shutdown()
                raise
            self._client, self._uidvalidity = client, int(selected[b"UIDVALIDITY"])
        return self._client

    def _waiting(self, client: IMAPClient) -> list[int]:
        client.noop()
        if self._account.done:
            return sorted(client.search(["NOT", "DELETED"]))
        known = self._cursor(self.name)
        last = known.uid if known and known.uidvalidity == self._uidvalidity else 0
        return sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)

    def _message(self, raw: bytes, item: dict[bytes, Any]) -> RawMessage:
        received_at = item.get(b"INTERNALDATE")
        if isinstance(received_at, datetime):
            received_at = received_at.astimezone(UTC)
        else:
            received_at = datetime.now(UTC)
        return RawMessage(
            "email", self._source, external_id(raw), received_at, content_digest(raw), raw[:LARGEST_BYTES]
        )

    def _settling(self, client: IMAPClient, uid: int) -> Callable[[], None]:
        def settle() -> None:
            with _said_as_a_channel():
                if self._account.done:
                    self._move(client, uid)
                else:
                    self._move_cursor(self.name, Cursor(self._uidvalidity, uid))

        return settle

    def _move(self, client: IMAPClient, uid: int) -> None:
        """MOVE (RFC 6851), else copy and expunge that one (UIDPLUS, RFC 4315); never a bare EXPUNGE."""
        if client.has_capability("MOVE"):
            client.move([uid], self._account.done)
            return
        client.copy([uid], self._account.done)
        client.delete_messages([uid], silent=True)
        if client.has_capability("UIDPLUS"):
            client.expunge([uid])

    def _idle(self, client: IMAPClient, seconds: float) -> None:
        """An answer of nothing before its time means the line is dead: leaving IDLE then raises."""
        client.idle()
        began = time.monotonic()
        try:
            while (left := seconds - (time.monotonic() - began)) > 0:
                answers = client.idle_check(timeout=left)
                if not answers or any(answer[-1] in (b"EXISTS", b"RECENT") for answer in answers):
                    break
        finally:
            client.idle_done()


@contextmanager
def _said_as_a_channel() -> Iterator[None]:
    try:
        yield
    except LoginError as error:
        raise ChannelBroken("the mailbox refuses our login") from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelBroken("the mailbox server's certificate is not valid") from error
    except (IMAPClientError, OSError) as error:
        raise TryLater(f"the mailbox is away ({type(error).__name__})") from error
