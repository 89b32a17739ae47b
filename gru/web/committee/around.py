"""What does the report say of the agents' difficulties, of residents' opinions and of the weeks to come?"""

from collections.abc import Iterator
from datetime import date, timedelta

from gru.domain.statistics import Forecast
from gru.office.figures.beside import Beside
from gru.office.figures.outlook import Outlook
from gru.office.papers import Cell, Grid, Part
from gru.web.committee.live import NOTHING, Live, counted, share_cell
from gru.web.i18n import t
from gru.web.reports import difficulties, exports, opinions, prevision
from projections.ratings import Opinion

TOO_FEW = 5


def hindering(live: Live) -> Iterator[Part]:
    """Declared, answered, observed, rewritten: by groups of five agents or more, as on their own page."""
    found = live.beside
    if not found.groups.enough:
        yield Part(finding=t("pilotage.petit"))
        return
    names = difficulties.Names(live.town, found.groups)
    sections = (
        difficulties.reasons(found.declared, names),
        *((difficulties.answers(found.declared),) if found.declared.total else ()),
        difficulties.observed(found.observed, names),
        *difficulties.templates(found.rewritten, live.town),
    )
    yield from map(exports.part_of, sections)


# --- what residents think ----------------------------------------------------------------------------------------


def satisfied(found: Beside, now: str, earlier: str) -> Part:
    """The share of high scores, never without how many answered; of the period and of the one before."""
    rows = tuple(_opinion(name, one) for name, one in ((now, found.opinion), (earlier, found.before)) if one.asked)
    heads = tuple(t(key) for key in ("rapport.periode", "avis.envoyees", "avis.reponses", "avis.taux", "avis.huit"))
    title = t("rapport.satisfaction")
    return Part(
        title,
        finding=_thought(found.opinion),
        note=t("rapport.satisfaction_note"),
        grid=Grid(title, heads, rows) if rows else None,
    )


def _thought(one: Opinion) -> str:
    if not one.asked:
        return t("avis.aucune_enquete")
    return opinions.rated(one) if one.answered >= TOO_FEW else t("avis.trop_peu", n=one.asked)


def _opinion(name: str, one: Opinion) -> tuple[Cell, ...]:
    if one.answered < TOO_FEW:
        return (Cell(name), counted(one.asked), *(Cell(NOTHING),) * 3)
    rate, high = 100 * one.answered / one.asked, 100 * one.high / one.answered
    shares = (share_cell(rate, one.asked), share_cell(high, one.answered))
    return (Cell(name), counted(one.asked), counted(one.answered), *shares)


# --- what is to be expected --------------------------------------------------------------------------------------


def expected(found: Outlook, live: Live) -> Part:
    """The next week, with its band and with how wrong such a forecast was."""
    title, monday = t("rapport.prevision"), _next(found, live)
    if found.coming is None or found.breaking is None or monday is None:
        return Part(title, finding=t("pilotage.prevision_court", n=str(len(found.came))))
    return Part(
        title,
        finding=prevision.foreseen("arrivees", found.coming.weeks[0], monday),
        paragraphs=(prevision.foreseen("depassees", found.breaking.weeks[0], monday), prevision.tried(found.coming)),
    )


def _next(found: Outlook, live: Live) -> date | None:
    """The Monday after the last week told."""
    zone = live.town.legal_calendar.zone
    return found.weeks[-1].astimezone(zone).date() + timedelta(weeks=1) if found.weeks else None


def erring(found: Outlook) -> tuple[str, ...]:
    """How the forecast is made, and how wrong it was for each of the two."""
    told: tuple[tuple[str, Forecast | None], ...] = (("arrivees", found.coming), ("depassees", found.breaking))
    lines = tuple(
        t("rapport.def_prevision", quoi=t(f"pilotage.prevision_{what}"), erreur=prevision.tried(coming))
        for what, coming in told
        if coming
    )
    return (*lines, t("pilotage.prevision_methode")) if lines else ()
