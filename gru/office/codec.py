"""How are the values of a row written down for its database, many rows at a time, and read back?"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Boolean, Date, Table

from projections.base import Instant, Json, Row, iso


class Codec:
    """How the values of a table's rows are written down for its database, and read back."""

    def __init__(self, table: Table, sqlite: bool) -> None:
        self._names = [column.name for column in table.columns]
        self._row = itemgetter(*self._names)
        types = [(number, type(column.type)) for number, column in enumerate(table.columns)]
        read = {
            number: column.type.read for number, column in enumerate(table.columns) if isinstance(column.type, Json)
        }
        self._plain = [(number, _PLAIN[kind]) for number, kind in types if kind in _PLAIN]
        self._nested_at = list(read)
        self._back = [*read.items(), *((number, _BACK[kind]) for number, kind in types if sqlite and kind in _BACK)]
        self._nested = [self._names[number] for number in read]

    def tuples(self, rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
        """As SQLite takes them."""
        for row in rows:
            values = list(self._row(row))
            for number, plain in self._plain:
                if values[number] is not None:
                    values[number] = plain(values[number])
            yield tuple(values)

    def as_json(self, rows: Sequence[Row]) -> str:
        """All of them as one text; what is JSON itself stays the text it is in the table."""
        nested = self._nested
        if nested:
            rows = [row | {name: _json_text(row[name]) for name in nested} for row in rows]
        text = _encode(rows)
        if NUL in text:
            text = _encode([{name: _storable(value) for name, value in row.items()} for row in rows])
        return text.decode()

    def lines(self, rows: Sequence[Row]) -> bytes:
        """As COPY takes them: a JSON array without its brackets is a line of CSV, if no sign in it is escaped."""
        values = self._arrays(rows)
        block = _lines(values)
        if _ESCAPED.search(block):
            return b"".join(_line(row) for row in self._arrays(rows))
        return block[1:-2].replace(b"]\n[", b"\n") + b"\n"

    def _arrays(self, rows: Sequence[Row]) -> Sequence[Sequence[Any]]:
        arrays = map(self._row, rows)
        if not self._nested_at:
            return list(arrays)
        found = []
        for values in map(list, arrays):
            for number in self._nested_at:
                values[number] = _json_text(values[number])
            found.append(values)
        return found

    def decoded(self, values: Sequence[Any]) -> list[Any]:
        """A row as it was read, with the values a fold works with."""
        row = list(values)
        for number, back in self._back:
            if row[number] is not None:
                row[number] = back(row[number])
        return row


def _json_text(value: Any) -> str | None:
    if value is None:
        return None
    return _encode(value).decode() if value else _EMPTY[type(value)]


def _storable(value: Any) -> Any:
    """PostgreSQL keeps every sign in a text but this one."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _line(values: Sequence[Any]) -> bytes:
    """A line of CSV in which anything may stand."""
    fields = (
        b'"' + _storable(value).replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'
        if isinstance(value, str)
        else _encode(value)
        for value in values
    )
    return b",".join(fields) + b"\n"


_EMPTY: dict[type, str] = {dict: "{}", list: "[]", tuple: "[]"}
_encode = msgspec.json.encode
_lines = msgspec.json.Encoder().encode_lines
NUL = b"\\u0000"
_ESCAPED = re.compile(rb"\\[nrtbfu]")
CSV = "FORMAT csv, NULL 'null', QUOTE '\"', ESCAPE '\\'"
LINES_A_BLOCK = 1000
_PLAIN: dict[type, Callable[[Any], Any]] = {Instant: iso, Json: _json_text, Date: date.isoformat}
_BACK: dict[type, Callable[[Any], Any]] = {
    Instant: datetime.fromisoformat,
    Date: date.fromisoformat,
    Boolean: bool,
}
