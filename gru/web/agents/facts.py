"""How is each fact of a case told: what happened, by whom, when, and what it replaced?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from gru.domain import events as e
from gru.domain.case import Case, evolve
from gru.web import labels
from gru.web.agents.case_page import FactView
from gru.web.agents.changes import Telling, changes
from gru.web.agents.names import Names, files_of, texts_of
from gru.web.dates import French
from gru.web.i18n import t

Family = Literal["exchange", "note", "change"]


@dataclass(frozen=True, slots=True)
class Look:
    """Where a kind of fact belongs and how it is marked; `quiet` ones fold together."""

    family: Family
    icon: str
    dot: str = ""
    card: str = ""
    quiet: bool = False


LOOKS: dict[type[e.Event], Look] = {
    e.CaseOpened: Look("exchange", "inbox", "in", "in"),
    e.CaseRegistered: Look("change", "list", quiet=True),
    e.MessageReceived: Look("exchange", "mail", "in", "in"),
    e.RequesterIdentified: Look("change", "user", quiet=True),
    e.PlaceSet: Look("change", "pin"),
    e.CaseQualified: Look("change", "flag"),
    e.CaseAssigned: Look("change", "users"),
    e.CaseTransferred: Look("change", "swap"),
    e.CommitmentPromised: Look("change", "clock", quiet=True),
    e.CommitmentMoved: Look("change", "clock"),
    e.CommitmentLifted: Look("change", "clock"),
    e.BreachNoticed: Look("change", "alert"),
    e.LegalDateSet: Look("change", "scale", quiet=True),
    e.LegalDateLifted: Look("change", "scale"),
    e.LegalDateNear: Look("change", "scale"),
    e.LegalDatePassed: Look("change", "scale"),
    e.CalendarCorrected: Look("change", "cal"),
    e.WaitStarted: Look("change", "pause"),
    e.WaitEnded: Look("change", "clock"),
    e.ReplyWritten: Look("exchange", "reply", "out"),
    e.ReplyWithdrawn: Look("exchange", "x"),
    e.ReplySent: Look("exchange", "reply", quiet=True),
    e.ReplyReached: Look("exchange", "check", quiet=True),
    e.ReplyWithheld: Look("exchange", "alert"),
    e.DeliveryFailed: Look("exchange", "alert"),
    e.MessageEdited: Look("exchange", "mail", "in", "in"),
    e.MessageRemoved: Look("exchange", "x"),
    e.FileNotKept: Look("exchange", "alert"),
    e.NoteAdded: Look("note", "note", "note", "note"),
    e.DifficultyDeclared: Look("note", "alert", "note", "note"),
    e.TextRedacted: Look("change", "lock"),
    e.InterventionPlanned: Look("change", "cal"),
    e.MadeSafe: Look("change", "check"),
    e.CaseClosed: Look("change", "check"),
    e.CaseReopened: Look("change", "hist"),
    e.CaseLinked: Look("change", "link"),
    e.CaseUnlinked: Look("change", "link"),
    e.LinksRenewed: Look("change", "lock"),
    e.DocumentsChecked: Look("change", "clip"),
    e.LetterPrinted: Look("exchange", "print", quiet=True),
    e.LetterSigned: Look("exchange", "note", quiet=True),
    e.LetterPosted: Look("exchange", "inbox"),
    e.LetterReturned: Look("exchange", "alert"),
    e.ReplyWayChosen: Look("change", "reply"),
    e.TellingTried: Look("exchange", "phone"),
    e.FailureSettled: Look("change", "check"),
    e.PersonErased: Look("change", "lock"),
    e.CaseMerged: Look("change", "link"),
    e.CaseUnmerged: Look("change", "link"),
    e.CaseAbsorbed: Look("change", "link"),
    e.CaseReleased: Look("change", "link"),
    e.CaseFollowed: Look("change", "users"),
    e.CaseUnfollowed: Look("change", "users", quiet=True),
    e.ThirdPartyAsked: Look("exchange", "users", "out"),
    e.ThirdPartyReminded: Look("exchange", "clock"),
    e.ThirdPartyAnswered: Look("exchange", "users", "in", "in"),
    e.ThirdPartySilent: Look("exchange", "alert"),
    e.ThirdPartyRevoked: Look("exchange", "lock"),
    e.SurveyAsked: Look("exchange", "mail", quiet=True),
    e.CaseRated: Look("exchange", "mail", "in", "in"),
    e.SurveysRefused: Look("change", "x", quiet=True),
}
UNKNOWN = Look("change", "dots", quiet=True)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with its family, before it is shown."""

    view: FactView
    family: Family
    quiet: bool
    at: datetime
    merged: bool = False
    """Shown in the line of the reply it speaks of."""


def tell(history: Sequence[e.Recorded], telling: Telling) -> list[Told]:
    """Every fact, oldest first, each with what it replaced."""
    outcomes, removed = _deliveries(history, telling.french), taken_back(history)
    case: Case | None = None
    told = []
    for recorded in history:
        before, case = case, evolve(case, recorded)
        look = LOOKS.get(type(recorded.event), UNKNOWN)
        view = _view(recorded, before, case, look, telling, outcomes)
        if (at := removed.get(getattr(recorded.event, "message", ""))) and not isinstance(
            recorded.event, e.MessageRemoved
        ):
            view = replace(view, text="", files=(), gone=t("fil.retire_auteur", date=telling.french.short_day(at)))
        sent = isinstance(recorded.event, e.ReplySent)
        told.append(Told(view, look.family, look.quiet, recorded.at, sent))
    return _with_sendings(history, told)


def taken_back(history: Iterable[e.Recorded]) -> dict[str, datetime]:
    """The messages whose authors took them back where they had written them: their words are not shown any more."""
    return {r.event.message: r.event.removed_at for r in history if isinstance(r.event, e.MessageRemoved)}


def _with_sendings(history: Sequence[e.Recorded], told: list[Told]) -> list[Told]:
    """A reply's line also bears the number of the fact that it left."""
    sent = {
        r.event.reply_id: one.view for r, one in zip(history, told, strict=True) if isinstance(r.event, e.ReplySent)
    }
    return [
        replace(one, view=replace(one.view, also=sent[recorded.event.reply_id]))
        if isinstance(recorded.event, e.ReplyWritten) and recorded.event.reply_id in sent
        else one
        for recorded, one in zip(history, told, strict=True)
    ]


def shown(told: Sequence[Told], family: Family | None) -> tuple[FactView, ...]:
    """Newest first; runs of quiet facts folded into one line, none skipped silently."""
    views: list[FactView] = []
    run: list[FactView] = []
    for one in reversed(told):
        if one.merged or (family is not None and one.family != family):
            continue
        if one.quiet:
            run.append(one.view)
            continue
        views.extend(_folded(run))
        run = []
        views.append(one.view)
    views.extend(_folded(run))
    return tuple(views)


def _folded(run: list[FactView]) -> Iterator[FactView]:
    if not run:
        return
    first, last = run[-1].number, run[0].number
    said = ", ".join(dict.fromkeys(fact.title for fact in reversed(run)))
    if first == last:
        summary = t("fil.groupe_un", n=str(first), resume=said)
    elif first + 1 == last:
        summary = t("fil.groupe_deux", a=str(first), b=str(last), resume=said)
    else:
        summary = t("fil.groupe", a=str(first), b=str(last), resume=said)
    yield FactView(0, folded=tuple(run), summary=summary)


def _view(
    recorded: e.Recorded, before: Case | None, after: Case, look: Look, telling: Telling, outcomes: dict[str, str]
) -> FactView:
    event, names, french = recorded.event, telling.names, telling.french
    who, place = actor(recorded, after, names)
    parts = [place] if place else []
    if isinstance(event, (e.CaseOpened, e.MessageReceived, e.ReplyWritten, e.ThirdPartyAnswered)):
        parts.append(labels.channel(event.channel).text)
    if isinstance(event, (e.CaseOpened, e.MessageReceived)) and event.channel == "email" and not event.proven:
        parts.append(t("fil.non_verifie"))
    if isinstance(event, e.ReplyWritten) and event.reply_id in outcomes:
        parts[-1] = f"{parts[-1]}, {outcomes[event.reply_id]}"
    if isinstance(event, e.NoteAdded):
        parts.append(t("fil.note_visible"))
    source = " · ".join(parts)
    number = str(recorded.version)
    return FactView(
        number=recorded.version,
        title=title_of(event, after, names),
        icon=_icon(event, look),
        dot=look.dot,
        time=french.listed(_when(recorded)),
        iso=french.iso(_when(recorded)),
        who=who,
        source=f"{', ' if place and who else ' · ' if who and source else ''}{source}",
        href=f"{telling.base}/faits/{number}",
        proof=t("fil.preuve", n=number),
        changes=tuple(changes(event, before, after, telling)),
        text=_words(event, names),
        gone=_gone(event, names, french),
        card=look.card,
        files=names.links(telling.base, files_of(event)),
    )


def _when(recorded: e.Recorded) -> datetime:
    match recorded.event:
        case e.CaseOpened(received_at=at) | e.MessageReceived(received_at=at):
            return at
        case _:
            return recorded.at


def _icon(event: e.Event, look: Look) -> str:
    if isinstance(event, (e.CaseOpened, e.MessageReceived)):
        return labels.channel(event.channel).icon
    return look.icon


def _words(event: e.Event, names: Names) -> str:
    said = (getattr(event, "text", None), getattr(event, "explanation", None))
    return "\n".join(text for ref in said if (text := names.text(ref)))


def _gone(event: e.Event, names: Names, french: French) -> str:
    """What is said in place of words that can no longer be read."""
    gone = [ref for ref in texts_of(event) if names.is_gone(ref)]
    if not gone:
        return t("fil.piece_masquee") if any(names.files.get(file.id) is None for file in files_of(event)) else ""
    people = (getattr(event, name, "") for name in ("requester", "author", "to"))
    at = next((names.erased_at[key] for key in (gone[0].id, *people) if key in names.erased_at), None)
    return t("fil.masque", date=french.short_day(at)) if at else t("fil.masque_sans_date")


def actor(recorded: e.Recorded, case: Case, names: Names) -> tuple[str, str]:
    """Who did it, and from where: (name, service or part)."""
    kind, _, id = recorded.by.partition(":")
    match kind:
        case "agent":
            return (names.agent(id), names.department_of(id)) if id else (t("fil.agent_sans_nom"), "")
        case "third_party":
            return third_party(recorded.event, case, names), t("fil.tiers")
        case "resident":
            return names.person(case.requester) or t("dossier.anonyme"), t("fil.usager")
    match recorded.event:
        case e.MessageEdited() | e.MessageRemoved():
            return t("fil.auteur_message"), ""
        case e.ReplyWritten(elsewhere=True):
            return t("fil.ecrite_ailleurs"), ""
        case e.CaseOpened(requester=person) | e.MessageReceived(author=person):
            return names.person(person) or t("dossier.anonyme"), t("fil.usager")
        case _:
            return t("fil.horloge") if kind == "clock" else t("canal.systeme"), ""


def title_of(event: e.Event, case: Case, names: Names) -> str:
    """What happened, in a few words."""
    match event:
        case e.CaseAssigned(agent=agent):
            return t("fait.attribuee", nom=names.agent(agent)) if agent else t("fait.rendue")
        case e.CaseTransferred(department=department):
            return t("fait.transferee", service=names.department(department))
        case e.CommitmentPromised(kind=kind):
            return t("fait.engagement", quoi=labels.said(labels.COMMITMENTS, kind).lower())
        case e.CommitmentMoved(kind=kind):
            return t("fait.engagement_deplace", quoi=labels.said(labels.COMMITMENTS, kind).lower())
        case e.CommitmentLifted(kind=kind):
            return t("fait.engagement_leve", quoi=labels.said(labels.COMMITMENTS, kind).lower())
        case e.BreachNoticed(kind=kind, late=late):
            key = "fait.echeance_manquee" if late else "fait.echeance_proche"
            return t(key, quoi=labels.said(labels.COMMITMENTS, kind).lower())
        case e.LegalDateSet(clock=clock):
            return t("fait.date_legale", quoi=labels.said(labels.LEGAL_CLOCKS, clock).lower())
        case e.LegalDateLifted(clock=clock):
            return t("fait.date_legale_levee", quoi=labels.said(labels.LEGAL_CLOCKS, clock).lower())
        case e.LegalDateNear(clock=clock):
            return t("fait.date_legale_proche", quoi=labels.said(labels.LEGAL_CLOCKS, clock).lower())
        case e.LegalDatePassed(clock=clock):
            return t("fait.date_legale_passee", quoi=labels.said(labels.LEGAL_CLOCKS, clock).lower())
        case e.WaitStarted(party=party):
            return t("fait.attente", qui=labels.said(labels.PARTIES, party).lower())
        case e.WaitEnded(wait_id=wait_id):
            wait = case.waits.get(wait_id)
            return t("fait.reprise", qui=labels.said(labels.PARTIES, wait.party).lower() if wait else "")
        case e.ReplyWritten(elsewhere=True):
            return t("fait.reponse_ailleurs")
        case e.ReplyWritten(public=True):
            return t("fait.reponse_publique")
        case e.ReplyWritten(kind=kind):
            return t("fait.reponse", nature=labels.said(labels.REPLY_KINDS, kind))
        case e.CaseClosed(outcome=outcome):
            return t("fait.close", issue=labels.said(labels.OUTCOMES, outcome).lower())
        case e.ThirdPartyReminded(number=number):
            return t("fait.tiers_relance", n=str(number), nom=third_party(event, case, names))
        case e.ThirdPartyAnswered(answer=answer):
            said = labels.said(labels.THIRD_PARTY_ANSWERS, answer).lower()
            return t("fait.tiers_repond", nom=third_party(event, case, names), quoi=said)
        case e.ThirdPartyAsked() | e.ThirdPartySilent() | e.ThirdPartyRevoked():
            return t(_OF_THIRD_PARTIES[type(event)], nom=third_party(event, case, names))
        case e.DifficultyDeclared(reason=reason):
            return t("fait.difficulte", quoi=labels.said(labels.DIFFICULTIES, reason).lower())
        case e.CaseRated(score=score):
            return t("fait.avis", note=str(score))
    plain = _TITLES.get(type(event))
    return t(plain) if plain else event.NAME


def third_party(event: e.Event, case: Case, names: Names) -> str:
    """Who was asked what this fact speaks of."""
    request = case.requests.get(getattr(event, "request_id", ""))
    return (names.person(request.to) if request else "") or t("tiers.sans_nom")


_OF_THIRD_PARTIES: dict[type[e.Event], str] = {
    e.ThirdPartyAsked: "fait.tiers_demande",
    e.ThirdPartySilent: "fait.tiers_silence",
    e.ThirdPartyRevoked: "fait.tiers_retire",
}
_TITLES: dict[type[e.Event], str] = {
    e.CaseOpened: "fait.recue",
    e.CaseRegistered: "fait.enregistree",
    e.MessageReceived: "fait.message",
    e.RequesterIdentified: "fait.identifiee",
    e.PlaceSet: "fait.lieu",
    e.CaseQualified: "fait.qualifiee",
    e.ReplyReached: "fait.reponse_parvenue",
    e.MessageEdited: "fait.message_modifie",
    e.MessageRemoved: "fait.message_retire",
    e.FileNotKept: "fait.piece_manquante",
    e.ReplyWithdrawn: "fait.reponse_retiree",
    e.ReplySent: "fait.reponse_envoyee",
    e.ReplyWithheld: "fait.retenue",
    e.DeliveryFailed: "fait.non_remise",
    e.NoteAdded: "dossier.note",
    e.TextRedacted: "fait.masque",
    e.InterventionPlanned: "fait.intervention",
    e.MadeSafe: "fait.securite",
    e.CaseReopened: "fait.rouverte",
    e.CalendarCorrected: "fait.calendrier_corrige",
    e.CaseLinked: "fait.liee",
    e.CaseUnlinked: "fait.deliee",
    e.LinksRenewed: "fait.lien_renouvele",
    e.DocumentsChecked: "fait.documents",
    e.LetterPrinted: "fait.lettre_imprimee",
    e.LetterSigned: "fait.lettre_signee",
    e.LetterPosted: "fait.lettre_postee",
    e.LetterReturned: "fait.lettre_revenue",
    e.ReplyWayChosen: "fait.voie_choisie",
    e.TellingTried: "fait.pas_joint",
    e.FailureSettled: "fait.non_remise_classee",
    e.PersonErased: "fait.effacee",
    e.CaseMerged: "fait.jointe",
    e.CaseUnmerged: "fait.detachee",
    e.CaseAbsorbed: "fait.absorbee",
    e.CaseReleased: "fait.rendue_libre",
    e.CaseFollowed: "fait.suivie",
    e.CaseUnfollowed: "fait.plus_suivie",
    e.SurveyAsked: "fait.avis_demande",
    e.SurveysRefused: "fait.avis_refuse",
}


_UNDER_WAY: dict[e.Channel, str] = {
    "phone": "fil.a_dire",
    "counter": "fil.a_remettre",
    "post": "fil.a_imprimer",
}
_ARRIVED: dict[e.Channel, str] = {
    "phone": "fil.dite_telephone",
    "counter": "fil.remise_accueil",
    "post": "fil.postee",
}


def _deliveries(history: Iterable[e.Recorded], french: French) -> dict[str, str]:
    """What became of each reply, in words; until it arrives, what it waits for."""
    found: dict[str, str] = {}
    ways: dict[str, e.Channel] = {}
    for recorded in history:
        match recorded.event:
            case e.ReplyWritten(reply_id=reply, channel=way):
                ways[reply] = way
                found[reply] = t(_UNDER_WAY.get(way, "fil.en_cours"))
            case e.LetterPrinted(reply_id=reply):
                found[reply] = t("fil.imprimee")
            case e.ReplySent(reply_id=reply, sent_at=at, by_link=True):
                found[reply] = t("fil.remis_lien", heure=french.hour(at))
            case e.ReplySent(reply_id=reply, sent_at=at):
                key = _ARRIVED.get(ways.get(reply, "email"), "fil.remis_le")
                found[reply] = t(key, date=french.short_day(at), heure=french.hour(at))
            case e.DeliveryFailed(reply_id=reply, reason=reason, permanent=False):
                found[reply] = t("fil.nouvel_essai", raison=labels.failure(reason))
            case e.ReplyReached(reply_ids=replies, reached_at=at, read=read):
                key, day = ("fil.lu_facebook" if read else "fil.distribue"), french.short_day(at)
                found |= dict.fromkeys(replies, t(key, heure=french.hour(at), date=day))
            case e.DeliveryFailed(reply_id=reply, reason=reason, permanent=True):
                found[reply] = t("fil.non_remis", raison=labels.failure(reason))
            case e.ReplyWithdrawn(reply_id=reply):
                found[reply] = t("fil.retiree")
    return found


def cut(told: Sequence[Told], before: int | None, most: int) -> tuple[Sequence[Told], int | None]:
    """The newest `most` facts under number `before`, and from which number older ones go on (`None`: no more)."""
    kept = [one for one in told if before is None or one.view.number < before]
    if len(kept) <= most:
        return kept, None
    return kept[-most:], kept[-most].view.number


def woven(kept: Sequence[Told], beside: Sequence[Told], *, whole: bool, newest: bool) -> Sequence[Told]:
    """The facts of merged cases among those of this page, by the time they were recorded."""
    if not kept or not beside:
        return kept
    first, last = kept[0].at, kept[-1].at
    fitting = [one for one in beside if (whole or one.at >= first) and (newest or one.at <= last)]
    return sorted([*kept, *fitting], key=lambda one: one.at)
