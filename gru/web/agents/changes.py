"""What does a fact change, from what to what?"""

from collections.abc import Iterator
from dataclasses import dataclass

from gru.domain import events as e
from gru.domain.case import Case
from gru.web import labels
from gru.web.agents.case_page import Change
from gru.web.agents.names import Names
from gru.web.dates import French, long_date
from gru.web.i18n import t


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling needs besides the facts: words, dates, the case's address, numbers of cases its reader sees."""

    names: Names
    french: French
    base: str
    numbers: dict[str, str]


def changes(event: e.Event, before: Case | None, after: Case, telling: Telling) -> Iterator[Change]:
    yield from _own_changes(event, before, telling)
    if before is None:
        return
    names = telling.names
    fields = (
        ("champ.type", names.type(before.type), names.type(after.type)),
        ("champ.service", names.department(before.department), names.department(after.department)),
        ("champ.priorite", _said(labels.PRIORITIES, before.priority), _said(labels.PRIORITIES, after.priority)),
        ("champ.confidentialite", _said(labels.CONFIDENTIALITIES, before.confidentiality),
         _said(labels.CONFIDENTIALITIES, after.confidentiality)),
        ("champ.agent", _agent(before, names), _agent(after, names)),
        ("champ.statut", _status(before), _status(after)),
    )  # fmt: skip
    for key, was, now in fields:
        if was != now:
            yield Change(t(key), now, was)


def _own_changes(event: e.Event, before: Case | None, telling: Telling) -> Iterator[Change]:
    """What this fact itself says, besides what it does to the case."""
    french, names = telling.french, telling.names
    match event:
        case e.CommitmentPromised(kind=kind, due=due) | e.CommitmentMoved(kind=kind, due=due):
            was = before.commitments.get(kind) if before else None
            yield Change(t("champ.echeance"), french.deadline(due), french.deadline(was.due) if was else "")
        case e.LegalDateNear(due=due):
            yield Change(t("champ.date_legale"), french.last_day(due))
        case e.LegalDateSet(clock=clock, due=due):
            known = before.legal.get(clock) if before else None
            yield Change(t("champ.date_legale"), french.last_day(due), french.last_day(known.due) if known else "")
        case e.PlaceSet(place=place):
            yield Change(t("dossier.adresse"), names.text(place) or t("fil.masque_court"))
        case e.WaitStarted(reason=reason, until=until):
            yield Change(t("champ.motif"), labels.said(labels.WAIT_REASONS, reason))
            if until:
                yield Change(t("champ.jusque"), french.last_day(until))
        case e.CaseTransferred(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.TRANSFER_REASONS, reason))
        case e.InterventionPlanned(day=day, moment=moment):
            said = long_date(day) if moment == "day" else f"{long_date(day)}, {t(_MOMENTS[moment])}"
            yield Change(t("champ.intervention"), said)
        case e.TextRedacted(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.REDACTIONS, reason))
        case e.FileNotKept(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.FILES_NOT_KEPT, reason))
        case e.ReplyWithheld(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.WITHHELD, reason))
        case e.ReplyWayChosen(channel=channel):
            wished = labels.reply_way(before.reply_channel) if before else ""
            yield Change(t("dossier.prefere"), labels.reply_way(channel), wished)
        case e.FailureSettled(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.SETTLED, reason))
        case e.DeliveryFailed(reason=reason):
            yield Change(t("champ.motif"), labels.failure(reason))
        case e.DocumentsChecked() | e.LetterPosted() | e.LetterReturned() | e.LinksRenewed() | e.CaseOpened():
            yield from _paper(event, names)
        case (
            e.CaseLinked(other=other)
            | e.CaseUnlinked(other=other)
            | e.CaseAbsorbed(other=other)
            | e.CaseReleased(other=other)
        ):
            if other in telling.numbers:
                yield Change(t("champ.demande"), telling.numbers[other])
        case e.ThirdPartyAsked(due=due) | e.ThirdPartySilent(due=due):
            yield Change(t("tiers.avant"), french.last_day(due))
        case e.ThirdPartyAnswered(day=day) if day:
            yield Change(t("tiers.le"), long_date(day))
        case e.CaseClosed(main=main) | e.CaseMerged(main=main) | e.CaseUnmerged(main=main) if main:
            if main in telling.numbers:
                yield Change(t("champ.vers"), telling.numbers[main])
        case e.CaseClosed(body=body) if body:
            known_body = names.town.bodies.get(body)
            yield Change(t("champ.vers"), known_body.name if known_body else body)


def _paper(event: e.Event, names: Names) -> Iterator[Change]:
    """What is said of papers and letters, and of how somebody stood at the counter."""
    match event:
        case e.DocumentsChecked(received=received, missing=missing):
            for key, codes in (("guichet.champ_recus", received), ("guichet.champ_manquants", missing)):
                if codes:
                    known = names.town.documents
                    yield Change(t(key), ", ".join(known[code].label if code in known else code for code in codes))
        case e.LetterPosted(registered=registered) if registered:
            yield Change(t("lettres.recommande"), registered)
        case e.LetterReturned(reason=reason):
            yield Change(t("champ.motif"), labels.said(labels.RETURNS, reason))
        case e.LinksRenewed(identity=identity) if identity:
            yield Change(t("guichet.piece_vue"), labels.said(labels.IDENTITIES, identity))
        case e.CaseOpened(late_reason=reason) if reason:
            yield Change(t("guichet.recu_raison_court"), labels.said(labels.LATE_REASONS, reason))


_MOMENTS = {"morning": "moment.matin", "afternoon": "moment.apres_midi"}


def _said(table: dict[str, str], code: str) -> str:
    return labels.said(table, code)


def _agent(case: Case, names: Names) -> str:
    return names.agent(case.agent) if case.agent else t("file.non_attribuee")


def _status(case: Case) -> str:
    return labels.status(case.status, waiting_on(case), case.outcome).text


def waiting_on(case: Case) -> str:
    """Whom the case waits for, the resident before a third party before a service."""
    parties = {wait.party for wait in case.open_waits.values()}
    return next((party for party in ("resident", "third_party", "service") if party in parties), "")
