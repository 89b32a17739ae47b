"""What of a case can still be read, and may so be made unreadable, by whom?"""

from collections.abc import Iterator

from gru.domain import events as e
from gru.web.agents.names import Names, files_of
from gru.web.agents.sheet import Sheet
from gru.web.i18n import t
from gru.web.pages import Link

_TITLES = {"title": "masquer.objet", "text": "masquer.texte", "place": "masquer.lieu", "explanation": "masquer.texte"}


def masks(sheet: Sheet) -> dict[int, tuple[Link, ...]]:
    """By number of the fact: what of it may be masked, by who may."""
    if not sheet.may("erase"):
        return {}
    found: dict[int, list[Link]] = {}
    for number, id, label, _ in parts(sheet):
        found.setdefault(number, []).append(Link(f"{sheet.base}/masquer/{id}", label, "lock"))
    return {number: tuple(links) for number, links in found.items()}


def parts(sheet: Sheet) -> Iterator[tuple[int, str, str, e.Event]]:
    """Everything that can still be read: the fact's number, the part's id, the words of its link, the fact."""
    for recorded in sheet.history:
        for id, label in _parts_of(recorded.event, sheet.names):
            yield recorded.version, id, label, recorded.event


def _parts_of(event: e.Event, names: Names) -> Iterator[tuple[str, str]]:
    for field, key in _TITLES.items():
        ref = getattr(event, field, None)
        if isinstance(ref, e.TextRef) and names.text(ref):
            yield ref.id, t(key)
    for file in files_of(event):
        if known := names.files.get(file.id):
            yield file.id, t("masquer.piece", nom=known.name)
