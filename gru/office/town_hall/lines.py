"""On which line of the catalogue does each value stand, and what is wrong with it?

Every value is asked for once, by its key and its kind; a fault is noted with its line and a stand-in returned, so that
one reading finds every fault. What was never asked for is an unknown key.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import chain
from typing import TypeVar, cast

import msgspec
import yaml

from gru.domain.clocks import Amount, parse_amount
from gru.domain.errors import BadInput

C = TypeVar("C", bound=str)

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one, where the library was built with it."""

NO_TIME = Amount(1, "jo")
"""Stands in for a length of time that could not be read."""


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, on which line. `code` keys the French sentence of the message catalogue, `values` fill it."""

    line: int
    code: str
    sentence: str
    values: dict[str, str] = {}


class WrongCatalogue(BadInput):
    """The catalogue is refused whole; `faults` in the order of their lines."""

    code = "wrong_catalogue"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.code)))
        listed = "\n".join(f"line {fault.line}: {fault.sentence}" for fault in self.faults)
        super().__init__(f"The catalogue has {len(self.faults)} fault(s).\n{listed}", count=len(self.faults))


class Faults:
    """What was found wrong so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, line: int, code: str, sentence: str, **values: str) -> None:
        self.found.append(Fault(line, code, sentence.format(**values), values))


class Entry:
    """One mapping of the catalogue."""

    def __init__(self, node: yaml.Node, faults: Faults, line: int = 0) -> None:
        self.faults = faults
        self.line = line or _line(node)
        self._values: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._asked: set[str] = set()
        if not isinstance(node, yaml.MappingNode):
            faults.add(self.line, "not_a_mapping", "Keys with values are expected here.")
            return
        for key, value in node.value:
            name = str(key.value)
            if name in self._values:
                faults.add(_line(key), "twice", "“{key}” is said twice.", key=name)
            self._values[name] = value
            self._lines[name] = _line(key)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def line_of(self, key: str) -> int:
        return self._lines.get(key, self.line)

    def fault(self, key: str, code: str, sentence: str, **values: str) -> None:
        """Note what is wrong with the value of a key."""
        self.faults.add(self.line_of(key), code, sentence, key=key, **values)

    def finish(self) -> None:
        """Nothing more will be asked: every other key is unknown."""
        for key in self._values.keys() - self._asked:
            self.fault(key, "unknown_key", "“{key}” is no key that belongs here.")

    # --- values -----------------------------------------------------------------------------------------------------

    def text(self, key: str, default: str | None = None) -> str:
        """The words under a key, never empty unless `default` is; without a default they must be there."""
        node = self._node(key, required=default is None)
        if node is None:
            return default or ""
        words = _scalar(node)
        if not words.strip():
            self.fault(key, "missing", "“{key}” is missing or empty.")
        return words.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words; the line of each is that of its own."""
        return tuple(words for _, words in self.lined(key))

    def lined(self, key: str) -> list[tuple[int, str]]:
        """A list of words, each with its line."""
        return [(_line(node), _scalar(node).strip()) for node in self._items(key)]

    def number(self, key: str, default: int | None = None) -> int:
        words = self.text(key, None if default is None else str(default))
        if words.isascii() and words.isdigit():
            return int(words)
        if words:
            self.fault(key, "not_a_number", "“{key}” is not a whole number: “{value}”.", value=words)
        return 0

    def flag(self, key: str, default: bool = False) -> bool:
        words = self.text(key, str(default).lower())
        if words not in ("true", "false"):
            self.fault(key, "not_a_flag", "“{key}” is neither true nor false: “{value}”.", value=words)
        return words == "true"

    def day(self, key: str) -> date:
        words = self.text(key)
        try:
            return date.fromisoformat(words)
        except ValueError:
            if words:
                self.fault(key, "not_a_day", "“{value}” is not a day such as 2027-05-07.", value=words)
            return date.min

    def amount(self, key: str, *, required: bool = False) -> Amount | None:
        """A length of time such as « 5 jo », « 2 h » or « P2M »."""
        words = self.text(key, None if required else "")
        if not words:
            return NO_TIME if required else None
        try:
            return parse_amount(words)
        except (ValueError, msgspec.ValidationError):
            self.fault(key, "bad_amount", "“{value}” is no length of time such as “5 jo”, “2 h” or “P2M”.", value=words)
            return NO_TIME

    def one_of(self, key: str, allowed: Collection[C], default: C | None = None) -> C:
        """One code of a closed set."""
        words = self.text(key, default)
        if words and words not in allowed:
            known = ", ".join(sorted(allowed))
            self.fault(key, "unknown_value", "“{value}” is no {key}; known are: {known}.", value=words, known=known)
        return cast(C, words)

    def some_of(self, key: str, allowed: Collection[C], default: tuple[C, ...] = ()) -> tuple[C, ...]:
        """Some codes of a closed set."""
        if key not in self:
            self._asked.add(key)
            return default
        for line, words in self.lined(key):
            if words not in allowed:
                known = ", ".join(sorted(allowed))
                sentence = "“{value}” is none of the {key}; known are: {known}."
                self.faults.add(line, "unknown_value", sentence, key=key, value=words, known=known)
        return cast(tuple[C, ...], self.texts(key))

    def known(self, key: str, what: Mapping[str, object], *, optional: bool = False) -> str:
        """The code of a department, a calendar… that stands elsewhere in the catalogue."""
        words = self.text(key, "" if optional else None)
        if words and words not in what:
            self.fault(key, "unknown_reference", "There is no {key} “{value}” in the catalogue.", value=words)
        return words

    def all_known(self, key: str, what: Mapping[str, object]) -> tuple[str, ...]:
        """Codes that stand elsewhere in the catalogue."""
        for line, words in self.lined(key):
            if words not in what:
                sentence = "There is nothing called “{value}” among the {key} of the catalogue."
                self.faults.add(line, "unknown_reference", sentence, key=key, value=words)
        return self.texts(key)

    # --- what lies within -------------------------------------------------------------------------------------------

    def entry(self, key: str) -> "Entry":
        """The mapping under a key, which must be there."""
        node = self._node(key, required=True)
        line = self.line_of(key)
        if node is not None:
            return Entry(node, self.faults, line)
        said_once = Faults()
        return Entry(yaml.MappingNode("", []), said_once, line)

    def entries(self, key: str, *, required: bool = False) -> "list[Entry]":
        """The mappings listed under a key."""
        return [Entry(node, self.faults) for node in self._items(key, required=required)]

    def named(self) -> list[str]:
        """The keys, where the catalogue may choose them."""
        return list(self._values)

    def _items(self, key: str, *, required: bool = False) -> list[yaml.Node]:
        node = self._node(key, required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, "not_a_list", "“{key}” is not a list.")
            return []
        return list(node.value)

    def _node(self, key: str, required: bool) -> yaml.Node | None:
        self._asked.add(key)
        if required and key not in self._values:
            self.fault(key, "missing", "“{key}” is missing or empty.")
        return self._values.get(key)


def read_yaml(text: str, faults: Faults) -> Entry | None:
    """The whole catalogue; `None` when it cannot be read at all. Aliases are refused: a few make gigabytes."""
    try:
        node = yaml.compose(text, LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(line, "not_yaml", "This is not YAML: {problem}.", problem=error.problem or "unreadable")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        faults.add(1, "not_yaml", "This is not YAML: {problem}.", problem=str(error))
        return None
    if node is None:
        faults.add(1, "empty", "The catalogue is empty.")
        return None
    if line := _line_said_twice(node, set()):
        faults.add(line, "alias", "A catalogue repeats itself in words, not by an alias (*).")
        return None
    return Entry(node, faults)


def _line_said_twice(node: yaml.Node, seen: set[int]) -> int:
    """The line of a node that stands in two places, which is what an alias makes; 0 when there is none."""
    if id(node) in seen:
        return _line(node)
    seen.add(id(node))
    within: Iterable[yaml.Node] = ()
    if isinstance(node, yaml.MappingNode):
        within = chain.from_iterable(node.value)
    elif isinstance(node, yaml.SequenceNode):
        within = node.value
    return next(filter(None, (_line_said_twice(each, seen) for each in within)), 0)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _scalar(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":null") else ""
