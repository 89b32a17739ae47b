"""What do the templates get to see? Finished words and addresses: a page is a value, so it can be shown without a town.

Each page has its own dataclass beside its view; here stand the pieces several pages share.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    label: str
    icon: str = ""
    count: str = ""
    current: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class LinkGroup:
    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What no longer works, a sentence each, and where it is looked after."""

    sentences: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page of the agents."""

    town: str
    home: str
    search: str
    logout: str
    agent: str
    initials: str
    department: str
    groups: tuple[LinkGroup, ...] = ()
    query: str = ""
    fresh: str = ""
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A name and its value, as in a definition list; `src` says where the value comes from."""

    label: str
    value: str
    href: str = ""
    src: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class FileLink:
    href: str
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is read and as it is dialled."""

    shown: str
    dial: str


@dataclass(frozen=True, slots=True)
class PlainPage:
    """One thing said, and perhaps one way on: an error, a refusal. `typed` is what would be lost with it."""

    title: str
    text: str
    href: str = ""
    action: str = ""
    typed: str = ""


def initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))


def file_size(size: int) -> str:
    """« 84 Ko », « 1,2 Mo »."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u202fKo"
    return f"{size / 1_000_000:.1f}\u202fMo".replace(".", ",")


def phone(number: str) -> Phone | None:
    """A French number in pairs; anything else is left as it was written."""
    digits = "".join(c for c in number if c.isdigit())
    if not digits:
        return None
    if number.startswith("+33") and len(digits) == 11:
        digits = "0" + digits[2:]
    if len(digits) == 10 and digits.startswith("0"):
        pairs = "\u202f".join(digits[i : i + 2] for i in range(0, 10, 2))
        return Phone(pairs, "+33" + digits[1:])
    return Phone(number, "".join(c for c in number if c.isdigit() or c == "+"))
