"""What can an agent do on the town's page: answer under a comment, where everybody reads it?"""

from gru.domain.case import Case, CaseCommand, WriteReply
from gru.web import current
from gru.web.agents.deeds.base import UNDO, Deed, Values, Wish
from gru.web.agents.facebook import came_by, window, wrong_in_public
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, text_field
from gru.web.i18n import t


class PublicForm(Acting):
    texte = text_field("erreur.requis", champ="votre réponse")


def fields(sheet: Sheet) -> tuple[Field, ...]:
    return (Field("texte", t("dossier.votre_reponse"), "textarea", hint=t("facebook.public_conseil")),)


def offered(case: Case) -> bool:
    return came_by(case) and case.status != "closed"


def check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    found = window(sheet)
    if found is None or not found.public:
        return (FieldError("texte", t("facebook.public_sans_commentaire")),)
    wrong = wrong_in_public(sheet, values["texte"])
    return (FieldError("texte", wrong),) if wrong else ()


def answer(wish: Wish) -> list[CaseCommand]:
    return [
        WriteReply(
            case_id=wish.sheet.latest.id,
            reply_id=wish.key,
            kind="answer",
            channel="facebook",
            text=wish.words(),
            public=True,
            not_before=current.now() + UNDO,
        )
    ]


DEEDS = (
    Deed(
        "repondre-public",
        "dossier.public",
        "facebook.publier",
        "fait.dit.reponse",
        "users",
        PublicForm,
        answer,
        fields,
        offered,
        check,
        text="dossier.public_aide",
        menu="more",
    ),
)
