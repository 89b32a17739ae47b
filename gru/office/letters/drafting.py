"""With which words does an agent begin a reply? A template filled with what is known, its holes marked for him.

What a machine sends stops at a field that is not filled; a draft shows where it is, and the reply cannot leave before
the agent has filled it.
"""

import re
from functools import lru_cache

from jinja2.sandbox import ImmutableSandboxedEnvironment

from gru.domain.errors import Refused
from gru.domain.town import Town
from gru.office.letters.context import Unfilled
from gru.office.letters.examples import examples
from gru.office.letters.facts import CaseFacts
from gru.office.letters.filling import Letter, environment_of, written

_HOLE = re.compile(r"\[à compléter\s*:\s*([^\]\n]{1,200})\]", re.IGNORECASE)

NAMES = {
    "reponse.texte": "votre réponse",
    "reponse.motif_fait": "les faits qui motivent la décision",
    "reponse.motif_droit": "le texte qui la fonde",
    "retard.date_annoncee": "la date annoncée",
    "retard.nouvelle_date": "la nouvelle date",
    "retard.raison": "la raison du retard",
    "usager.civilite_nom": "le nom de la personne",
    "usager.prenom_nom": "le nom de la personne",
    "signataire.prenom_nom": "qui signe",
    "signataire.qualite": "en quelle qualité",
    "agent.prenom_nom": "votre nom",
    "demande.resume": "l’objet de la demande",
    "demande.lieu": "le lieu",
    "complement.avant_le": "la date limite",
    "delais.cible_resolution": "la date prévue",
    "delais.premiere_reponse": "la date de réponse",
}
"""How a field is called where an agent must fill it; another one by its own name."""


def draft(town: Town, template: str, facts: CaseFacts) -> Letter:
    """The template for this case, with « [à compléter : …] » where something is not known."""
    return written(_environment(tuple(town.templates.items())), town, template, facts)


def first_hole(text: str) -> str:
    """What is still to be filled in first, `""` when nothing is."""
    found = _HOLE.search(text)
    return found[1].strip() if found else ""


def problem_with_draft(town: Town, template: str) -> str:
    """Why an agent could not begin with this template, in a sentence; `""` when he can."""
    for example, facts in examples(town, "answer"):
        try:
            draft(example, template, facts)
        except Refused as refusal:
            return str(refusal)
    return ""


@lru_cache(maxsize=8)
def _environment(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    environment = environment_of(templates)
    environment.finalize = _or_hole
    return environment


def _or_hole(value: object) -> object:
    if not isinstance(value, Unfilled):
        return value
    path = value.path
    return f"[à compléter : {NAMES.get(path, path)}]"
