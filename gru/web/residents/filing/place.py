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
AS_WRITTEN, NOT_THE_SAME = "tel-quel", "non"
HERE = "position"
"""The button a script offers: his own position, as his browser knows it."""

ROUGH = 500
"""Metres: a browser that knows no better where it is does not know the street."""


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
    """A typed place, one of those that were offered, a point of the plan, or where he stands."""
    words = " ".join(sent.get("lieu", "").split())[:LONGEST]
    if sent.get("action") == HERE:
        return _here(town, kind, draft, words, sent)
    if (point := _pointed(town, draft, sent)) is not None:
        return _nearest(town, kind, draft, words, point, t("erreur.plan_loin", ville=town.name))
    if words and words == draft.place and steps.PLACE in draft.done:
        return _kept(draft, draft.place, draft.spot, positioned=draft.positioned)
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


def _pointed(town: Town, draft: Draft, sent: MultiDict[str, str]) -> tuple[float, float] | None:
    """Where on which plan he pointed: the browser sends the pixel with the form, without a script."""
    views = {"ville": plan.whole(town.streets)} if town.streets else {}
    if draft.spot is not None:
        views["plan"] = plan.around(draft.spot)
    for name, view in views.items():
        x, y = sent.get(f"{name}.x", ""), sent.get(f"{name}.y", "")
        by_keyboard = (x, y) == ("0", "0")
        if x.isdecimal() and y.isdecimal() and len(x + y) < 9 and not by_keyboard:
            return view.point(int(x), int(y))
    return None


def _here(town: Town, kind: RequestType, draft: Draft, words: str, sent: MultiDict[str, str]) -> Asked:
    """His own position, as sure as his browser says it is."""
    point, metres = coordinates(sent.get("position", "")), sent.get("precision", "")
    if point is None or not (metres.isdecimal() and len(metres) < 9):
        return _wrong(kind, words, t("erreur.position"))
    if int(metres) > ROUGH:
        return _wrong(kind, words, t("erreur.position_vague", n=int(metres)))
    return _nearest(town, kind, draft, words, point, t("erreur.position_loin", ville=town.name))


def _nearest(
    town: Town, kind: RequestType, draft: Draft, words: str, point: tuple[float, float], too_far: str
) -> Asked:
    """The nearest address is proposed on the same page, where he may put it right."""
    spot = nearest(town.streets, *point)
    if spot is None:
        return _wrong(kind, words, too_far)
    return _kept(draft, spot.label, spot, positioned=True, stay=True)


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
