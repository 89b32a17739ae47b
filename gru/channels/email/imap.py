"""How is a mailbox read over IMAP, told of new mail, and left as people expect it?

A message is (mailbox, UIDVALIDITY, UID). It is fetched with BODY.PEEK[], kept, and only then settled: moved to the
`done` folder, or left where it is, when a cursor remembers how far we read. Agents may share the mailbox: a message
that vanished meanwhile is theirs. Traps: the library's `idle_check()` answers `[]` at once for ever on a dead
connection, so it is not used; `UID n:*` returns the last message even when it is older than n; new mail announced in
answer to another command is not announced again in IDLE, so the mailbox is selected anew just before, and its UIDNEXT
compared.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from gru.channels.base import Count, RawMessage, TryLater, never, source_name
from gru.channels.email.arrival import BODY_BYTES, HEAD_BYTES, LARGEST_BYTES, arrived, cut
from gru.channels.email.imap_line import (
    ImapAccount,
    fullness,
    hang_up,
    idle,
    is_there,
    move,
    open_line,
    said_as_a_channel,
    select,
    sleep,
    uids_before,
    uids_from,
)
from gru.channels.email.tokens import Tokens

__all__ = ["Cursor", "ImapAccount", "ImapMessage", "ImapSource"]

RENEW_SECONDS = 3600.0
"""A connection this old is opened anew: the library keeps what the server announced for as long as it lives."""

IDLE_SECONDS = 60.0
"""IDLE is begun again so often: servers log out after 30 minutes, NATs forget much sooner, and a dead line shows."""

FETCH_AT_ONCE = 50
FETCH_BYTES = 4_000_000
SIZES_AT_ONCE = 500

_WHOLE = ("BODY.PEEK[]", "INTERNALDATE", "RFC822.SIZE")
_BEGINNING = (
    f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>",
    f"BODY.PEEK[TEXT]<0.{BODY_BYTES}>",
    "INTERNALDATE",
    "RFC822.SIZE",
)


FULL_PERCENT = 95
"""From here on somebody must make room: what is refused at the door is not even known here."""


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
        self._settle()


class Passage:
    """How far may the cursor move? Never past a message that is still open, however many behind it are closed."""

    def __init__(self, uidvalidity: int, uids: Sequence[int], closed: set[int]) -> None:
        self.uidvalidity = uidvalidity
        self.closed = closed & set(uids)
        self._uids = deque(uids)

    @property
    def open(self) -> list[int]:
        return [uid for uid in self._uids if uid not in self.closed]

    def close(self, uid: int) -> int:
        """The last of those that are closed with all before them; 0 when the first is open."""
        self.closed.add(uid)
        reached = 0
        while self._uids and self._uids[0] in self.closed:
            reached = self._uids.popleft()
            self.closed.discard(reached)
        return reached


class ImapSource:
    """One mailbox. `cursor` and `move_cursor` remember how far a mailbox is read in which nothing is moved; what its
    server received before `since` is left alone."""

    def __init__(
        self,
        account: ImapAccount,
        source: str,
        cursor: Callable[[str], Cursor | None],
        move_cursor: Callable[[str, Cursor], None],
        largest: int = LARGEST_BYTES,
        since: datetime | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        self.name = source_name("imap", f"{account.user}@{account.host}/{account.folder}")
        self.trouble = ""
        self._account = account
        self._source = source
        self._cursor = cursor
        self._move_cursor = move_cursor
        self._largest = largest
        self._since = since.astimezone(UTC) if since else None
        self._tokens = tokens or Tokens(None)
        self._client: IMAPClient | None = None
        self._connected_at = 0.0
        self._next_uid = 0
        self._to_move = list[int]()
        self._passage = Passage(0, (), set())

    # --- what the daemon calls -------------------------------------------------------------------------------------

    def fetch(self) -> Iterator[ImapMessage]:
        """Every message not settled yet, oldest first, a few in memory at a time."""
        self.trouble = ""
        with self._talking():
            client = self._connected()
            self._move_settled(client)
            passage = self._passage = self._waiting(client)
            used = fullness(client, self._account.folder)
        if used >= FULL_PERCENT:
            self.trouble = f"the mailbox is full to {used} %: new mail may be refused"
        for uids, items in self._batches(client, passage, passage.open):
            with self._talking():
                found = self._fetched(client, uids, items)
            for uid in uids:
                item = found.pop(uid, {})
                if _is_given(item):
                    settle = self._settling(client, passage, uid, is_last=uid == uids[-1])
                    yield ImapMessage(self._message(item), settle)
                else:
                    self._leave(client, passage, uid)

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        """Until the server speaks of new mail; without IDLE, until the time is up."""
        with self._talking():
            client = self._connected()
            self._move_settled(client)
            if not client.has_capability("IDLE"):
                sleep(seconds, stop)
            elif select(client, self._account).get(b"UIDNEXT", self._next_uid) <= self._next_uid:
                idle(client, min(seconds, IDLE_SECONDS), stop)

    def count(self) -> Count:
        with self._talking():
            client = self._connected()
            passage = self._waiting(client)
            left = uids_before(client, self._since, select(client, self._account)) if self._since else []
        return Count(len(set(passage.open) - set(left)), len(left))

    def check(self) -> None:
        with self._talking():
            select(self._connected(), self._account)

    def close(self) -> None:
        client = self._client
        if client is not None:
            try:
                self._move_settled(client)
                client.logout()
            except (IMAPClientError, OSError):
                hang_up(client)
        self._forget()

    # --- the connection --------------------------------------------------------------------------------------------

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """After any fault the connection is in an unknown state: the next call opens another."""
        try:
            with said_as_a_channel():
                yield
        except BaseException:
            if self._client is not None:
                hang_up(self._client)
            self._forget()
            raise

    def _forget(self) -> None:
        """On another connection the same UID may name another message."""
        self._client = None
        self._to_move.clear()

    def _connected(self) -> IMAPClient:
        if self._client is not None and time.monotonic() - self._connected_at > RENEW_SECONDS:
            self.close()
        if self._client is None:
            self._client, self._connected_at = open_line(self._account, self._tokens), time.monotonic()
        return self._client

    # --- which messages --------------------------------------------------------------------------------------------

    def _waiting(self, client: IMAPClient) -> Passage:
        selected = select(client, self._account)
        self._next_uid = int(selected.get(b"UIDNEXT", 0))
        uidvalidity, closed, last = int(selected[b"UIDVALIDITY"]), set[int](), 0
        if not self._account.done:
            last = self._last(uidvalidity)
            closed = self._passage.closed if self._passage.uidvalidity == uidvalidity else closed
        since = self._since.date() if self._since else None
        return Passage(uidvalidity, uids_from(client, last + 1, selected, since), closed)

    def _last(self, uidvalidity: int) -> int:
        known = self._cursor(self.name)
        return known.uid if known and known.uidvalidity == uidvalidity else 0

    def _batches(
        self, client: IMAPClient, passage: Passage, uids: list[int]
    ) -> Iterator[tuple[list[int], Sequence[str]]]:
        """A few at a time, and by their sizes: of one that is too large only the beginning is asked for."""
        for start in range(0, len(uids), SIZES_AT_ONCE):
            some = uids[start : start + SIZES_AT_ONCE]
            with self._talking():
                sizes = self._fetched(client, some, ["RFC822.SIZE", "INTERNALDATE"])
            batch, weight = list[int](), 0
            for uid in some:
                if self._is_older(sizes.get(uid, {})):
                    passage.close(uid)
                    continue
                size = int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0))
                is_full = weight + size > FETCH_BYTES or len(batch) == FETCH_AT_ONCE
                if batch and (is_full or size > self._largest):
                    yield batch, _WHOLE
                    batch, weight = [], 0
                if size > self._largest:
                    yield [uid], _BEGINNING
                else:
                    batch, weight = [*batch, uid], weight + size
            if batch:
                yield batch, _WHOLE

    def _is_older(self, item: dict[bytes, Any]) -> bool:
        """One that just went may have the year 1970: it is nobody's."""
        received_at = item.get(b"INTERNALDATE")
        return self._since is not None and isinstance(received_at, datetime) and received_at < self._since

    def _fetched(self, client: IMAPClient, uids: list[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        """Those the server gives; where it refuses them together, each by itself."""
        try:
            found: dict[int, dict[bytes, Any]] = client.fetch(uids, items)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if len(uids) == 1:
                return {}
            return {uid: item for each in uids for uid, item in self._fetched(client, [each], items).items()}
        return found

    def _leave(self, client: IMAPClient, passage: Passage, uid: int) -> None:
        """Somebody took the message away; or it is there and the server does not give it: said, and tried again."""
        with self._talking():
            remains = is_there(client, uid)
        if remains:
            self.trouble = "the mailbox does not give all of its messages"
        else:
            passage.close(uid)

    def _message(self, item: dict[bytes, Any]) -> RawMessage:
        received_at = item.get(b"INTERNALDATE")
        at = received_at.astimezone(UTC) if isinstance(received_at, datetime) else datetime.now(UTC)
        return arrived(_raw(item), self._source, at)

    # --- what becomes of them --------------------------------------------------------------------------------------

    def _settling(self, client: IMAPClient, passage: Passage, uid: int, is_last: bool) -> Callable[[], None]:
        def settle() -> None:
            if self._account.done:
                self._settle_on(client, uid, is_last)
            elif reached := passage.close(uid):
                self._move_cursor(self.name, Cursor(passage.uidvalidity, reached))

        return settle

    def _settle_on(self, client: IMAPClient, uid: int, is_last: bool) -> None:
        if client is not self._client:
            raise TryLater("the connection this message came by was closed")
        self._to_move.append(uid)
        if is_last:
            with self._talking():
                self._move_settled(client)

    def _move_settled(self, client: IMAPClient) -> None:
        """All of a batch in one command: ten thousand mails would else take ten thousand journeys to the server."""
        if self._to_move:
            move(client, self._to_move, self._account.done)
            self._to_move.clear()


def _is_given(item: dict[bytes, Any]) -> bool:
    """Dovecot answers NIL, a size of 0 and the year 1970 for a message that just went; a mail of no byte is one."""
    body = item.get(b"BODY[]", item.get(b"BODY[HEADER]<0>"))
    return bool(body) or (body is not None and item.get(b"RFC822.SIZE") == 0)


def _raw(item: dict[bytes, Any]) -> bytes:
    if b"BODY[HEADER]<0>" not in item:
        return bytes(item.get(b"BODY[]") or b"")
    head, body = bytes(item[b"BODY[HEADER]<0>"] or b""), bytes(item.get(b"BODY[TEXT]<0>") or b"")
    return cut(head, body, int(item.get(b"RFC822.SIZE", 0)) - len(head))
