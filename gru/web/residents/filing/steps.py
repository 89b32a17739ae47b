"""Which pages does this form have after these answers, in which order, and which comes next?"""

from collections.abc import Mapping
from dataclasses import dataclass

from gru.domain.town import Document, Field, RequestType, Town
from gru.web import at_kiosk
from gru.web.residents.filing.draft import Draft

PLACE, NEARBY, PHOTO, DOCUMENTS, CONTACT, REVIEW = "lieu", "proches", "photo", "documents", "contact", "verifier"
_BY_PLACE = ("adresse_lieu", "coordonnees")
"""Questions the page of the place asks already."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form; `field` when it asks a question of the catalogue."""

    slug: str
    field: Field | None = None


def steps(town: Town, kind: RequestType, draft: Draft) -> tuple[Step, ...]:
    """Every page but the last, on which he reads it all again. Nobody has his photos with him at a kiosk."""
    found: list[Step] = []
    if kind.location != "none":
        found.append(Step(PLACE))
        if draft.near:
            found.append(Step(NEARBY))
    if not draft.same_as:
        found += [Step(slug_of(field), field) for field in questions(town, kind, draft)]
        if any(town.fields[code].datatype == "file" for code in kind.fields) and not at_kiosk.here():
            found.append(Step(PHOTO))
        if wanted(town, kind):
            found.append(Step(DOCUMENTS))
    return (*found, Step(CONTACT))


def questions(town: Town, kind: RequestType, draft: Draft) -> tuple[Field, ...]:
    """What the catalogue asks, without what another answer makes needless."""
    asked = (town.fields[code] for code in kind.fields if code not in _BY_PLACE)
    return tuple(field for field in asked if field.datatype not in ("file", "geo") and _is_asked(kind, field, draft))


def _is_asked(kind: RequestType, field: Field, draft: Draft) -> bool:
    """A condition counts only where the question it waits for is asked too."""
    if field.asked_if is None or field.asked_if.field not in kind.fields:
        return True
    answers: Mapping[str, tuple[str, ...]] = draft.answers
    return field.is_asked(answers)


def wanted(town: Town, kind: RequestType) -> tuple[Document, ...]:
    """The documents to send; those the town only looks at are shown at a counter."""
    return tuple(town.documents[code] for code in kind.documents if not town.documents[code].keep)


def slug_of(field: Field) -> str:
    return field.code.replace("_", "-")


def find(all_steps: tuple[Step, ...], slug: str) -> Step | None:
    return next((step for step in all_steps if step.slug == slug), None)


def next_open(all_steps: tuple[Step, ...], draft: Draft) -> str:
    """The first page that was not answered, or the last of all."""
    return next((step.slug for step in all_steps if step.slug not in draft.done), REVIEW)


def is_reached(all_steps: tuple[Step, ...], draft: Draft, slug: str) -> bool:
    """Nobody skips a page: it is answered already, or it is the next one."""
    return slug in draft.done or slug == next_open(all_steps, draft)


def before(all_steps: tuple[Step, ...], slug: str) -> str:
    """The page before this one, `""` before the first."""
    names = [step.slug for step in all_steps] + [REVIEW]
    at = names.index(slug) if slug in names else 0
    return names[at - 1] if at else ""


def is_required(kind: RequestType, field: Field) -> bool:
    return field.code in kind.required
