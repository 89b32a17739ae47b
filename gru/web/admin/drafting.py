"""What do the pages about rules share: their addresses, the draft of who is logged in, and how it is shown?"""

from gru.domain.rights import may
from gru.office.publishing import Drafted
from gru.storage.simulations import TRIED_RULES, TriedRule
from gru.web import current
from gru.web.admin.rule_words import lines, pause_name
from gru.web.admin.rules_page import DraftView
from gru.web.forms import Field, FormView
from gru.web.i18n import t
from gru.web.pages import Link
from gru.web.reports.report_page import DataTable

ENGAGEMENTS = "/admin/engagements"
CALENDARS = "/admin/calendriers"
RUNS = "/admin/simulations"
PUBLISH = "/admin/publier"
PAGES = (ENGAGEMENTS, CALENDARS)


def mine() -> Drafted:
    """The draft of who is logged in."""
    return current.office().publishing.draft(current.agent().id)


def nav(here: str) -> tuple[Link, ...]:
    pages = ((ENGAGEMENTS, t("admin.engagements")), (CALENDARS, t("admin.calendriers")))
    return tuple(Link(href, label, current=href == here) for href, label in pages)


def in_force() -> str:
    """Which version holds now, and which one will."""
    book, french = current.office().town, current.french()
    now, latest = book.in_force(current.now()), book.latest()
    said = t("simulateur.en_vigueur", n=now.number, date=french.long_day(now.valid_from))
    if latest.number == now.number:
        return said
    return f"{said} {t('simulateur.a_venir', n=latest.number, date=french.long_day(latest.valid_from))}"


def differences(drafted: Drafted, caption: str) -> DataTable | None:
    rows = tuple(lines(drafted.latest, drafted.town, drafted.differing))
    return DataTable(t(caption), heads(), rows) if rows else None


def heads() -> tuple[str, ...]:
    return t("simulateur.ce_qui_change"), t("simulateur.aujourdhui"), t("simulateur.propose")


def view(drafted: Drafted, here: str) -> DraftView | None:
    table = differences(drafted, "simulateur.ce_qui_change")
    if table is None:
        return None
    return DraftView(
        table=table,
        simulate=simulate_form(),
        publish=PUBLISH if may(current.agent(), "administer") else "",
        discard=f"{ENGAGEMENTS}/abandonner?vers={here}",
        meanwhile=meanwhile(drafted),
        warning=warning(drafted),
    )


def warning(drafted: Drafted) -> str:
    if drafted.base == drafted.latest.number:
        return ""
    day = current.french().long_day(drafted.latest.valid_from)
    return t("simulateur.entretemps", n=drafted.latest.number, date=day)


def meanwhile(drafted: Drafted) -> DataTable | None:
    """What other versions changed since the draft was begun."""
    if not drafted.meanwhile:
        return None
    before = current.office().town.version(drafted.base)
    rows = tuple(lines(before, drafted.latest, drafted.meanwhile))
    heads_ = (t("simulateur.ce_qui_a_change"), t("simulateur.avant"), t("simulateur.aujourdhui"))
    return DataTable(t("simulateur.change_entretemps"), heads_, rows) if rows else None


def tried(rule: TriedRule) -> str:
    """« Selon ces règles », « Aucune attente (pour voir seulement) »."""
    return t("simulateur.selon_regles") if rule == "version" else t("simulateur.pour_voir", regle=pause_name(rule))


def simulate_form() -> FormView:
    choices = tuple((rule, tried(rule)) for rule in TRIED_RULES)
    field = Field("pauses", t("simulateur.pauses"), "select", TRIED_RULES[0], choices=choices)
    return FormView(RUNS, t("simulateur.simuler"), (field,))
