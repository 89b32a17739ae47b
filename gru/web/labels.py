"""Which French word, and which icon, stands for this code?

Events and read models hold codes in English; here, and only here, they get their names.
"""

from dataclasses import dataclass
from functools import lru_cache

from gru.web.i18n import t


@dataclass(frozen=True, slots=True)
class Label:
    text: str
    icon: str


_STATUS = {
    "received": ("statut.agent.recue", "new"),
    "registered": ("statut.agent.enregistree", "inbox"),
    "qualified": ("statut.agent.qualifiee", "flag"),
    "in_progress": ("statut.agent.en_instruction", "half"),
    "waiting": ("statut.agent.attente_service", "pause"),
    "answered": ("statut.agent.repondue", "reply"),
    "closed": ("statut.agent.close", "check"),
    "reopened": ("statut.agent.rouverte", "hist"),
}
_WAITING = {
    "resident": "statut.agent.attente_usager",
    "service": "statut.agent.attente_service",
    "third_party": "statut.agent.attente_tiers",
}
_ENDED = {"redirected": "statut.agent.reorientee", "withdrawn": "statut.agent.retiree"}
_CHANNEL = {
    "email": ("canal.email", "mail"),
    "facebook": ("canal.facebook", "chat"),
    "web": ("canal.web", "web"),
    "counter": ("canal.guichet", "desk"),
    "phone": ("canal.telephone", "phone"),
    "post": ("canal.courrier", "inbox"),
    "open311": ("canal.open311", "web"),
    "tracking": ("canal.suivi", "web"),
    "agent": ("canal.agent", "user"),
    "system": ("canal.systeme", "bolt"),
}
REPLY_WAYS = {
    "facebook": "envois.voie_facebook",
    "email": "guichet.contact_email",
    "post": "guichet.contact_courrier",
    "phone": "guichet.contact_telephone",
    "counter": "guichet.contact_retrait",
    "tracking": "envois.voie_suivi",
}
NOT_TOLD = {
    "wrong_number": "echec.faux_numero",
    "unreachable": "echec.injoignable",
    "not_collected": "echec.non_retiree",
}
SETTLED = {"told": "envois.classer_dit", "needless": "envois.classer_inutile", "no_way": "envois.classer_sans_voie"}
OUTCOMES = {
    "resolved": "issue.resolue",
    "refused": "issue.refusee",
    "redirected": "issue.reorientee",
    "duplicate": "issue.doublon",
    "withdrawn": "issue.retiree",
    "no_reply": "issue.sans_suite_usager",
    "out_of_scope": "issue.hors_competence",
}
COMMITMENTS = {
    "acknowledge": "echeance.accuse",
    "first_response": "echeance.reponse",
    "make_safe": "echeance.securite",
    "resolve": "echeance.resolution",
}
PRIORITIES = {
    "low": "priorite.basse",
    "normal": "priorite.normale",
    "high": "priorite.haute",
    "urgent": "priorite.urgente",
}
CONFIDENTIALITIES = {
    "normal": "confidentialite.normal",
    "restricted": "confidentialite.restreint",
    "secret": "confidentialite.secret",
}
PARTIES = {"resident": "attente.usager", "service": "attente.service", "third_party": "attente.tiers"}
LEGAL_CLOCKS = {
    "receipt": "legal.enregistrement",
    "acknowledgement": "legal.accuse",
    "silence": "legal.silence",
}
REPLY_KINDS = {
    "receipt": "reponse.accuse_enregistrement",
    "acknowledgement": "reponse.accuse_reception",
    "answer": "reponse.reponse",
    "refusal": "reponse.refus",
    "complement": "reponse.complement",
    "delay": "reponse.retard",
    "closing": "reponse.cloture",
    "reminder": "reponse.relance",
    "news": "reponse.nouvelle",
    "third_party": "reponse.tiers",
    "survey": "reponse.avis",
}
THIRD_PARTY_ANSWERS = {
    "done": "tiers.fait",
    "planned": "tiers.prevu",
    "not_done": "tiers.pas_fait",
    "words": "tiers.message",
}
DIFFICULTIES = {
    "tool": "difficulte.outil",
    "unclear_procedure": "difficulte.procedure",
    "who_does_what": "difficulte.qui_fait_quoi",
    "overload": "difficulte.surcharge",
    "other_department": "difficulte.autre_service",
    "illegible_documents": "difficulte.pieces",
    "unreachable_resident": "difficulte.injoignable",
    "language": "difficulte.langue",
    "incivility": "difficulte.incivilite",
    "training": "difficulte.formation",
}
TRANSFER_REASONS = {
    "wrong_department": "transfert.erreur",
    "competence": "transfert.competence",
    "place": "transfert.lieu",
    "workload": "transfert.charge",
    "other": "transfert.autre",
}
WAIT_REASONS = {
    "documents": "attente.pieces",
    "precision": "attente.precision",
    "opinion": "attente.avis",
    "works": "attente.travaux",
    "decision": "attente.decision",
    "other": "attente.autre",
}
REDACTIONS = {
    "bank": "masquer.motif_banque",
    "health": "masquer.motif_sante",
    "third_party": "masquer.motif_tiers",
    "insult": "masquer.motif_injure",
    "right": "masquer.motif_droit",
    "mistake": "masquer.motif_erreur",
}
FAILURES = {
    "no_address": "echec.no_address",
    "no_channel": "echec.no_channel",
    "no_phone": "echec.sans_telephone",
    **NOT_TOLD,
    "erased": "echec.erased",
    "bad_address": "echec.adresse_fausse",
    "too_large": "echec.trop_lourd",
    "unwritable": "echec.impossible_a_ecrire",
    "mailbox_full": "echec.boite_pleine",
    "returned": "echec.returned",
    "bounce_4": "echec.retour_provisoire",
    "bounce_5": "echec.retour",
    "bounce_unproven": "echec.retour_sans_preuve",
    "given_up": "echec.abandon",
    "window_closed": "echec.window_closed",
    "contact_lost": "echec.contact_lost",
    "person_unavailable": "echec.person_unavailable",
    "no_profile": "echec.no_profile",
    "bad_parameter": "echec.bad_parameter",
    "already_replied": "echec.already_replied",
    "personal_data": "echec.personal_data",
    "too_long": "echec.too_long",
    "files_not_possible": "echec.files_not_possible",
}
FILES_NOT_KEPT = {
    "not_copied": "piece.non_copiee",
    "virus": "piece.virus",
    "not_scanned": "piece.non_examinee",
}

WITHHELD = {
    "sender_asks_none": "retenue.expediteur",
    "no_address": "echec.no_address",
    "sent_by_machine": "retenue.machine",
    "given_up": "echec.abandon",
    "own_address": "retenue.notre_adresse",
    "too_many_automatic": "retenue.trop",
    "unfilled_field": "retenue.champ_vide",
}
DEFECTS = {  # what harms nobody's reading has no name here
    "unreadable": "defaut.illisible",
    "too-large": "defaut.trop_lourd",
    "text-cut": "defaut.texte_coupe",
    "empty-attachment": "defaut.piece_vide",
    "no-final-boundary": "defaut.incomplet",
    "no-boundary": "defaut.abime",
    "boundary-not-found": "defaut.abime",
    "broken-header": "defaut.abime",
    "no-blank-line": "defaut.abime",
    "too-many-headers": "defaut.demesure",
    "too-many-parts": "defaut.demesure",
    "too-deep": "defaut.demesure",
}
RETURNS = {
    "unknown": "lettres.retour_inconnu",
    "moved": "lettres.retour_parti",
    "unclaimed": "lettres.retour_non_reclame",
    "refused": "lettres.retour_refuse",
    "other": "lettres.retour_autre",
}
IDENTITIES = {
    "id_card": "identite.carte",
    "passport": "identite.passeport",
    "residence_permit": "identite.titre_sejour",
    "driving_licence": "identite.permis",
    "other": "identite.autre",
}
LATE_REASONS = {
    "opened_later": "retard_saisie.courrier",
    "noted_on_paper": "retard_saisie.papier",
    "network_loss": "retard_saisie.reseau",
    "other": "retard_saisie.autre",
    "entered_later": "retard_saisie.autre",
}


TROUBLES = {
    "does not take the copies": "ennui.copies",
    "is full": "ennui.pleine",
    "token server": "ennui.jeton",
    "login": "ennui.identifiant",
    "certificate": "ennui.certificat",
    "has no folder": "ennui.dossier",
    "does not say which": "ennui.dossier",
    "takes no more": "ennui.limite",
    "could not be kept": "ennui.messages",
    "away": "ennui.absent",
    "does not answer": "ennui.absent",
}
"""What a channel says of a mailbox or a mail server holds these words; the first that fits names it."""


def trouble(sentence: str) -> str:
    """What is the matter with a mailbox or a way out, and what to do, for who looks after it."""
    return t(next((key for words, key in TROUBLES.items() if words in sentence), "ennui.autre"))


@lru_cache(maxsize=128)
def status(code: str, waiting_on: str = "", outcome: str = "") -> Label:
    """The status as agents name it: a wait says on whom, an ending that is none of ours says which."""
    key, icon = _STATUS[code]
    if code == "waiting":
        key = _WAITING.get(waiting_on, key)
    if code == "closed":
        key = _ENDED.get(outcome, key)
    return Label(t(key), icon)


@lru_cache(maxsize=32)
def channel(code: str) -> Label:
    key, icon = _CHANNEL[code]
    return Label(t(key), icon)


def reply_way(code: str) -> str:
    """How somebody is answered; a way of an older case, as it was called there."""
    return said(REPLY_WAYS, code) if code in REPLY_WAYS else channel(code).text


def failure(reason: str) -> str:
    """Why a reply did not arrive; a mail server's own code stands behind the words."""
    kind, _, code = reason.partition("_")
    if kind == "smtp" and code.isdigit():
        return t("echec.serveur", code=code)
    return said(FAILURES, reason)


def defects(codes: tuple[str, ...]) -> str:
    """What an agent should know about how a message was read, in one sentence; `""` when it was read well."""
    return " ".join(dict.fromkeys(t(DEFECTS[code]) for code in codes if code in DEFECTS))


def statuses() -> dict[str, str]:
    """Every status with its name, in the order of a case's life."""
    return {code: t(key) for code, (key, _) in _STATUS.items() if code != "waiting"}


def said(table: dict[str, str], code: str) -> str:
    """The name of a code in one of the tables above; a code of a later version is shown as it is."""
    key = table.get(code)
    return t(key) if key else code


_LIKENESSES = {
    "person": "doublon.personne",
    "place": "doublon.lieu",
    "square": "doublon.carre",
    "text": "doublon.texte",
}


def likeness(sign: str, figure: int) -> str:
    """« même personne », « à 40 m », « texte proche à 72 % »."""
    return t(_LIKENESSES[sign], n=figure)
