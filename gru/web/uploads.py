"""Which files may come in, and what are they really? Judged by their first bytes, never by their name."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from gru.web.i18n import t

MOST = 5
MOST_BYTES = 15_000_000

_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    media_type: str
    content: bytes


def sniffed(content: bytes) -> str:
    """The safe type these bytes show, `""` when it is none of those accepted."""
    for at, sign, media_type in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return media_type
    return ""


def take(files: Sequence[FileStorage]) -> tuple[tuple[Upload, ...], str]:
    """The files, or the sentence that says what is wrong with them."""
    given = [file for file in files if file.filename]
    if len(given) > MOST:
        return (), t("erreur.fichier_nombre")
    taken = []
    for file in given:
        content = file.stream.read(MOST_BYTES + 1)
        name = _plain_name(file.filename or "")
        if error := _wrong(name, content):
            return (), error
        taken.append(Upload(name, sniffed(content), content))
    return tuple(taken), ""


def _wrong(name: str, content: bytes) -> str:
    if not content:
        return t("erreur.fichier_vide", nom=name)
    if len(content) > MOST_BYTES:
        return t("erreur.fichier_taille", nom=name, taille="plus de 15")
    return "" if sniffed(content) else t("erreur.fichier_type", nom=name)


def _plain_name(claimed: str) -> str:
    """The last part of what the browser said, without anything a header or a page could stumble over."""
    last = claimed.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable() and c not in '"<>')[:120] or "fichier"
