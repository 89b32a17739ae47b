"""On whom does the case wait, and when does it go on?"""

from marshmallow import fields as m

from gru.domain.case import CaseCommand, EndWait, StartWait
from gru.web import labels
from gru.web.agents.deeds.base import PLEASE, Deed, Wish, pairs, still_open
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Choices, Field, LocalDay, choice, optional_text
from gru.web.i18n import t


class WaitForm(Acting):
    qui = choice(labels.PARTIES)
    motif = choice(labels.WAIT_REASONS)
    jusque = LocalDay(load_default=None)
    indispensable = m.String(load_default="")
    texte = optional_text()


def wait_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("qui", t("attente.qui"), "radios", "resident", choices=pairs(labels.PARTIES)),
        Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.WAIT_REASONS))),
        Field("jusque", t("champ.jusque"), "date", short=True, optional=True),
        Field("indispensable", t("attente.indispensable"), "checkbox",
              hint=t(f"attente.indispensable_aide.{sheet.town.pauses}")),
        Field("texte", t("dossier.explication"), "textarea", optional=True, hint=t("dossier.note_aide")),
    )  # fmt: skip


def wait(wish: Wish) -> list[CaseCommand]:
    values = wish.values
    return [
        StartWait(
            case_id=wish.sheet.latest.id,
            wait_id=wish.key,
            party=values["qui"],
            reason=values["motif"],
            indispensable=bool(values["indispensable"]),
            until=wish.day_end("jusque"),
            text=wish.text(),
        )
    ]


class ResumeForm(Acting):
    attente = choice(optional=True)


def _waits(sheet: Sheet) -> Choices:
    french = sheet.french
    return tuple(
        (wait_id, t("attente.ligne", qui=labels.said(labels.PARTIES, wait.party),
                    motif=labels.said(labels.WAIT_REASONS, wait.reason), date=french.short_day(wait.since)))
        for wait_id, wait in sheet.latest.open_waits.items()
    )  # fmt: skip


def resume_fields(sheet: Sheet) -> tuple[Field, ...]:
    choices = (("", t("attente.toutes")), *_waits(sheet))
    return (Field("attente", t("attente.laquelle"), "radios", "", choices=choices),)


def resume(wish: Wish) -> list[CaseCommand]:
    case, chosen = wish.sheet.latest, wish.values["attente"]
    return [
        EndWait(case_id=case.id, wait_id=wait_id, reason="answered")
        for wait_id in case.open_waits
        if chosen in ("", wait_id)
    ]


DEEDS = (
    Deed(
        "attendre",
        "dossier.attendre",
        "dossier.attendre",
        "fait.dit.attente",
        "pause",
        WaitForm,
        wait,
        wait_fields,
        text="dossier.attendre_aide",
        menu="status",
    ),
    Deed(
        "reprendre",
        "dossier.reprendre",
        "dossier.reprendre",
        "fait.dit.reprise",
        "clock",
        ResumeForm,
        resume,
        resume_fields,
        lambda case: still_open(case) and bool(case.open_waits),
        menu="status",
    ),
)
