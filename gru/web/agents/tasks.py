"""What of a case's replies waits for a person: to be said, to be handed over, or to be put another way?"""

from collections.abc import Callable, Iterator

from gru.domain import events as e
from gru.domain.case.telling import IN_PERSON
from gru.web import current, labels
from gru.web.agents.case_page import Task
from gru.web.agents.sheet import Sheet
from gru.web.forms import FormView
from gru.web.i18n import t
from gru.web.pages import Link, phone

Hidden = Callable[[Sheet], tuple[tuple[str, str], ...]]


def tasks(sheet: Sheet, hidden: Hidden) -> Iterator[Task]:
    """Oldest first; what may still be taken back has its own line."""
    for recorded in sheet.history:
        event = recorded.event
        if not isinstance(event, e.ReplyWritten):
            continue
        reply = sheet.latest.replies[event.reply_id]
        is_due = event.not_before is None or event.not_before <= current.now()
        if reply.state == "written" and event.human and event.channel in IN_PERSON and is_due:
            if sheet.may("register"):
                yield _to_tell(sheet, event, hidden)
        elif reply.state == "failed" and not reply.settled and sheet.may("handle") and not overtaken(sheet, event):
            yield _lost(sheet, event)


def overtaken(sheet: Sheet, lost: e.ReplyWritten) -> bool:
    """Something written to the same person later did arrive."""
    later = False
    for recorded in sheet.history:
        event = recorded.event
        if isinstance(event, e.ReplyWritten):
            arrived = sheet.latest.replies[event.reply_id].state == "sent"
            if later and event.to == lost.to and arrived:
                return True
            later = later or event.reply_id == lost.reply_id
    return False


def _to_tell(sheet: Sheet, written: e.ReplyWritten, hidden: Hidden) -> Task:
    name = sheet.names.person(written.to) or t("dossier.anonyme")
    named = f"?reponse={written.reply_id}"
    said = Link(f"{sheet.base}/dite{named}", t(f"envois.dite_{written.channel}"), "check")
    given_up = Link(f"{sheet.base}/injoignable{named}", t(f"envois.jamais_{written.channel}"), "x")
    if written.channel == "counter":
        paper = Link(f"/guichet/a-remettre/{sheet.ref}/{written.reply_id}.pdf", t("envois.imprimer"), "print")
        return Task(t("envois.tache_counter", nom=name), "desk", "", links=(paper, said, given_up))
    person = sheet.names.people.get(written.to)
    number = phone(person.phone) if person and person.phone else None
    text = t("envois.tache_phone", nom=name, numero=number.shown if number else t("commun.non_renseigne"))
    if tries := _tries(sheet, written.reply_id):
        text = f"{text} {t('envois.essais', n=len(tries), quand=sheet.french.listed(tries[-1].tried_at))}"
    call = (Link(f"tel:{number.dial}", t("dossier.appeler"), "phone"),) if number else ()
    missed = FormView(
        f"{sheet.base}/pas-joint", t("envois.pas_joint"), hidden=(("reponse", written.reply_id), *hidden(sheet))
    )
    return Task(text, "phone", "", (missed,), (*call, said, given_up))


def _tries(sheet: Sheet, reply_id: str) -> list[e.TellingTried]:
    events = (recorded.event for recorded in sheet.history)
    return [one for one in events if isinstance(one, e.TellingTried) and one.reply_id == reply_id]


def _lost(sheet: Sheet, written: e.ReplyWritten) -> Task:
    kind = labels.said(labels.REPLY_KINDS, written.kind).lower()
    reasons = (recorded.event for recorded in sheet.history if isinstance(recorded.event, e.DeliveryFailed))
    reason = next(one.reason for one in reversed(list(reasons)) if one.reply_id == written.reply_id)
    text = t("envois.tache_perdue", nature=kind, raison=labels.failure(reason))
    named = f"?reponse={written.reply_id}"
    again = Link(f"{sheet.base}/renvoyer{named}", t("envois.renvoyer"), "reply")
    enough = Link(f"{sheet.base}/classer-echec{named}", t("envois.classer"), "check")
    mine = written.to == sheet.latest.requester
    return Task(text, "alert", "lost", links=(again, enough) if mine else (enough,))
