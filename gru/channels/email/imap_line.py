"""What is said on the line to an IMAP server, and what does it mean when it goes wrong?"""

import io
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError, LoginError

from gru.channels.base import ChannelBroken, TryLater
from gru.channels.email.tokens import Tokens, challenged, mechanism

TIMEOUT_SECONDS = 30.0
LOOK_UP_SECONDS = 1.0
"""How often a waiting line looks whether it shall stop."""

MOST_IN_ONE_ANSWER = 50_000
"""The library refuses an answer of more than 1,000,000 characters, such as all the UIDs of a large mailbox."""

_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "too many", "try again", "temporar")
"""What a refused login says when the password is not to blame (RFC 5530, and the words of large providers)."""


@dataclass(frozen=True)
class ImapAccount:
    """`done`: folder to move kept messages to, `""` to leave them; `since`: its own first day, if it has one.
    With `auth` it logs in by token, and the password is what asks for the next one."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    folder: str = "INBOX"
    done: str = ""
    since: date | None = None
    auth: str = ""

    @classmethod
    def from_url(cls, url: str) -> "ImapAccount":
        """`imaps://user:password@host/INBOX?done=Traites`; `ValueError` with a sentence."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("The port of a mailbox must be a number up to 65535.") from None
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError("A mailbox is written imaps://user:password@host/INBOX?done=Folder.")
        query = parse_qs(parts.query)
        if unknown := query.keys() - {"done", "since", "auth"}:
            raise ValueError(f"A mailbox takes ?done=, ?since= and ?auth=, not {', '.join(sorted(unknown))}.")
        encrypted = parts.scheme == "imaps"
        folder = unquote(parts.path.strip("/")) or "INBOX"
        done = (query.get("done") or [""])[0]
        if done == folder:
            raise ValueError("A mailbox cannot be moved to the folder it is read from.")
        return cls(
            host=parts.hostname,
            port=port or (993 if encrypted else 143),
            encrypted=encrypted,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=folder,
            done=done,
            since=_day(query.get("since", [""])[0]),
            auth=mechanism(query),
        )


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise ValueError("The first day of a mailbox is written ?since=2026-11-23.") from None


def open_line(account: ImapAccount, tokens: Tokens) -> IMAPClient:
    """Connected and logged in; moments come with their zone."""
    context = ssl.create_default_context() if account.encrypted else None
    client = IMAPClient(account.host, account.port, ssl=account.encrypted, ssl_context=context, timeout=TIMEOUT_SECONDS)
    client.normalise_times = False
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # it writes a command in several pieces
    try:
        _log_in(client, account, tokens)
        _make_done(client, account.done)
    except BaseException:
        hang_up(client)
        raise
    return client


def _log_in(client: IMAPClient, account: ImapAccount, tokens: Tokens) -> None:
    """A token refused though it should hold was revoked: another one is shown, once."""
    if not account.auth:
        client.login(account.user, account.password)
        return
    token = tokens.token(account.password)
    try:
        client.sasl_login(account.auth.upper(), challenged(account.auth, account.user, token))
    except LoginError as error:
        if _is_no_verdict(error):
            raise
        tokens.forget(token)
        another = tokens.token(account.password)
        client.sasl_login(account.auth.upper(), challenged(account.auth, account.user, another))


def _make_done(client: IMAPClient, done: str) -> None:
    with _refused_is_broken("the mailbox has no folder for what is done, and none can be made"):
        if done and not client.folder_exists(done):
            client.create_folder(done)


def select(client: IMAPClient, account: ImapAccount) -> dict[bytes, Any]:
    """What the server says of the folder now; read only when nothing is moved, so that no mark can change."""
    with _refused_is_broken("the mailbox has no such folder, or we may not open it"):
        found: dict[bytes, Any] = client.select_folder(account.folder, readonly=not account.done)
    return found


def uids_from(client: IMAPClient, first: int, selected: dict[bytes, Any], since: date | None = None) -> list[int]:
    """Of every message not marked as deleted, from `first` on, in order. With `since`: servers compare the day as it
    was in the zone they wrote down, so that of the day before may be among them, and none of that day is missing."""
    received = ["SINCE", since - timedelta(days=1)] if since else []
    count, end = int(selected.get(b"EXISTS", 0)), int(selected.get(b"UIDNEXT", 0))
    ranges = [f"{first}:*"]
    if count > MOST_IN_ONE_ANSWER and end:
        ranges = [f"{at}:{at + MOST_IN_ONE_ANSWER - 1}" for at in range(first, end, MOST_IN_ONE_ANSWER)]
    found = (uid for each in ranges for uid in client.search(["UID", each, "NOT", "DELETED", *received]))
    return sorted(uid for uid in found if uid >= first)


def uids_before(client: IMAPClient, since: datetime, selected: dict[bytes, Any]) -> list[int]:
    """Of every message the server received before that instant."""
    later = uids_from(client, 1, selected, since.date())
    close = sorted(set(later) & set(client.search(["BEFORE", since.date() + timedelta(days=2)])))
    moments = client.fetch(close, ["INTERNALDATE"]) if close else {}
    after = set(later) - {uid for uid, item in moments.items() if item[b"INTERNALDATE"] < since}
    return [uid for uid in uids_from(client, 1, selected) if uid not in after]


def is_there(client: IMAPClient, uid: int) -> bool:
    """Now: a server may show a message that is gone until it has told us so."""
    client.noop()
    return bool(client.search(["UID", str(uid)]))


def move(client: IMAPClient, uids: list[int], done: str) -> None:
    """To the other folder, but for those that somebody took away meanwhile: some servers call that an error."""
    try:
        _move(client, uids, done)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        remaining = [uid for uid in uids if is_there(client, uid)]
        if remaining == uids:
            raise
        move(client, remaining, done)


def _move(client: IMAPClient, uids: list[int], done: str) -> None:
    """MOVE (RFC 6851), else copy and expunge only those (UIDPLUS, RFC 4315); never a bare EXPUNGE."""
    if not uids:
        return
    if client.has_capability("MOVE"):
        client.move(uids, done)
        return
    client.copy(uids, done)
    client.delete_messages(uids, silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)


def idle(client: IMAPClient, seconds: float, stop: Callable[[], bool]) -> None:
    """Until something new is announced. When the line has something to say, IDLE is left to hear it: that raises when
    the line is dead, and reads no half lines, as the library's `idle_check` does."""
    ends = time.monotonic() + seconds
    while not stop() and time.monotonic() < ends:
        client.idle()
        try:
            if not _has_heard_more(client):
                _until_readable(client.socket(), ends, stop)
        finally:
            _, answers = client.idle_done()
        if any(answer[-1] in (b"EXISTS", b"RECENT") for answer in answers):
            return


def _has_heard_more(client: IMAPClient) -> bool:
    """What came in one breath with the last answer lies in the library's own buffer, where no selector sees it."""
    line, reader = client.socket(), getattr(client._imap, "file", None)
    line.setblocking(False)
    try:
        return bool(reader.peek(1)) if isinstance(reader, io.BufferedReader) else False
    except OSError:
        return False
    finally:
        line.settimeout(TIMEOUT_SECONDS)


def _until_readable(line: socket.socket, ends: float, stop: Callable[[], bool]) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        while not stop() and (left := ends - time.monotonic()) > 0:
            decrypted = line.pending() if isinstance(line, ssl.SSLSocket) else 0
            if decrypted or selector.select(min(left, LOOK_UP_SECONDS)):
                return


def sleep(seconds: float, stop: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not stop() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_UP_SECONDS))


def hang_up(client: IMAPClient) -> None:
    with suppress(IMAPClientError, OSError):
        client.shutdown()


def fullness(client: IMAPClient, folder: str) -> int:
    """How full the mailbox is, in percent, where its server says so (RFC 9208); 0 where it does not."""
    if not client.has_capability("QUOTA"):
        return 0
    try:
        _, quotas = client.get_quota_root(folder)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return 0
    used = (100 * quota.usage // quota.limit for quota in quotas if quota.limit)
    return max(used, default=0)


# --- what went wrong -----------------------------------------------------------------------------------------------


@contextmanager
def _refused_is_broken(sentence: str) -> Iterator[None]:
    try:
        yield
    except IMAPClientReadOnlyError as error:
        raise ChannelBroken(sentence) from error
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise ChannelBroken(sentence) from error


@contextmanager
def said_as_a_channel() -> Iterator[None]:
    try:
        yield
    except LoginError as error:
        if _is_no_verdict(error):
            raise TryLater("the mailbox server does not take logins now") from error
        raise ChannelBroken("the mailbox refuses our login") from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelBroken("the mailbox server's certificate is not valid") from error
    except IMAPClientError as error:
        if "quota" in str(error).lower():  # [OVERQUOTA] of RFC 5530, and older servers' words
            raise ChannelBroken("the mailbox is full") from error
        raise TryLater(f"the mailbox is away ({type(error).__name__})") from error
    except OSError as error:
        raise TryLater(f"the mailbox is away ({type(error).__name__})") from error


def _is_no_verdict(error: LoginError) -> bool:
    """The line broke, or the server has other troubles than our word."""
    return isinstance(error.__context__, IMAPClientAbortError) or _is_passing(str(error))


def _is_passing(words: str) -> bool:
    return any(sign.lower() in words.lower() for sign in _PASSING)
