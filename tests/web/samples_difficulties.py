"""What would the pages about difficulties and opinions look like? Made-up ones, as in `samples`."""

from collections.abc import Callable
from dataclasses import replace

from gru.web.agents.difficulties_page import AnsweringPage, AnswerPage, Declaring, DifficultiesPage, DifficultyRow
from gru.web.agents.queue_page import Empty, Pager
from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import Link
from gru.web.residents.opinion import OpinionPage

REASONS = (
    ("tool", "L’outil"), ("unclear_procedure", "Procédure floue"), ("who_does_what", "Qui fait quoi"),
    ("overload", "Surcharge"), ("other_department", "Attente d’un autre service"),
    ("illegible_documents", "Pièces illisibles"), ("unreachable_resident", "Usager injoignable"),
    ("language", "Langue"), ("incivility", "Incivilité"), ("training", "Besoin de formation"),
)  # fmt: skip
OPEN = DifficultyRow(
    "Qui fait quoi", "Patrice Lenoir · Voirie et éclairage public · 12 mars", "open", "Sans réponse, 2 rappels",
    "Trois services m’ont renvoyé la demande.", case=Link("/agent/demandes/2026-004817", "Demande 2026-004817"),
    links=(Link("/x/repondre", "Répondre", "reply"), Link("/x/masquer", "Masquer les mots", "lock")),
)  # fmt: skip
ANSWERED = DifficultyRow(
    "L’outil", "Sans nom · semaine du 9 mars", "answered", "Répondue le 16 mars",
    answer="Le prestataire livre une correction la semaine prochaine.", settle=FormView("/x/faite", "C’est fait"),
)  # fmt: skip


def declaring(action: str) -> Declaring:
    return Declaring(action, REASONS, hidden=(("cle", "0" * 32),))


def difficulties(*, wrong: bool = False) -> DifficultiesPage:
    fields = (
        Field("texte", "En quelques mots", "textarea", "Des mots gardés" if wrong else "", optional=True,
              hint="Écrivez avant de choisir le motif. Ne nommez personne si ce n’est pas nécessaire."),
        Field("anonyme", "Sans mon nom", "checkbox", hint="Ni votre nom ni l’heure ne sont affichés."),
    )  # fmt: skip
    errors = (FieldError("motif", "Choisissez dans la liste."),) if wrong else ()
    return DifficultiesPage(
        title="Difficultés",
        lead="Ce qui gêne votre travail : dites-le en un clic. Chaque difficulté reçoit une réponse.",
        form=Declaring("/agent/difficultes", REASONS, fields, (("cle", "0" * 32),)),
        mine=(replace(OPEN, links=()),),
        unsigned=(replace(ANSWERED, settle=None),),
        to_answer=Link("/agent/difficultes/a-repondre", "Difficultés à répondre", count="3"),
        errors=errors,
    )


def difficulties_empty() -> DifficultiesPage:
    return replace(difficulties(), mine=(), unsigned=(), to_answer=None)


def answering() -> AnsweringPage:
    tabs = (Link("/a", "Sans réponse", count="1", current=True), Link("/a?voir=repondues", "Répondues", count="1"))
    return AnsweringPage(
        "Difficultés à répondre", "Dites ce qui sera fait et quand.", Link("/agent/difficultes", "Difficultés"), tabs,
        (OPEN, ANSWERED), Pager("Page 1", "", "/a?page=2"),
    )  # fmt: skip


def answering_empty() -> AnsweringPage:
    empty = Empty("Aucune difficulté ici", "Rien n’attend dans cette liste.")
    return replace(answering(), rows=(), pager=None, empty=empty)


def answer(*, wrong: bool = False) -> AnswerPage:
    said = "Écrivez votre réponse." if wrong else ""
    fields = (
        Field("texte", "Votre réponse", "textarea", error=said, hint="Elle est lue par l’agent qui a signé."),
        Field("faite", "C’est déjà fait", "checkbox"),
    )
    form = FormView("/x/repondre", "Enregistrer la réponse", fields, (("cle", "0" * 32),))
    errors = (FieldError("texte", said),) if wrong else ()
    return AnswerPage("Répondre", Link("/a", "Difficultés à répondre"), replace(OPEN, links=()), form, errors)


def opinion(*, wrong: bool = False) -> OpinionPage:
    said = "Choisissez dans la liste." if wrong else ""
    verdicts = (("yes", "Oui"), ("partly", "En partie"), ("no", "Non"))
    score = Field("note", "De 0 à 10, êtes-vous satisfait de la façon dont la ville a traité votre demande ?", "radios",
                  error=said, choices=tuple((str(n), str(n)) for n in range(11)))  # fmt: skip
    fields = (
        Field("clarte", "La réponse était-elle claire ?", "radios", optional=True, choices=verdicts),
        Field("texte", "Que devons-nous améliorer ?", "textarea", optional=True),
        Field("pas_regle", "Ce n’est pas réglé", "checkbox", hint="La page pour rouvrir s’affichera."),
    )
    form = FormView("/suivi/2026-004817/x/avis", "Envoyer mon avis", fields, (("cle", "0" * 32),))
    errors = (FieldError("note", said),) if wrong else ()
    text = "Vous êtes libre de ne pas répondre. Vos réponses sont comptées avec celles des autres."
    return OpinionPage("2026-004817", "Votre avis", "/suivi/2026-004817/x", text, score, form, "/x/refus", errors)


def opinion_given() -> OpinionPage:
    said = "Vous avez déjà donné votre avis le mercredi 18 mars 2026."
    return OpinionPage("2026-004817", "Votre avis", "/suivi/2026-004817/x", said)


PAGES: dict[str, tuple[str, Callable[[], object]]] = {
    "difficultes": ("agents/difficulties.html", difficulties),
    "difficultes-erreur": ("agents/difficulties.html", lambda: difficulties(wrong=True)),
    "difficultes-vide": ("agents/difficulties.html", difficulties_empty),
    "difficultes-a-repondre": ("agents/difficulties_answering.html", answering),
    "difficultes-a-repondre-vide": ("agents/difficulties_answering.html", answering_empty),
    "difficulte-reponse": ("agents/difficulty_answer.html", answer),
    "difficulte-reponse-erreur": ("agents/difficulty_answer.html", lambda: answer(wrong=True)),
    "avis": ("residents/opinion.html", opinion),
    "avis-erreur": ("residents/opinion.html", lambda: opinion(wrong=True)),
    "avis-donne": ("residents/opinion.html", opinion_given),
}
