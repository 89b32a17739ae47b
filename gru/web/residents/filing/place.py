"""Where is it? Found in the town's own address file, kept as written when the file does not know it."""

from dataclasses import dataclass

from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from gru.domain.town import RequestType, Spot, Town
from gru.domain.town.streets import coordinates, elsewhere, find, nearest
from gru.office.filing import Nearby
from gru.web import current
from gru.web.forms import Field, FieldError
from gru.web.i18n import t
from gru.web.labels import status
from gru.web.residents.filing import plan, steps
from gru.web.residents.filing.draft import Draft

LONGEST = 200
AS_WRITTEN, OTHER, NOT_THE_SAME = "tel-quel", "autre", "non"


@dataclass(frozen=True, slots=True)
class Asked:
    """The page of the place after what was typed: the new draft when it is answered, else what to ask again."""

    draft: Draft | None = None
    fields: tuple[Field, ...] = ()
    errors: tuple[FieldError, ...] = ()
    at: Spot | None = None


def first(kind: RequestType, draft: Draft) -> Asked:
    return Asked(fields=(_typed(kind, draft.place),), at=draft.spot)


def _typed(kind: RequestType, value: str, error: str = "") -> Field:
    return Field("lieu", t("depot.lieu"), value=value, hint=t("depot.lieu_aide"), error=error,
                 optional=kind.location != "required", autocomplete="off")  # fmt: skip


def answered(town: Town, kind: RequestType, draft: Draft, sent: MultiDict[str, str]) -> Asked:
    """A typed place, one of those that were offered, or a point of the plan."""
    words = " ".join(sent.get("lieu", "").split())[:LONGEST]
    if point := _pointed(town, draft, sent):
        return _kept(draft, point.label, point, positioned=True, stay=True)
    if not words:
        return _without(kind, draft)
    if town_named := elsewhere(words, town.address):
        return _wrong(kind, words, t("erreur.hors_commune", commune=town_named))
    if not town.streets or (sent.get("choix") == AS_WRITTEN and sent.get("pour") == words):
        return _kept(draft, words, None)
    found = find(town.streets, words)
    chosen = next((spot for spot in found.spots if spot.label == sent.get("choix")), None)
    if chosen is not None and sent.get("pour") == words:
        return _kept(draft, chosen.label, chosen)
    if found.sure:
        return _kept(draft, found.spots[0].label, found.spots[0], positioned=coordinates(words) is not None)
    return _offered(town, kind, words, found.spots)


def _without(kind: RequestType, draft: Draft) -> Asked:
    if kind.location == "required":
        return _wrong(kind, "", t("erreur.lieu"))
    return _kept(draft, "", None)


def _kept(draft: Draft, place: str, spot: Spot | None, *, positioned: bool = False, stay: bool = False) -> Asked:
    """Another place may have other reports nearby: that page is asked again."""
    if (place, spot) == (draft.place, draft.spot):
        return Asked(draft.after(steps.PLACE, positioned=positioned), at=spot if stay else None)
    changed = replace(draft, done=tuple(step for step in draft.done if step != steps.NEARBY), same_as="")
    kept = changed.after(steps.PLACE, place=place, spot=spot, positioned=positioned)
    return Asked(kept, at=spot if stay else None)


def _wrong(kind: RequestType, words: str, sentence: str) -> Asked:
    return Asked(fields=(_typed(kind, words, sentence),), errors=(FieldError("lieu", sentence),))


def _offered(town: Town, kind: RequestType, words: str, spots: tuple[Spot, ...]) -> Asked:
    """What it may be; never a dead end: a park or a path may stand in no file."""
    sentence = t("depot.lieu_plusieurs") if spots else t("erreur.lieu_inconnu", q=words, ville=town.name)
    choices = (*((spot.label, spot.label) for spot in spots), (AS_WRITTEN, t("depot.lieu_tel_quel", q=words)))
    choice = Field("choix", t("depot.lieu_choix"), "radios", choices=choices)
    fields = (_typed(kind, words, sentence), choice, Field("pour", "", "hidden", words))
    return Asked(fields=fields, errors=(FieldError("choix", sentence),))


def _pointed(town: Town, draft: Draft, sent: MultiDict[str, str]) -> Spot | None:
    """Where on the plan he pointed: the browser sends the pixel with the form, without a script."""
    x, y = sent.get("plan.x", ""), sent.get("plan.y", "")
    if (x, y) == ("0", "0"):  # as a keyboard presses it
        return None
    if draft.spot is None or not (x.isdecimal() and y.isdecimal() and len(x + y) < 9):
        return None
    return nearest(town.streets, *plan.point(draft.spot, int(x), int(y)))


# --- reports nearby ----------------------------------------------------------------------------------------------


def nearby(town: Town, kind: RequestType, draft: Draft) -> tuple[Nearby, ...]:
    return current.office().filing.nearby(town, kind, draft.spot) if draft.spot else ()


def same_question(found: tuple[Nearby, ...], draft: Draft, error: str = "") -> Field:
    """What was reported here: where, when, how it stands; never by whom or in which words."""
    choices = tuple((one.number, _said(one)) for one in found)
    return Field("meme", t("depot.proche_question"), "radios", value=draft.same_as, error=error,
                 choices=(*choices, (NOT_THE_SAME, t("depot.proche_non"))))  # fmt: skip


def _said(one: Nearby) -> str:
    day = current.french().short_day(one.received_at)
    metres = max(10, round(one.metres, -1))
    return t("depot.proche_un", rue=one.street, metres=metres, date=day, etat=status(one.status).text.lower())
