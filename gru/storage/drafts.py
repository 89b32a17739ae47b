"""What has a resident begun to ask and not sent yet?

A draft is sealed under a key made of its own link: neither these tables nor the settings open it, only whoever has the
link (in a cookie, or as he was sent it), until it is moved under another. It goes by itself when nobody has touched it
for a month, at a kiosk for some minutes.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine, delete, select, update

from gru.storage.databases import reading, writing
from gru.storage.schema import draft_files, drafts, now_utc, put
from gru.storage.sealing import seal, unseal

KEPT = timedelta(days=30)


class Drafts:
    def __init__(self, engine: Engine, secret: bytes, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._secret = hmac.digest(secret, b"gru drafts", sha256)
        self._clock = clock

    def begin(self, body: bytes, kept: timedelta = KEPT) -> str:
        """The token of a new draft: 256 bits that stand nowhere here."""
        token = secrets.token_urlsafe(32)
        self.put(token, body, kept)
        return token

    def put(self, token: str, body: bytes, kept: timedelta = KEPT) -> None:
        """The same under a token its author makes, instead of what lay there."""
        with writing(self._engine) as connection:
            put(connection, drafts, [self._row(token, body, kept)])

    def read(self, token: str) -> bytes | None:
        """What was last written; `None` when it is over or never was."""
        id = _id(token)
        query = select(drafts.c.sealed).where(drafts.c.id == id, drafts.c.ends_at > self._clock())
        with reading(self._engine) as connection:
            sealed = connection.scalar(query)
        return None if sealed is None else unseal(self._key(token), _draft(id), sealed)

    def write(self, token: str, body: bytes, kept: timedelta = KEPT) -> None:
        """Its time begins anew. Nothing is written when it is over."""
        row = self._row(token, body, kept)
        with writing(self._engine) as connection:
            connection.execute(update(drafts).where(drafts.c.id == row["id"]).values(row))

    def move(self, token: str, to: str, left: bytes, kept: timedelta = KEPT) -> None:
        """To another token, which alone opens it from now on: the old one finds `left`. Nothing happens when it was
        moved there before."""
        old, new = _id(token), _id(to)
        here = select(drafts.c.sealed).where(drafts.c.id == old, drafts.c.ends_at > self._clock()).with_for_update()
        with writing(self._engine) as connection:
            sealed = connection.scalar(here)
            if sealed is None or connection.scalar(select(drafts.c.id).where(drafts.c.id == new)):
                return
            body = unseal(self._key(token), _draft(old), sealed)
            put(connection, drafts, [self._row(to, body, kept), self._row(token, left, kept)])
            self._move_files(connection, token, to)

    def _move_files(self, connection: Connection, token: str, to: str) -> None:
        old, new = _id(token), _id(to)
        for row in connection.execute(select(draft_files).where(draft_files.c.draft == old)).all():
            content = unseal(self._key(token), _file(old, row.file), row.sealed)
            moved = {"draft": new, "sealed": seal(self._key(to), _file(new, row.file), content)}
            here = draft_files.c.draft == old, draft_files.c.file == row.file
            connection.execute(update(draft_files).where(*here).values(moved))

    def close(self, token: str, body: bytes, kept: timedelta = KEPT) -> None:
        """It was sent: `body` is all that is left of it."""
        self.write(token, body, kept)
        with writing(self._engine) as connection:
            connection.execute(delete(draft_files).where(draft_files.c.draft == _id(token)))

    def forget(self, token: str) -> None:
        """Its author wants none of it kept."""
        with writing(self._engine) as connection:
            connection.execute(delete(draft_files).where(draft_files.c.draft == _id(token)))
            connection.execute(delete(drafts).where(drafts.c.id == _id(token)))

    def put_file(self, token: str, content: bytes) -> str:
        """The id of a file of this draft."""
        id, file = _id(token), secrets.token_hex(16)
        sealed = seal(self._key(token), _file(id, file), content)
        with writing(self._engine) as connection:
            connection.execute(draft_files.insert(), {"draft": id, "file": file, "sealed": sealed})
        return file

    def file(self, token: str, file: str) -> bytes | None:
        id = _id(token)
        query = select(draft_files.c.sealed).where(draft_files.c.draft == id, draft_files.c.file == file)
        with reading(self._engine) as connection:
            sealed = connection.scalar(query)
        return None if sealed is None else unseal(self._key(token), _file(id, file), sealed)

    def drop_file(self, token: str, file: str) -> None:
        gone = delete(draft_files).where(draft_files.c.draft == _id(token), draft_files.c.file == file)
        with writing(self._engine) as connection:
            connection.execute(gone)

    def prune(self) -> int:
        """Drop what is over; how many drafts went."""
        over = select(drafts.c.id).where(drafts.c.ends_at <= self._clock())
        with writing(self._engine) as connection:
            connection.execute(delete(draft_files).where(draft_files.c.draft.in_(over)))
            return connection.execute(delete(drafts).where(drafts.c.ends_at <= self._clock())).rowcount

    def _row(self, token: str, body: bytes, kept: timedelta) -> dict[str, object]:
        id = _id(token)
        return {"id": id, "sealed": seal(self._key(token), _draft(id), body), "ends_at": self._clock() + kept}

    def _key(self, token: str) -> bytes:
        return hmac.new(self._secret, token.encode("utf-8", "replace"), sha256).digest()


def _id(token: str) -> str:
    return sha256(b"draft\0" + token.encode("utf-8", "replace")).hexdigest()


def _draft(id: str) -> str:
    return f"draft:{id}"


def _file(id: str, file: str) -> str:
    return f"draft:{id}:{file}"
