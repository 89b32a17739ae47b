"""Which cases speak of these words?

One row for each case. `words` holds a line of stems for each part of the case (a text, a name, a place, the number)
and `parts` says whose they are, line by line, so that a person's words can be dropped. SQLite indexes them by FTS5,
PostgreSQL by a `tsvector` made of the same stems, without a dictionary of its own.
"""

import re
from collections.abc import Callable, Collection
from itertools import islice

import msgspec
import Stemmer
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Subquery,
    Table,
    Text,
    column,
    select,
    table,
    text,
    type_coerce,
)

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.domain.rights import Scope
from projections.base import (
    NO_WORDS,
    NOTHING,
    VIEWS,
    Json,
    OneRow,
    Row,
    Wants,
    Words,
    code,
    folded,
    spelled,
    tidied,
    versioned,
    within,
)

MATCHES = 1000
LONGEST_PART = 1000
LONGEST_STEM = 40
MOST_BYTES = 1_000_000
"""Of different stems in a case: beyond 1,048,575 a `tsvector` loses some without a word."""
MOST_OF_TEXTS = 900_000
"""So that names and the number always find their place; what is written beyond is not found."""
MOST_WORDS = 12
OURS = ("reach", "number")
BREAK = " / "
"""Between the lines of a case's parts; no stem holds it."""
REACH = "zqscope"
"""Begins the stems that say who may find a case; no text may hold one."""

search = Table(
    "search",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("department", "site", "confidentiality")),
    code("requester"),
    Column("parts", Json, nullable=False),
    Column("words", Text, nullable=False),
    Index("search_id", "id", unique=True),
)


class Search(OneRow):
    name = "search"
    question = "Which cases speak of these words?"
    table = search
    edition = 2
    wants_words = True
    events = (
        e.CaseOpened,
        e.CaseRegistered,
        e.MessageReceived,
        e.RequesterIdentified,
        e.PlaceSet,
        e.CaseQualified,
        e.CaseTransferred,
        e.WaitStarted,
        e.ReplyWritten,
        e.NoteAdded,
        e.CaseClosed,
        e.CaseReopened,
        e.TextRedacted,
        e.PersonErased,
    )

    def wants(self, recorded: Recorded) -> Wants:
        said = _said(recorded.event)
        person = _person(recorded.event)
        if not said and not person:
            return NOTHING
        return Wants(texts=tuple(ref.id for ref, _ in said), people=(person,) if person else ())

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if isinstance(event, e.CaseOpened) and state is None:
            row = _opened(recorded, event)
        elif (changed := versioned(state, recorded)) is not None:
            row = changed
            _change(row, event)
        else:
            return state
        _take_in(row, recorded, words)
        return row

    def made(self, dialect: str, table: str) -> tuple[str, ...]:
        if dialect == "sqlite":
            return ()
        stems = f"array_to_tsvector(array_remove(string_to_array(replace(words, '{BREAK}', ' '), ' '), ''))"
        return (f"ALTER TABLE {table} ADD COLUMN vector tsvector GENERATED ALWAYS AS ({stems}) STORED",)

    def filled(self, dialect: str, table: str, generation: int) -> tuple[str, ...]:
        if dialect == "postgresql":
            return (f"CREATE INDEX search_vector__g{generation} ON {table} USING gin (vector)",)
        return (
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5(words, content='', detail='none', columnsize=0)",
            f"INSERT INTO {table}_fts (rowid, words) SELECT id, words FROM {table}",
            *_triggers(table),
        )

    def renamed(self, dialect: str, old: str, new: str) -> tuple[str, ...]:
        if dialect == "postgresql":
            return ()
        return (*_no_triggers(old), f"ALTER TABLE {old}_fts RENAME TO {new}_fts", *_triggers(new))

    def scrubbed(self, dialect: str, table: str) -> tuple[str, ...]:
        if dialect == "postgresql":
            return (f"VACUUM {table}",)
        return (f"INSERT INTO {table}_fts ({table}_fts) VALUES ('optimize')",)

    def dropped(self, dialect: str, table: str) -> tuple[str, ...]:
        return () if dialect == "postgresql" else (*_no_triggers(table), f"DROP TABLE IF EXISTS {table}_fts")


def _triggers(table: str) -> tuple[str, ...]:
    """What keeps the index of SQLite in step with its table."""
    gone = f"INSERT INTO {table}_fts ({table}_fts, rowid, words) VALUES ('delete', old.id, old.words);"
    come = f"INSERT INTO {table}_fts (rowid, words) VALUES (new.id, new.words);"
    return (
        f"CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {come} END",
        f"CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN {gone} END",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE OF words ON {table} WHEN old.words <> new.words "
        f"BEGIN {gone} {come} END",
    )


def _no_triggers(table: str) -> tuple[str, ...]:
    return tuple(f"DROP TRIGGER IF EXISTS {table}_{what}" for what in ("added", "removed", "changed"))


# --- what a case speaks of ---------------------------------------------------------------------------------------


def _opened(recorded: Recorded, event: e.CaseOpened) -> Row:
    row: Row = {
        "case_id": recorded.stream_id,
        "id": recorded.position,
        "version": recorded.version,
        "department": event.department,
        "site": event.site,
        "confidentiality": "normal",
        "requester": event.requester,
        "parts": [["reach", ""]],
        "words": "",
    }
    row["words"] = _reach(row)
    return row


def _change(row: Row, event: e.Event) -> None:
    match event:
        case e.CaseQualified():
            row["department"], row["confidentiality"] = event.department, event.confidentiality
            _replace_reach(row)
        case e.CaseTransferred():
            row["department"] = event.department
            _replace_reach(row)
        case e.CaseRegistered():
            _put(row, "number", "", _number(event.number))
        case e.RequesterIdentified():
            row["parts"] = [_owned(part, owner, event.person) for part, owner in row["parts"]]
            row["requester"] = event.person
        case e.TextRedacted():
            _drop(row, lambda part, owner: part == event.id)
        case e.PersonErased():
            _drop(row, lambda part, owner: owner in (event.person, "") and part not in OURS)


def _take_in(row: Row, recorded: Recorded, words: Words) -> None:
    """The words of this fact; each part belongs to who wrote it, what agents write to the requester."""
    event = recorded.event
    for ref, author in _said(event):
        found = words.texts.get(ref.id)
        if found:
            _put(row, ref.id, author or row["requester"], stems(found), MOST_OF_TEXTS)
    person = _person(event)
    known = words.people.get(person) if person else None
    if known is not None:
        _put(row, f"name {person}", person, stems(known.name))


def _said(event: e.Event) -> list[tuple[e.TextRef, str]]:
    """The texts of a fact that can be searched, each with its author if not the requester."""
    texts: tuple[e.TextRef | None, ...] = ()
    author = ""
    match event:
        case e.CaseOpened():
            texts, author = (event.title, event.text, event.place), event.requester
        case e.MessageReceived():
            texts, author = (event.text,), event.author
        case e.PlaceSet():
            texts = (event.place,)
        case e.ReplyWritten() if event.human:
            texts = (event.text,)
        case e.WaitStarted() | e.NoteAdded() | e.CaseClosed() | e.CaseReopened():
            texts = (event.text,)
    return [(ref, author) for ref in texts if ref is not None]


def _person(event: e.Event) -> str:
    match event:
        case e.CaseOpened():
            return event.requester
        case e.MessageReceived():
            return event.author
        case e.RequesterIdentified():
            return event.person
    return ""


def _owned(part: str, owner: str, person: str) -> list[str]:
    """What nobody had written is now this person's; number and reach are nobody's."""
    return [part, owner if part in OURS else owner or person]


def _put(row: Row, part: str, owner: str, line: str, most: int = MOST_BYTES) -> None:
    for known, _ in row["parts"]:
        if known == part:
            _drop(row, lambda known, _: known == part)
    words = f"{row['words']}{BREAK}{line}"
    if line and _fits(words, most):
        row["parts"] = [*row["parts"], [part, owner]]
        row["words"] = words


def _fits(words: str, most: int) -> bool:
    return len(words.encode()) <= most or len("".join(set(words.split())).encode()) <= most


def _drop(row: Row, gone: Callable[[str, str], bool]) -> None:
    pairs = zip(row["parts"], row["words"].split(BREAK), strict=True)
    kept = [(part, line) for part, line in pairs if not gone(*part)]
    row["parts"] = [part for part, _ in kept]
    row["words"] = BREAK.join(line for _, line in kept)


def _replace_reach(row: Row) -> None:
    row["words"] = BREAK.join([_reach(row), *row["words"].split(BREAK)[1:]])


# --- stems -------------------------------------------------------------------------------------------------------

_stemmer = Stemmer.Stemmer("french", 0)
_known: dict[str, str] = {}
_KNOWN_AT_MOST = 200_000
_ENDING = re.compile(r"(?<=....)[esx]+$|(?<=...)[sx]$")


def stems(words: str) -> str:
    """The different stems of a text, in the order they first appear."""
    pieces = tidied(words).split()
    found: dict[str | None, None] = dict.fromkeys(map(_known.get, pieces))
    if None in found:
        found = dict.fromkeys(map(_stems_of, pieces))
    each = dict.fromkeys(" ".join(filter(None, found)).split())
    return " ".join(islice(each, LONGEST_PART))


def _stems_of(piece: str) -> str:
    """The stems of what stands between two spaces, remembered with its commas and apostrophes."""
    known = _known.get(piece)
    if known is None:
        if len(_known) >= _KNOWN_AT_MOST:
            _known.clear()
        made = [stem(word) for word in spelled(piece)]
        known = _known[piece] = " ".join(word for word in made if word and not word.startswith(REACH))
    return known


def stem(word: str) -> str:
    """`Déposées`, `deposee` and `déposé` become one; what has a digit stays as it is."""
    return "".join(spelled(_stemmed(word)))[:LONGEST_STEM]


def _stemmed(word: str) -> str:
    if any(letter.isdigit() for letter in word):
        return folded(word)
    plain = folded(_stemmer.stemWord(word))
    return _ENDING.sub("", plain) if len(plain) > 3 else plain


def _number(number: str) -> str:
    """A case is found by its number whole, and by its last digits with or without the zeros."""
    last = number.rpartition("-")[2]
    return " ".join(dict.fromkeys((number.replace("-", ""), last, last.lstrip("0") or last)))


def _reach(row: Row) -> str:
    level = row["confidentiality"]
    return " ".join(_reaches(level, row["department"], row["site"]))


def _reaches(level: str, department: str, site: str) -> tuple[str, str, str]:
    return f"{REACH}l{level}", f"{REACH}d{level}{_plain(department)}", f"{REACH}s{level}{_plain(site)}"


def _plain(name: str) -> str:
    return "".join(f"{ord(letter):x}" for letter in name)


def _within_reach(scope: Scope) -> list[str]:
    """The stems one of which a case must bear for this scope to show it."""
    found = [_reaches(level, "", "")[0] for level in scope.everywhere]
    found += [_reaches(level, name, "")[1] for level in scope.within for name in scope.departments]
    found += [_reaches(level, "", name)[2] for level in scope.on_site for name in scope.sites]
    return found


# --- what a page asks --------------------------------------------------------------------------------------------


class Found(msgspec.Struct, frozen=True):
    """The cases found, newest first; `more` when there were more than were read."""

    cases: tuple[str, ...]
    more: bool


NONE = Found((), False)
_fts = table("search_fts", column("rowid"))


def find(connection: Connection, asked: str, scope: Scope, *, beginning: bool = False, limit: int = MATCHES) -> Found:
    """The newest cases within the scope that speak of all these words; with `beginning` the last word may go on."""
    wanted = stems(asked).split()[:MOST_WORDS]
    reach = _within_reach(scope)
    if not wanted or not reach:
        return NONE
    chosen = select(search.c.case_id).where(within(search, scope)).limit(limit + 1)
    if connection.dialect.name == "sqlite":
        query = _fts_query(wanted, reach, beginning)
        chosen = chosen.join_from(_fts, search, search.c.id == _fts.c.rowid)
        chosen = chosen.where(text("search_fts MATCH :query")).order_by(_fts.c.rowid.desc())
    else:
        query = _ts_query(wanted, reach, beginning)
        chosen = chosen.where(text("vector @@ CAST(:query AS tsquery)")).order_by(search.c.id.desc())
    cases = list(connection.execute(chosen, {"query": query}).scalars())
    return Found(tuple(cases[:limit]), len(cases) > limit)


def said() -> Subquery:
    """What has been said in each case, to be joined to rows that bear its id: `words`, and `parts` as they stand."""
    return select(search.c.case_id, search.c.words, type_coerce(search.c.parts, Text).label("parts")).subquery("said")


def stems_in(words: str, parts: str, wanted: Collection[str]) -> list[str]:
    """Of the `said` of a case the stems of these texts."""
    pairs = zip(msgspec.json.decode(parts, type=list[tuple[str, str]]), words.split(BREAK), strict=True)
    return [stem for (part, _), line in pairs if part in wanted for stem in line.split()]


def _fts_query(wanted: list[str], reach: list[str], beginning: bool) -> str:
    quoted = [f'"{word}"' for word in wanted]
    if beginning:
        quoted[-1] += "*"
    return " AND ".join([*quoted, "(" + " OR ".join(f'"{word}"' for word in reach) + ")"])


def _ts_query(wanted: list[str], reach: list[str], beginning: bool) -> str:
    quoted = [f"'{word}'" for word in wanted]
    if beginning:
        quoted[-1] += ":*"
    return " & ".join([*quoted, "(" + " | ".join(f"'{word}'" for word in reach) + ")"])
