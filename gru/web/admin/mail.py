"""What became of every mail the town fetched, and is there one nothing explains?"""

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gru.office.mail_ledger import COLUMNS, Line, MailLedger
from gru.web import current
from gru.web.admin.mail_page import LedgerPage
from gru.web.agents.queue_page import Empty
from gru.web.agents.shell import MESSAGES, shell
from gru.web.dates import day_and_month
from gru.web.forms import Field
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link
from gru.web.reports.report_page import Cell, DataTable

pages = Blueprint("mail", __name__)

PATH = "/administration/courrier"
DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
TITLES = {
    "opened": "courrier.nouvelles",
    "joined": "courrier.suites",
    "bounce": "courrier.non_remises",
    "automatic": "courrier.automatiques",
    "to_link": "courrier.a_rattacher",
    "set_aside": "courrier.de_cote",
    "waiting": "courrier.en_attente",
    "erased": "courrier.effaces",
}
LISTS = {"to_link": MESSAGES, "set_aside": MESSAGES, "automatic": f"{MESSAGES}?voir=automatiques"}


def nav(here: str) -> tuple[Link, ...]:
    """The pages of the operator about what runs and what came."""
    pages_ = (("/administration/etat", t("sante.titre")), (PATH, t("courrier.titre")))
    return tuple(Link(href, label, current=href == here) for href, label in pages_)


@pages.get(PATH)
@owned("administer")
def show_ledger() -> ResponseReturnValue:
    asked = request.args.get("jours", "")
    chosen = asked if asked in DAYS else "30"
    office = current.office()
    today = office.today()
    found = office.mail_ledger(today - timedelta(days=DAYS[chosen] - 1), today)
    french = current.french()
    page = LedgerPage(
        title=t("courrier.titre"),
        cut=t("pilotage.donnees_au", date=french.long_day(french.now), heure=french.hour(french.now)),
        finding=_finding(found),
        well=found.is_balanced,
        nav=nav(PATH),
        action=PATH,
        filters=(_days(chosen),),
        table=_table(found) if found.lines else None,
        empty=None if found.lines else Empty(t("courrier.vide_titre"), t("courrier.vide_texte")),
        astray=found.astray,
        unkept=found.unkept,
    )
    return render_template("admin/mail_ledger.html", page=page, shell=shell(space="health"))


def _days(chosen: str) -> Field:
    choices = tuple((code, t("courrier.jours", n=days)) for code, days in DAYS.items())
    return Field("jours", t("pilotage.periode"), "select", chosen, choices=choices)


def _finding(found: MailLedger) -> str:
    if not found.is_balanced:
        return t("courrier.ecart", n=len(found.astray) + len(found.unkept))
    return t("courrier.juste", n=found.total.fetched)


def _table(found: MailLedger) -> DataTable:
    used = tuple(column for column in COLUMNS if column not in ("waiting", "erased") or found.total.counts.get(column))
    heads = (t("courrier.jour"), t("courrier.releves"), *(t(TITLES[one]) for one in used),
             t("courrier.sans_explication"))  # fmt: skip
    rows = tuple(_row(line, used, linked=False) for line in found.lines)
    return DataTable(t("courrier.tableau"), heads, (_row(found.total, used, linked=True), *rows))


def _row(line: Line, columns: tuple[str, ...], *, linked: bool) -> tuple[Cell, ...]:
    """Only the sum leads on: the lists behind it are not cut by days."""
    day = f"{day_and_month(line.day)} {line.day.year}" if line.day else t("courrier.total")
    mailbox = line.mailbox or (t("courrier.toutes_boites") if line.day is None else t("courrier.pas_lu"))
    counts = (
        Cell(number(line.counts.get(one, 0)), LISTS.get(one, "") if linked and line.counts.get(one) else "")
        for one in columns
    )
    return (Cell(f"{day}, {mailbox}"), Cell(number(line.fetched)), *counts, Cell(number(line.difference)))
