"""Who wrote the words an agent forwarded to the town? Proposed from the message, confirmed or mended by an agent."""

import re

from flask import request
from marshmallow import ValidationError, fields, validates_schema

from gru.channels.base import Forwarded
from gru.storage.people import tidy_phone
from gru.web.forms import Field, FieldError, Form, FormView, optional_text, refilled, text_field
from gru.web.i18n import t

_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\.[^\s@<>.]{1,60}")


def _is_address(written: str) -> None:
    if written and not _ADDRESS.fullmatch(written):
        raise ValidationError(t("erreur.email"))


def _is_number(written: str) -> None:
    if written and not 6 <= len(re.sub(r"\D", "", tidy_phone(written))) <= 15:
        raise ValidationError(t("erreur.tel"))


class HandedOnForm(Form):
    nom = text_field("messages.erreur_nom")
    courriel = fields.String(load_default="", validate=_is_address)
    telephone = fields.String(load_default="", validate=_is_number)
    dossier = optional_text()

    @validates_schema
    def _can_be_reached(self, data: dict[str, str], **_: object) -> None:
        if not data.get("courriel") and not data.get("telephone"):
            raise ValidationError(t("messages.erreur_contact"), "courriel")


def handed_on_form(base: str, inside: Forwarded, suggested: str, errors: tuple[FieldError, ...]) -> FormView:
    shown = (
        Field("nom", t("messages.usager_nom"), value=inside.name),
        Field("courriel", t("messages.usager_courriel"), "email", value=inside.address, optional=True,
              hint=t("messages.usager_courriel_aide")),
        Field("telephone", t("messages.usager_telephone"), "tel", optional=True),
        Field("dossier", t("messages.numero"), value=suggested, optional=True, short=True,
              hint=t("messages.usager_dossier_aide")),
    )  # fmt: skip
    return FormView(
        f"{base}/transfere", t("messages.transfere"), refilled(shown, request.form, errors),
        title=t("messages.transfere_titre"),
    )  # fmt: skip
