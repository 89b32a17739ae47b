"""Which files came with the mail, and under which names may they be stored?"""

import mimetypes
import re

from gru.channels.email import tnef
from gru.channels.email.headers import message_ids, parameters
from gru.channels.email.mail import Attachment
from gru.channels.email.parts import Part, uudecoded

_LONGEST_NAME = 200  # bytes: file systems stop at 255
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SEPARATOR = re.compile(r"[/\\]")
_SPACE = re.compile(r"\s+")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}$")
_UU_BLOCK = re.compile(
    r"^begin[ \t]+[0-7]{3,4}[ \t]+([^\n]{1,255})\n((?:[ -`][^\n]{0,90}\n)*?)end[ \t]*$\n?", re.MULTILINE
)
_EXTENSIONS = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html",
               "image/jpeg": ".jpg", "text/rfc822-headers": ".txt"}  # fmt: skip


def safe_name(name: str, content_type: str = "") -> str:
    """The name without folders or control characters; one made from the type where none was given."""
    last = _SEPARATOR.split(_UNSAFE.sub("", name.strip()).rstrip("/\\"))[-1]
    clean = _SPACE.sub(" ", last).strip()
    if not clean.strip(". "):
        return "piece-jointe" + extension(content_type)
    return _shortened(clean)


def extension(content_type: str) -> str:
    return _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ""


def _shortened(name: str) -> str:
    if len(name.encode("utf-8")) <= _LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if dot and len(ending) <= 10 else ""
    room = _LONGEST_NAME - len(ending.encode("utf-8"))
    return (stem if ending else name).encode("utf-8")[:room].decode("utf-8", "ignore") + ending


def named(part: Part) -> str:
    """The file name as the sender wrote it, "" without one."""
    return part.disposition_parameters.get("filename") or part.parameters.get("name") or ""


def from_part(part: Part) -> list[Attachment]:
    """The part as a file, and what winmail.dat holds beside it."""
    content = part.content()
    kind = part.content_type if _TYPE.match(part.content_type) else "application/octet-stream"
    whole = Attachment(
        filename=safe_name(_name_of(part, content), kind),
        content_type=kind,
        content=content,
        inline=part.disposition != "attachment" and "content-id" in part.headers,
        content_id="".join(message_ids(part.headers.first("content-id"))[:1]),
    )
    if is_tnef(part):
        return [whole, *_unpacked(content)]
    return [whole]


def is_tnef(part: Part) -> bool:
    return part.content_type in ("application/ms-tnef", "application/vnd.ms-tnef") or (
        named(part).lower() == "winmail.dat"
    )


def _name_of(part: Part, content: bytes) -> str:
    """An enclosed mail without a file name goes by its subject."""
    given = named(part)
    if given or part.content_type != "message/rfc822":
        return given
    subject = re.search(rb"^subject:[ \t]*([^\r\n]{1,200})", content[:65536], re.IGNORECASE | re.MULTILINE)
    if subject is None:
        return "message.eml"
    _, found = parameters(f'x; name="{subject[1].decode("utf-8", "replace")}"')
    return _SEPARATOR.sub("-", found.get("name", "").replace('"', "")).strip() + ".eml"


def _unpacked(content: bytes) -> list[Attachment]:
    return [
        Attachment(
            filename=safe_name(file.name, file.content_type),
            content_type=_checked_type(file.content_type, file.name),
            content=file.content,
            inline=False,
            content_id="",
        )
        for file in tnef.unpack(content).files
    ]


def _checked_type(content_type: str, name: str) -> str:
    lowered = content_type.strip().lower()
    return lowered if _TYPE.match(lowered) else mimetypes.guess_type(name)[0] or "application/octet-stream"


def without_uuencoded(text: str) -> tuple[str, list[Attachment]]:
    """The text without the files that were written into it, and those files."""
    if "\nbegin " not in f"\n{text}":
        return text, []
    files = []
    for match in _UU_BLOCK.finditer(text):
        name, content = match[1].strip(), uudecoded(match[2].encode("latin-1", "replace"))
        files.append(Attachment(safe_name(name), _checked_type("", name), content, False, ""))
    return _UU_BLOCK.sub("", text), files


def without_repeats(attachments: list[Attachment]) -> tuple[Attachment, ...]:
    """The same file given twice (as two bodies of one message often do) is kept once."""
    return tuple(dict.fromkeys(attachments))
