"""What did people write and send, and how is it kept so that it can be made unreadable?

Raw messages, texts and files lie here sealed; their keys lie elsewhere (`keys.py`). A key is always made before what it
seals is written, and destroyed before it is deleted: after a crash anywhere the same call may be made again.
"""

import hmac
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec
from sqlalchemy import delete, func, select, update

from gru.domain.events import FileRef, TextRef
from gru.storage.databases import Databases, checkpoint, reading, writing
from gru.storage.files import FileStore, file_store
from gru.storage.keys import Destruction, Keys, Wanted
from gru.storage.messages import Messages
from gru.storage.named import FileName, Named, sealed_rows
from gru.storage.people import opened
from gru.storage.schema import among_ids, contents, files, in_chunks, message_ids, messages, now_utc, put_new, texts
from gru.storage.sealing import Tampered, seal, unseal

Finding = Literal["fits", "erased", "missing", "changed"]

_TEXTS = select(texts).where(among_ids(texts.c.id))


class NewText(msgspec.Struct, frozen=True):
    """A text to be kept. With an `id` of the writer's own it may be written again; `at` orders new ids."""

    text: str
    person: str
    case: str
    id: str = ""
    at: datetime | None = None


class StoredFile(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    size: int
    content: bytes


class Archive(Messages):
    """The one door to what may be erased: texts, files, and messages and people (inherited)."""

    def __init__(
        self,
        databases: Databases,
        keys: Keys,
        secret: bytes,
        *,
        store: FileStore | None = None,
        clock: Callable[[], datetime] = now_utc,
        region: str = "FR",
    ) -> None:
        if len(secret) < 32:
            raise ValueError("the secret needs 32 random bytes or more")
        super().__init__(databases.archive, keys, secret, clock=clock, region=region)
        self._digest_secret = hmac.digest(secret, b"gru digests", sha256)
        self._address_secret = hmac.digest(secret, b"gru file addresses", sha256)
        self._store = store or file_store(databases)

    def forget_connections(self) -> None:
        """A child process begins: it makes its own, and leaves those of its parent alone."""
        self._engine.dispose(close=False)
        self.keys.forget_connections()

    def look_up(
        self, *, texts: Collection[str] = (), people: Collection[str] = (), files: Collection[str] = ()
    ) -> Named:
        """All that a page names, in one statement here and one of the keys. Raises `Tampered` for what was changed."""
        found = Named(dict.fromkeys(texts), dict.fromkeys(people), dict.fromkeys(files))
        if not (texts or people or files):
            return found
        wanted = {"texts": list(found.texts), "people": list(found.people), "files": list(found.files)}
        with reading(self._engine) as connection:
            rows = list(sealed_rows(connection, wanted))
        data, persons = self.keys.find_all([row.id for row in rows if not row.root], {row.root for row in rows} - {""})
        for row in rows:
            key = persons.get(row.root) if row.root else data.get(row.id)
            if key is None or row.sealed is None:
                continue
            match row.kind:
                case "texts":
                    found.texts[row.id] = unseal(key, f"text:{row.id}", row.sealed).decode()
                case "people":
                    found.people[row.id] = opened(key, row.root, row.sealed)
                case _:
                    name, media_type = msgspec.json.decode(
                        unseal(key, f"name:{row.id}", row.sealed), type=tuple[str, str]
                    )
                    found.files[row.id] = FileName(name, media_type, row.size)
        return found

    # --- texts ---

    def write_text(self, text: str, *, person: str, case: str, id: str = "") -> TextRef:
        """Keep a text whose author is `person` ("" when nobody knows). With an `id`, the same text may come twice."""
        return self.write_texts([NewText(text, person, case, id)])[0]

    def write_texts(self, new: Sequence[NewText]) -> list[TextRef]:
        """The same for many in two transactions."""
        if not new:
            return []
        if any(not one.case and not one.person for one in new):
            raise ValueError("a text needs a case or a person, or nobody could ever erase it")
        again = any(one.id for one in new)
        ids = [one.id or self._new_id(one.at) for one in new]
        wanted = [Wanted(id, one.person, one.case) for id, one in zip(ids, new, strict=True)]
        keys = self.keys.make(wanted, again=again)
        plains = [one.text.encode("utf-8", "replace") for one in new]
        rows = [
            {"id": id, "sealed": seal(key, f"text:{id}", plain)}
            for id, key, plain in zip(ids, keys, plains, strict=True)
        ]
        with writing(self._engine) as connection:
            put_new(connection, texts, rows)
        if again:
            self._same_as_before([(id, one.text) for id, one in zip(ids, new, strict=True) if one.id])
        return [TextRef(id, self._digest(key, id, plain)) for id, key, plain in zip(ids, keys, plains, strict=True)]

    def texts(self, ids: Collection[str]) -> dict[str, str | None]:
        """Each text asked for; None for the erased and the unknown. Raises `Tampered` for a changed one."""
        found: dict[str, str | None] = dict.fromkeys(ids)
        for id, plain in self._plain_texts(found).items():
            found[id] = plain.decode()
        return found

    def check_texts(self, refs: Sequence[TextRef]) -> dict[str, Finding]:
        """For each text an event speaks of: is it still the one that was written?"""
        keys = self.keys.find([ref.id for ref in refs])
        sealed = self._sealed_texts([ref.id for ref in refs])
        return {ref.id: self._finding(ref, keys.get(ref.id), sealed.get(ref.id)) for ref in refs}

    # --- files ---

    def put_file(self, name: str, media_type: str, content: bytes, *, person: str, case: str, id: str = "") -> FileRef:
        """Keep a file, name and all. The caller has capped its size. With an `id`, the same file may come twice."""
        if not case and not person:
            raise ValueError("a file needs a case or a person, or nobody could ever erase it")
        again, id = bool(id), id or self._new_id()
        [key] = self.keys.make([Wanted(id, person, case)], again=again)
        sealed = seal(key, f"name:{id}", msgspec.json.encode((name, media_type)))
        if again and (before := self.file(id)) is not None and before.content != content:
            raise ValueError(f"another file lies under {id}")
        self._store.put(self._address(id), seal(key, f"file:{id}", content))
        with writing(self._engine) as connection:
            put_new(connection, files, [{"id": id, "size": len(content), "sealed": sealed}])
        return FileRef(id, self._digest(key, id, content), media_type, len(content))

    def file(self, id: str) -> StoredFile | None:
        """A file with its content; None when it was erased or never was. Raises `Tampered` for a changed one."""
        named = self.file_names([id])[id]
        key = self.keys.find([id]).get(id)
        body = self._store.get(self._address(id)) if named and key else None
        if named is None or key is None or body is None:
            return None
        return StoredFile(named.name, named.media_type, named.size, unseal(key, f"file:{id}", body))

    def check_file(self, ref: FileRef) -> Finding:
        """Is the file an event speaks of still the one that was put there?"""
        key = self.keys.find([ref.id]).get(ref.id)
        if key is None:
            return "erased"
        try:
            file = self.file(ref.id)
        except Tampered:
            return "changed"
        if file is None:
            return "missing"
        return "fits" if hmac.compare_digest(self._digest(key, ref.id, file.content), ref.digest) else "changed"

    def file_names(self, ids: Collection[str]) -> dict[str, FileName | None]:
        """What the files are called, for a list of them."""
        return self.look_up(files=ids).files

    # --- erasing ---

    def redact(self, *ids: str) -> None:
        """Make these messages, texts or files unreadable for ever."""
        self.keys.destroy_data(ids)
        self._delete(ids)

    def destroy_person(self, person: str) -> None:
        """Make what this person wrote, and who he is, unreadable for ever; others' words remain."""
        everyone = self._everyone(person)
        gone = self.keys.destroy_person(person, also=everyone)
        self._forget(everyone)
        self._delete(gone)

    def destroy_case(self, case: str) -> None:
        """Make all words and files of one case unreadable for ever, whoever wrote them; people remain."""
        self._delete(self.keys.destroy_case(case))

    def destroy_again(self, destructions: Sequence[Destruction]) -> None:
        """After an older backup came back: what was destroyed since is destroyed again."""
        for one in destructions:
            match one.kind:
                case "person":
                    self.destroy_person(one.id)
                case "case":
                    self.destroy_case(one.id)
                case _:
                    self.redact(one.id)

    def words_of(self, person: str) -> list[tuple[str, str]]:
        """(case, id) of every message, text and file of a person, for an export."""
        return self.keys.of_person(person)

    # --- contents: what is not personal ---

    def keep_content(self, content: bytes) -> str:
        """Keep a town's version, a template; its SHA-256 in hex. The same content is kept once."""
        digest = sha256(content).hexdigest()
        with writing(self._engine) as connection:
            put_new(connection, contents, [{"digest": digest, "body": content}])
        return digest

    def content(self, digest: str) -> bytes:
        """Raises `KeyError` when nothing was kept under this digest, `Tampered` when it no longer fits."""
        with reading(self._engine) as connection:
            body = connection.scalar(select(contents.c.body).where(contents.c.digest == digest))
        if body is None:
            raise KeyError(digest)
        if sha256(body).hexdigest() != digest:
            raise Tampered(f"content:{digest}")
        return bytes(body)

    # --- inside ---

    def _digest(self, key: bytes, id: str, plain: bytes) -> str:
        """Keyed by the secret and by the data key: once that is destroyed, nobody can try out words."""
        both = hmac.digest(self._digest_secret, key, sha256)
        return hmac.new(both, id.encode() + b"\0" + plain, sha256).hexdigest()[:32]

    def _address(self, id: str) -> str:
        return hmac.new(self._address_secret, id.encode(), sha256).hexdigest()

    def _sealed_texts(self, ids: Collection[str]) -> dict[str, bytes]:
        with reading(self._engine) as connection:
            rows = [row for chunk in in_chunks(ids) for row in connection.execute(_TEXTS, {"ids": chunk})]
        return {row.id: row.sealed for row in rows}

    def _plain_texts(self, ids: Collection[str]) -> dict[str, bytes]:
        sealed = self._sealed_texts(ids)
        keys = self.keys.find(list(sealed))
        return {id: unseal(keys[id], f"text:{id}", sealed[id]) for id in sealed if id in keys}

    def _same_as_before(self, written: Sequence[tuple[str, str]]) -> None:
        stored = self._plain_texts([id for id, _ in written])
        for id, words in written:
            if stored.get(id) != words.encode("utf-8", "replace"):
                raise ValueError(f"another text lies under {id}")

    def _finding(self, ref: TextRef, key: bytes | None, sealed: bytes | None) -> Finding:
        if key is None:
            return "erased"
        if sealed is None:
            return "missing"
        try:
            plain = unseal(key, f"text:{ref.id}", sealed)
        except Tampered:
            return "changed"
        return "fits" if hmac.compare_digest(self._digest(key, ref.id, plain), ref.digest) else "changed"

    def _delete(self, ids: Collection[str]) -> None:
        """The sealed bytes are noise now: away with them. A message's row stays, so that it is not kept anew."""
        blank = {"sealed": None, "ticked_at": func.coalesce(messages.c.ticked_at, self._clock())}
        for chunk in in_chunks(ids, 500):
            with reading(self._engine) as connection:
                named = connection.scalars(select(files.c.id).where(files.c.id.in_(chunk))).all()
            for id in named:
                self._store.delete(self._address(id))
            with writing(self._engine) as connection:
                connection.execute(delete(texts).where(texts.c.id.in_(chunk)))
                connection.execute(delete(files).where(files.c.id.in_(chunk)))
                connection.execute(delete(message_ids).where(message_ids.c.message.in_(chunk)))
                connection.execute(update(messages).where(messages.c.key.in_(chunk)).values(blank))
        checkpoint(self._engine)


def open_archive(
    databases: Databases,
    *,
    secret: bytes,
    master: bytes,
    clock: Callable[[], datetime] = now_utc,
    region: str = "FR",
) -> Archive:
    """`secret` for hashes and digests, `master` for the keys: lose either and the archive is lost."""
    return Archive(databases, Keys(databases.keys, master, clock=clock), secret, clock=clock, region=region)
