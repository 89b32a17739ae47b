"""What else does an agent say about a case: what hinders him, what belongs together?"""

from marshmallow import fields as m

from gru.domain import difficulty as d
from gru.domain.case import CaseCommand, DeclareDifficulty, LinkCase, RenewLinks, UnlinkCase
from gru.domain.references import derived_id
from gru.domain.rights import may
from gru.web import current, labels
from gru.web.agents.deeds.base import Deed, Values, Wish, always, other_case, pairs
from gru.web.agents.deeds.joining import named
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, choice, optional_text, text_field
from gru.web.i18n import t


class DifficultyForm(Acting):
    motif = choice(labels.DIFFICULTIES)
    texte = optional_text()
    anonyme = m.String(load_default="")


def difficulty_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("motif", t("dossier.difficulte_quoi"), "radios", choices=pairs(labels.DIFFICULTIES)),
        Field("texte", t("dossier.difficulte_texte"), "textarea", optional=True),
        Field("anonyme", t("dossier.difficulte_anonyme"), "checkbox"),
    )


def difficulty(wish: Wish) -> list[CaseCommand | d.Command]:
    """A fact of the case, and a stream of its own in which it is answered, in one save."""
    office, case, agent, reason = current.office(), wish.sheet.latest, wish.sheet.agent, wish.values["motif"]
    stream = derived_id(office.settings.secret, "difficulty", wish.key)
    if stream in case.remarks:
        return []
    words, id = wish.values["texte"], derived_id(office.settings.secret, "difficulty text", stream)
    text = office.archive.write_text(words, person=wish.person, case=case.id, id=id) if words else None
    group = d.group_of(agent, current.agents().values(), signed=not wish.values["anonyme"])
    return [
        DeclareDifficulty(case_id=case.id, difficulty_id=stream, reason=reason, text=text),
        d.Raise(stream=stream, reason=reason, department=group, case=case.id, text=text),
    ]


class LinkForm(Acting):
    reference = text_field("erreur.reference")
    delier = m.String(load_default="")


def link_fields(sheet: Sheet) -> tuple[Field, ...]:
    hint = t("suivi.acces_ref_aide")
    return (Field("reference", t("suivi.acces_ref"), value=named(), hint=hint, short=True),)


def link_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return () if other_case(sheet, values["reference"]) else (FieldError("reference", t("erreur.reference")),)


def link(wish: Wish) -> list[CaseCommand]:
    """Both cases remember it; only one's own when the other is not this agent's to change."""
    case_id, other = wish.sheet.latest.id, other_case(wish.sheet, wish.values["reference"])
    if other is None:
        return []
    kind = UnlinkCase if wish.values["delier"] else LinkCase
    own, others = kind(case_id=case_id, other=other.id), kind(case_id=other.id, other=case_id)
    return [own, others] if may(wish.sheet.agent, "handle", other) else [own]


def renew(wish: Wish) -> list[CaseCommand]:
    """Of the link he saw: two clicks renew it once."""
    return [RenewLinks(case_id=wish.sheet.latest.id, generation=wish.case_seen.link_generation)]


DEEDS = (
    Deed(
        "lier",
        "dossier.lier",
        "dossier.lier",
        "fait.dit.liee",
        "link",
        LinkForm,
        link,
        link_fields,
        always,
        check=link_check,
        menu="more",
    ),
    Deed(
        "difficulte",
        "dossier.difficulte",
        "dossier.difficulte_envoyer",
        "fait.dit.difficulte",
        "alert",
        DifficultyForm,
        difficulty,
        difficulty_fields,
        always,
        menu="more",
        text="dossier.difficulte_aide",
    ),
    Deed(
        "renouveler-lien",
        "dossier.renouveler_lien",
        "dossier.renouveler_lien",
        "fait.dit.lien_renouvele",
        "lock",
        Acting,
        renew,
        when=always,
        text="dossier.renouveler_lien_aide",
        menu="more",
    ),
)
