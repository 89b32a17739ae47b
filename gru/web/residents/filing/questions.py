"""How is a question of the catalogue shown, and what is wrong with its answer?"""

import re
from collections.abc import Sequence
from datetime import date

from gru.domain.town import Field as Question
from gru.domain.town import RequestType, Town
from gru.web.dates import long_date
from gru.web.forms import FIRST, LAST, Field
from gru.web.i18n import t
from gru.web.residents.filing.draft import Draft
from gru.web.residents.filing.steps import is_required, slug_of

MAX_TEXT, MAX_LINE = 4_000, 200

_MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
           "decembre")  # fmt: skip
_DAY = re.compile(r"^(\d{1,2})(?:er)?[\s/.-]+([a-z]+|\d{1,2})[\s/.-]+(\d{4})$")
_NUMBER = re.compile(r"^\d{1,9}(?:[.,]\d{1,2})?$")
_HINTS = {"description": "depot.description_aide", "datetime": "depot.date_aide"}
_LABELS = {"description": "depot.description", "danger": "depot.danger"}
_DANGER = {"oui": "depot.danger_oui", "non": "depot.danger_non", "nsp": "depot.danger_nsp"}


def label_of(question: Question) -> str:
    return t(_LABELS[question.code]) if question.code in _LABELS else question.label


def shown(kind: RequestType, question: Question, values: Sequence[str], error: str = "") -> Field:
    """The question as one control."""
    controls = {"text": "textarea", "singlevaluelist": "radios", "multivaluelist": "checkboxes", "number": "number"}
    hint = _HINTS.get(question.code) or _HINTS.get(question.datatype)
    return Field(
        slug_of(question),
        label_of(question),
        controls.get(question.datatype, "text"),
        value="\n".join(values),
        hint=t(hint) if hint else "",
        error=error,
        optional=not is_required(kind, question),
        choices=tuple((choice.key, _choice(question, choice.key, choice.name)) for choice in question.values),
        short=question.datatype in ("number", "datetime"),
    )


def _choice(question: Question, key: str, name: str) -> str:
    return t(_DANGER[key]) if question.code == "danger" and key in _DANGER else name


def read(kind: RequestType, question: Question, sent: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The values as typed, and the sentence that says what is wrong with them."""
    values = tuple(value.replace("\r\n", "\n").strip() for value in sent)
    values = tuple(value for value in values if value)
    if not values:
        return (), _missing(question) if is_required(kind, question) else ""
    return values, _wrong(question, values)


def _missing(question: Question) -> str:
    if question.code == "description":
        return t("erreur.description")
    if question.values:
        return t("erreur.choisir")
    return t("erreur.date") if question.datatype == "datetime" else t("erreur.requis", champ=question.label)


def _wrong(question: Question, values: tuple[str, ...]) -> str:
    if question.values:
        known = {choice.key for choice in question.values}
        several = question.datatype == "multivaluelist"
        return "" if set(values) <= known and (several or len(values) == 1) else t("erreur.choisir")
    if question.datatype == "number" and not _NUMBER.match(values[0].replace(" ", "").replace("\u202f", "")):
        return t("erreur.nombre", champ=question.label)
    if question.datatype == "datetime" and day(values[0]) is None:
        return t("erreur.date")
    most = question.max_length or (MAX_TEXT if question.datatype == "text" else MAX_LINE)
    return t("erreur.longueur", n=len(values[0]), max=most) if len(values[0]) > most else ""


def day(written: str) -> date | None:
    """« 12 mars 2026 », « 12/03/2026 », « 2026-03-12 »."""
    plain = written.strip().lower().replace("é", "e").replace("û", "u")
    match = _DAY.match(plain)
    try:
        if match is None:
            found = date.fromisoformat(plain)
        else:
            month = int(match[2]) if match[2].isdigit() else _MONTHS.index(match[2]) + 1
            found = date(int(match[3]), month, int(match[1]))
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def order_error(town: Town, kind: RequestType, draft: Draft, question: Question, values: tuple[str, ...]) -> str:
    """An end that lies before its beginning."""
    if question.code != "date_fin" or "date_debut" not in kind.fields:
        return ""
    begun = day((draft.answers.get("date_debut") or ("",))[0])
    ended = day(values[0]) if values else None
    return t("erreur.date_futur", date=long_date(begun)) if begun and ended and ended < begun else ""


def words_of(question: Question, values: Sequence[str]) -> str:
    """The answer as a reader understands it."""
    names = {choice.key: choice.name for choice in question.values}
    if question.datatype == "datetime" and values and (found := day(values[0])):
        return long_date(found)
    return ", ".join(names.get(value, value) for value in values)
