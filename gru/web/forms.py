"""What did the user send, and what is wrong with it, in his words?

A marshmallow schema reads each form at the door; behind it are plain values. What is shown again is a `Field`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from gru.web.i18n import t

Choices = tuple[tuple[str, str], ...]
MAX_TEXT = 20_000
FIRST, LAST = date(1970, 1, 1), date(2200, 12, 31)
"""No case speaks of a day outside of these; calendars end somewhere."""
ID = validate.Regexp(r"^[0-9a-f]{32}$", error=t("erreur.page"))
KEY = "cle"
"""The field under which a form happens once; its page made it up, so that nobody can mistype it."""


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form as it is shown; `kind` is an input type, or textarea, select, radios, checkbox, file."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    autocomplete: str = ""
    short: bool = False
    choices: Choices = ()


@dataclass(frozen=True, slots=True)
class FormView:
    action: str
    button: str
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    title: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    """Other buttons: where each sends the form, and its words."""


class Form(Schema):
    """Base of every form: unknown fields are left out, surrounding space is cut, `""` means not given."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """A field without a sentence of its own has one all the same; marshmallow's are not French."""
        plain = {said for kind in type(field_obj).__mro__ for said in _defaults(kind)}
        field_obj.error_messages = {
            fault: t("erreur.page") if said in plain else said for fault, said in field_obj.error_messages.items()
        }

    @pre_load
    def _tidy(self, data: Mapping[str, Any], **_: object) -> dict[str, Any]:
        tidy = {name: _cut(value) for name, value in data.items()}
        return {name: value for name, value in tidy.items() if value != "" or name not in self.fields}


def _defaults(kind: type) -> Iterable[str]:
    found: Mapping[str, str] = getattr(kind, "default_error_messages", {})
    return found.values()


def _cut(value: Any) -> Any:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


class Acting(Form):
    """What every form of a case carries: the last fact its reader saw, and the key under which it happens once."""

    version = fields.Integer(load_default=None, strict=False)
    cle = fields.String(required=True, validate=ID)


def required(key: str = "erreur.requis", **values: object) -> dict[str, Any]:
    """The sentence said when a field is missing or not among its choices."""
    said = t(key, **values)
    return {"required": said, "null": said, "invalid": said, "validator_failed": said}


def text_field(key: str, **values: object) -> fields.String:
    """A text that must be given and is not endless."""
    return fields.String(required=True, error_messages=required(key, **values), validate=_not_endless)


def at_most(letters: int) -> validate.Length:
    """For what stands on one line."""
    return validate.Length(max=letters, error=t("erreur.longueur_max", max=letters))


def optional_text() -> fields.String:
    return fields.String(load_default="", validate=_not_endless)


def choice(allowed: Mapping[str, Any] | None = None, *, optional: bool = False) -> fields.String:
    """One of the codes; `allowed` may be checked later where the choices depend on the town."""
    said = t("erreur.choisir")
    test = [validate.OneOf(list(allowed), error=said)] if allowed is not None else []
    if optional:
        return fields.String(load_default="", validate=test)
    return fields.String(required=True, error_messages=required("erreur.choisir"), validate=test)


def _not_endless(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ValidationError(t("erreur.longueur", n=len(text), max=MAX_TEXT))


class LocalDay(fields.Date):
    """A day as the browser's date field sends it."""

    def __init__(self, **more: Any) -> None:
        said = t("erreur.date")
        super().__init__(
            error_messages={"invalid": said, "required": said, "null": said},
            validate=validate.Range(FIRST, LAST, error=said),
            **more,
        )


def read(schema: Form, sent: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """The values, or what is wrong with them; one sentence for each field. 400 for a key that is none of ours."""
    try:
        values: dict[str, Any] = schema.load(dict(sent))
        return values, ()
    except ValidationError as error:
        found: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's has no types
        if KEY in found:
            abort(400)
        return {}, tuple(FieldError(name, _first(said)) for name, said in found.items())


def _first(said: Any) -> str:
    while isinstance(said, Mapping):
        said = next(iter(said.values()))
    return str(said[0]) if isinstance(said, list) else str(said)


def refilled(shown: tuple[Field, ...], sent: Mapping[str, str], errors: tuple[FieldError, ...]) -> tuple[Field, ...]:
    """The same fields with what was typed, and the error beside each."""
    wrong = {error.field: error.text for error in errors}
    return tuple(
        replace(field, value=sent.get(field.name, field.value), error=wrong.get(field.name, "")) for field in shown
    )


def whole_number(written: str) -> int | None:
    """A number as it stands in an address: at most nine digits; `None` when it is not one."""
    return int(written) if len(written) <= 9 and written.isascii() and written.isdecimal() else None


def local_instant(written: str, zone: ZoneInfo) -> datetime | None:
    """An instant as typed in a date-time field (town time) or as an ISO 8601 address; `None` when neither."""
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return None
    if not FIRST.year <= instant.year <= LAST.year:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
