"""Whose mail does this one hand on, and in which words?

An agent who forwards a resident's mail is not the one who asks. What is found here is only proposed: anybody can write
« De : » above any words.
"""

import re
from collections.abc import Callable

from gru.channels.base import Forwarded
from gru.channels.email import quotes
from gru.channels.email.addresses import addresses
from gru.channels.email.mail import Mail
from gru.channels.email.mime import read

ENCLOSED = "message/rfc822"
_LONGEST_ENCLOSED = 5_000_000
_MAILTO = re.compile(r"\[?mailto:([^\]\s>]+)\]?", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\[\]\s@]+@[^\[\]\s]+)\]")


def nobody(address: str) -> bool:
    return False


def forwarded(mail: Mail, is_ours: Callable[[str], bool] = nobody) -> Forwarded | None:
    """The mail enclosed as a file, else the one repeated below a header block; `None` without either. Below a subject
    that does not say so, what the town wrote itself (`is_ours`) is history."""
    if mail.is_bounce:
        return None
    return _enclosed(mail) or _repeated(mail) or _below_another_subject(mail, is_ours)


def _enclosed(mail: Mail) -> Forwarded | None:
    for file in mail.attachments:
        if file.content_type == ENCLOSED and len(file.content) <= _LONGEST_ENCLOSED:
            inner = read(file.content)
            if inner.from_email or inner.from_name:
                return Forwarded(inner.from_name, inner.from_email, inner.subject, inner.text, mail.text)
    return None


def _repeated(mail: Mail) -> Forwarded | None:
    lines = mail.text.split("\n")
    begins = quotes.handed_on(lines, mail.subject)
    return None if begins is None else _from(lines, begins)


def _below_another_subject(mail: Mail, is_ours: Callable[[str], bool]) -> Forwarded | None:
    lines = f"{mail.text}\n{mail.quoted}".split("\n")
    begins = quotes.repeated(lines, mail.subject)
    found = None if begins is None else _from(lines, begins)
    return None if found is None or is_ours(found.address) else found


def _from(lines: list[str], begins: int) -> Forwarded | None:
    """What the header block that begins there says, and the words above and below it."""
    said, below = quotes.header_block(lines, begins)
    sender = _MAILTO.sub(r"<\1>", said.get("from", ""))
    name, address = next(iter(addresses(_BRACKETS.sub(r"<\1>", sender))), ("", ""))
    if not (name or address):
        return None
    words = _unmarked(lines[below:])
    return Forwarded(name, address, said.get("subject", ""), words, _above(lines[:begins]))


def _unmarked(lines: list[str]) -> str:
    """Without the « > » before each line, when all have it."""
    if all(line.startswith(">") for line in lines if line.strip()):
        lines = [line[1:].removeprefix(" ") for line in lines]
    return "\n".join(lines).strip()


def _above(lines: list[str]) -> str:
    """The words of who forwards, without the line that only says so."""
    while lines and quotes.is_rule(lines[-1]):
        lines = lines[:-1]
    return "\n".join(lines).strip()
