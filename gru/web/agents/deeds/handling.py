"""Who has the case, what is it, and what is done on the spot?"""

from marshmallow import fields as m

from gru.domain.case import AssignCase, Case, CaseCommand, MakeSafe, PlanIntervention, QualifyCase, TransferCase
from gru.web import current, labels
from gru.web.agents.deeds.base import PLEASE, Deed, Values, Wish, departments, pairs, still_open
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Choices, Field, FieldError, LocalDay, choice, optional_text
from gru.web.i18n import alphabetical, t


class AssignForm(Acting):
    agent = m.String(load_default="")


def assign_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("agent", t("champ.agent"), "select", sheet.latest.agent, choices=(
            ("", t("dossier.rendre_service")), *agents_of(sheet))),
    )  # fmt: skip


def agents_of(sheet: Sheet) -> Choices:
    """Who works in the department that has the case."""
    agents = current.agents().values()
    here = [one for one in agents if sheet.latest.department in one.departments]
    return tuple((one.id, one.name) for one in sorted(here, key=lambda one: alphabetical(one.name)))


def assign_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    known = {"", *(id for id, _ in agents_of(sheet))}
    return () if values["agent"] in known else (FieldError("agent", t("erreur.choisir")),)


def assign(wish: Wish) -> list[CaseCommand]:
    return [AssignCase(case_id=wish.sheet.latest.id, agent=wish.values["agent"])]


class TransferForm(Acting):
    service = choice()
    motif = choice(labels.TRANSFER_REASONS)
    texte = optional_text()


def transfer_fields(sheet: Sheet) -> tuple[Field, ...]:
    others = tuple(pair for pair in departments() if pair[0] != sheet.latest.department)
    return (
        Field("service", t("dossier.nouveau_service"), "select", choices=(PLEASE, *others)),
        Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.TRANSFER_REASONS))),
        Field("texte", t("dossier.explication"), "textarea", optional=True, hint=t("dossier.note_aide")),
    )


def transfer(wish: Wish) -> list[CaseCommand]:
    values = wish.values
    return [
        TransferCase(
            case_id=wish.sheet.latest.id, department=values["service"], reason=values["motif"], explanation=wish.text()
        )
    ]


class QualifyForm(Acting):
    type = choice()
    service = choice(optional=True)
    priorite = choice(labels.PRIORITIES)
    danger = m.String(load_default="")


def qualify_fields(sheet: Sheet) -> tuple[Field, ...]:
    case = sheet.latest
    types = sorted(sheet.town.types.values(), key=lambda one: alphabetical(one.label))
    return (
        Field("type", t("champ.type"), "select", case.type, choices=(
            PLEASE, *((one.code, one.label) for one in types))),
        Field("service", t("champ.service"), "select", case.department if case.type else "", choices=(
            ("", t("dossier.service_du_type")), *departments())),
        Field("priorite", t("champ.priorite"), "select", case.priority, choices=pairs(labels.PRIORITIES)),
        Field("danger", t("dossier.danger_case"), "checkbox", "oui" if case.danger else "",
              hint=t("dossier.danger_aide")),
    )  # fmt: skip


def qualify_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return () if values["type"] in sheet.town.types else (FieldError("type", t("erreur.choisir")),)


def qualify(wish: Wish) -> list[CaseCommand]:
    values = wish.values
    return [
        QualifyCase(
            case_id=wish.sheet.latest.id,
            type=values["type"],
            department=values["service"],
            priority=values["priorite"],
            danger=bool(values["danger"]),
        )
    ]


class InterventionForm(Acting):
    jour = LocalDay(required=True)
    moment = choice({"day": "", "morning": "", "afternoon": ""})


def intervention_fields(sheet: Sheet) -> tuple[Field, ...]:
    moments = (("day", t("moment.journee")), ("morning", t("moment.matin")), ("afternoon", t("moment.apres_midi")))
    return (
        Field("jour", t("champ.intervention"), "date", short=True),
        Field("moment", t("champ.moment"), "select", "day", choices=moments),
    )


def intervene(wish: Wish) -> list[CaseCommand]:
    return [PlanIntervention(case_id=wish.sheet.latest.id, day=wish.values["jour"], moment=wish.values["moment"])]


def make_safe(wish: Wish) -> list[CaseCommand]:
    return [MakeSafe(case_id=wish.sheet.latest.id, made_safe_at=current.now())]


def unsafe(case: Case) -> bool:
    promise = case.commitments.get("make_safe")
    return still_open(case) and promise is not None and promise.kept_at is None


DEEDS = (
    Deed(
        "attribuer",
        "dossier.attribuer_agent",
        "dossier.attribuer",
        "fait.dit.attribuee",
        "user",
        AssignForm,
        assign,
        assign_fields,
        check=assign_check,
        menu="assign",
    ),
    Deed(
        "transferer",
        "dossier.transferer",
        "dossier.transferer",
        "fait.dit.transferee",
        "swap",
        TransferForm,
        transfer,
        transfer_fields,
        menu="assign",
    ),
    Deed(
        "qualifier",
        "dossier.qualifier",
        "commun.enregistrer",
        "fait.dit.qualifiee",
        "flag",
        QualifyForm,
        qualify,
        qualify_fields,
        check=qualify_check,
        menu="status",
    ),
    Deed(
        "intervention",
        "dossier.intervention",
        "commun.enregistrer",
        "fait.dit.intervention",
        "cal",
        InterventionForm,
        intervene,
        intervention_fields,
        menu="status",
    ),
    Deed(
        "securite",
        "dossier.securite",
        "dossier.securite",
        "fait.dit.securite",
        "check",
        Acting,
        make_safe,
        when=unsafe,
        text="dossier.securite_aide",
        menu="status",
    ),
)
