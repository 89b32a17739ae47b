"""Who is logged in, with which password, and who tries too often?

Tokens, logins and addresses are stored as hashes only: whoever reads the tables can neither enter nor learn who tried.
"""

import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, Engine, delete, func, select, update

from gru.storage.databases import reading, writing
from gru.storage.schema import attempts, credentials, insert_into, now_utc, put, sessions

WINDOW = timedelta(minutes=1)
SEEN_EVERY = timedelta(minutes=1)  # a session's row is written at most that often
HASHER = PasswordHasher()


class Session(msgspec.Struct, frozen=True):
    """`id` names the session in lists and for revoking; it does not open it."""

    id: str
    agent: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime


class Limit(msgspec.Struct, frozen=True):
    """At most `most` attempts of this kind for this subject."""

    kind: str
    subject: str
    most: int


class _TooMany(Exception):
    """Takes the counting back."""


class Access:
    def __init__(
        self,
        engine: Engine,
        secret: bytes,
        *,
        clock: Callable[[], datetime] = now_utc,
        hasher: PasswordHasher = HASHER,
    ) -> None:
        if len(secret) < 32:
            raise ValueError("the secret needs 32 random bytes or more")
        self._engine = engine
        self._secret = hmac.digest(secret, b"gru access", sha256)
        self._clock = clock
        self._hasher = hasher
        self._nobody = _password_of_nobody(hasher)

    # --- sessions ---

    def open_session(self, agent: str, *, idle: timedelta, longest: timedelta) -> str:
        """A token of 256 bits for the cookie; it ends `idle` after its last use, `longest` after now at most."""
        token, now = secrets.token_urlsafe(32), self._clock()
        row = {"token_hash": _hash(token), "agent": agent, "opened_at": now, "seen_at": now, "ends_at": now + longest}
        with writing(self._engine) as connection:
            connection.execute(sessions.insert(), {**row, "idle_seconds": int(idle.total_seconds())})
        return token

    def session(self, token: str) -> Session | None:
        """Whose session this token opens; None when it has ended, was revoked or never was."""
        now = self._clock()
        with reading(self._engine) as connection:
            row = connection.execute(select(sessions).where(sessions.c.token_hash == _hash(token))).one_or_none()
        if row is None or now >= row.ends_at or now >= row.seen_at + timedelta(seconds=row.idle_seconds):
            return None
        if now - row.seen_at >= SEEN_EVERY:
            seen = update(sessions).where(sessions.c.token_hash == row.token_hash).values(seen_at=now)
            with writing(self._engine) as connection:
                connection.execute(seen)
        return Session(row.token_hash, row.agent, row.opened_at, row.seen_at, row.ends_at)

    def sessions_of(self, agent: str) -> list[Session]:
        """This agent's sessions that are open, the last used first."""
        now = self._clock()
        query = select(sessions).where(sessions.c.agent == agent, sessions.c.ends_at > now)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(sessions.c.seen_at.desc())).all()
        return [
            Session(row.token_hash, row.agent, row.opened_at, row.seen_at, row.ends_at)
            for row in rows
            if now < row.seen_at + timedelta(seconds=row.idle_seconds)
        ]

    def revoke(self, token: str) -> None:
        self.revoke_session(_hash(token))

    def revoke_session(self, id: str) -> None:
        """End the session that a list showed."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == id))

    def revoke_all(self, agent: str, *, but: str = "") -> int:
        """End all of an agent's sessions (`but` the one of this token); how many ended."""
        gone = delete(sessions).where(sessions.c.agent == agent, sessions.c.token_hash != (_hash(but) if but else ""))
        with writing(self._engine) as connection:
            return connection.execute(gone).rowcount

    # --- passwords ---

    def set_password(self, agent: str, login: str, password: str) -> None:
        """The agent logs in with this address and password from now on; his open sessions end."""
        row = {
            "login_hash": self._login_hash(login),
            "agent": agent,
            "password": self._hasher.hash(password),
            "changed_at": self._clock(),
        }
        with writing(self._engine) as connection:
            other = select(credentials.c.agent).where(credentials.c.login_hash == row["login_hash"])
            if connection.scalar(other) not in (None, agent):
                raise ValueError("another agent logs in with this address")
            connection.execute(delete(credentials).where(credentials.c.agent == agent))
            put(connection, credentials, [row])
            connection.execute(delete(sessions).where(sessions.c.agent == agent))

    def check_password(self, login: str, password: str) -> str:
        """The agent who logs in so, else ""; an unknown address takes as long as a wrong password."""
        query = select(credentials).where(credentials.c.login_hash == self._login_hash(login))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        stored = row.password if row is not None else self._nobody
        try:
            self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return ""
        if row is None:
            return ""
        if self._hasher.check_needs_rehash(stored):
            self._rehash(row.agent, stored, password)
        return str(row.agent)

    def agent_of_login(self, login: str) -> str:
        """Whose address this is, "" if nobody's: for single sign-on and forgotten passwords."""
        query = select(credentials.c.agent).where(credentials.c.login_hash == self._login_hash(login))
        with reading(self._engine) as connection:
            return connection.scalar(query) or ""

    def forget_agent(self, agent: str) -> None:
        """He has left: no password and no session any more."""
        with writing(self._engine) as connection:
            connection.execute(delete(credentials).where(credentials.c.agent == agent))
            connection.execute(delete(sessions).where(sessions.c.agent == agent))

    # --- attempts ---

    def record_attempt(self, kind: str, subject: str) -> None:
        """Somebody tried: `kind` is what for, `subject` the address, number or account it counts against."""
        with writing(self._engine) as connection:
            self._count(connection, kind, self._subject(kind, subject))

    def attempts(self, kind: str, subject: str, within: timedelta) -> int:
        """How often it was tried within this time (to the minute, rather counting too many)."""
        with reading(self._engine) as connection:
            return self._counted(connection, kind, self._subject(kind, subject), within)

    def allow(self, kind: str, subject: str, limit: int, within: timedelta) -> bool:
        """Count one more attempt; False, and nothing counted, when it is more than `limit`."""
        return self.allow_all((Limit(kind, subject, limit),), within)

    def allow_all(self, limits: Sequence[Limit], within: timedelta) -> bool:
        """The same for one attempt under several limits. Two at once cannot both be the last.

        A refused attempt counts against none of them, so that nobody stays locked out by being tried on.
        """
        subjects = [(one.kind, self._subject(one.kind, one.subject), one.most) for one in limits]
        try:
            with writing(self._engine) as connection:
                for kind, hash, most in subjects:
                    self._count(connection, kind, hash)
                    if self._counted(connection, kind, hash, within) > most:
                        raise _TooMany
        except _TooMany:
            return False
        return True

    def forgive(self, kind: str, subject: str) -> None:
        """He was right in the end: start counting anew."""
        gone = delete(attempts).where(attempts.c.kind == kind, attempts.c.subject_hash == self._subject(kind, subject))
        with writing(self._engine) as connection:
            connection.execute(gone)

    def prune(self, keep: timedelta = timedelta(days=1)) -> None:
        """Drop old attempts and sessions that have ended."""
        now = self._clock()
        with writing(self._engine) as connection:
            connection.execute(delete(attempts).where(attempts.c.minute < now - keep))
            connection.execute(delete(sessions).where(sessions.c.ends_at <= now))

    # --- inside ---

    def _count(self, connection: Connection, kind: str, subject_hash: str) -> None:
        row = {"kind": kind, "subject_hash": subject_hash, "minute": _minute(self._clock()), "count": 1}
        insert = insert_into(connection, attempts).values(row)
        keys = ["kind", "subject_hash", "minute"]
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_={"count": attempts.c.count + 1}))

    def _counted(self, connection: Connection, kind: str, subject_hash: str, within: timedelta) -> int:
        query = select(func.coalesce(func.sum(attempts.c.count), 0)).where(
            attempts.c.kind == kind,
            attempts.c.subject_hash == subject_hash,
            attempts.c.minute >= _minute(self._clock() - within),
        )
        return int(connection.execute(query).scalar_one())

    def _rehash(self, agent: str, stored: str, password: str) -> None:
        """The parameters have grown since; unless the password was changed meanwhile."""
        renewed = update(credentials).where(credentials.c.agent == agent, credentials.c.password == stored)
        with writing(self._engine) as connection:
            connection.execute(renewed.values(password=self._hasher.hash(password)))

    def _login_hash(self, login: str) -> str:
        words = f"login\0{login.strip().casefold()}".encode("utf-8", "replace")
        return hmac.new(self._secret, words, sha256).hexdigest()

    def _subject(self, kind: str, subject: str) -> str:
        words = f"attempt\0{kind}\0{subject.strip().casefold()}".encode("utf-8", "replace")
        return hmac.new(self._secret, words, sha256).hexdigest()


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


@cache
def _password_of_nobody(hasher: PasswordHasher) -> str:
    """Checked where nobody logs in with the address. Made when the process starts, not at the first wrong address."""
    return hasher.hash(secrets.token_hex())


def _minute(at: datetime) -> datetime:
    seconds = int(at.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds())
    return datetime.fromtimestamp(seconds, UTC)
