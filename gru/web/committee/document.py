"""What does the report to the committee say, page by page?

Page one: five figures. Page two: what is open, how old, and the ten oldest. Page three: where time goes. Page four:
difficulties and what was done. Then what is asked of the committee, and how all of it was counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from gru.domain.events import CommitmentKind
from gru.domain.report import Report
from gru.office.figures.committee import Balance, Group
from gru.office.papers import Cell, Chapter, Document, Grid, KeyFigure, Part, Picture
from gru.office.papers.documents import Mood
from gru.web import current, labels
from gru.web.agents.shell import BASE
from gru.web.charts import Bar, stacked_bars
from gru.web.committee import around
from gru.web.committee.live import Live, counted, days_cell, in_days, percent, share_cell, signed, told
from gru.web.dates import day_and_month, long_date
from gru.web.i18n import alphabetical, decimal, number, t
from gru.web.reports import exports, stock
from gru.web.reports.parcours import CLASSES, stage_name
from projections.base import STAGES

TARGET = 90
FEW, TOO_FEW = 20, 5


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision of the committee that takes effect in the period or before."""

    effect: date
    title: str
    whom: str


@dataclass(frozen=True, slots=True)
class Told:
    """What people wrote, section by section, and which decisions stand."""

    texts: Mapping[str, str]
    decisions: tuple[Taken, ...] = ()


def period_words(first: date, last: date) -> str:
    """« février 2026 » for a whole month, else « du 1er au 15 février 2026 »."""
    following = date.fromordinal(last.toordinal() + 1)
    if first.day == 1 and following.day == 1 and (last - first).days < 31:
        return f"{day_and_month(first).split(' ', 1)[1]} {first.year}"
    begin = day_and_month(first) if first.year == last.year else f"{day_and_month(first)} {first.year}"
    return t("rapport.du_au", du=begin, au=f"{day_and_month(last)} {last.year}")


def composed(report: Report, number_: int, live: Live, said: Told) -> Document:
    """The whole report as of the cut of its figures."""
    title = " ".join(told(said.texts.get("title", ""), live.named)) or t("rapport.titre")
    cut, french = live.summary.cut, current.french()
    arrest = t("pilotage.donnees_au", date=french.long_day(cut.at), heure=french.hour(cut.at))
    return Document(
        town=live.town.name,
        title=title,
        subtitle=period_words(report.first, report.last),
        facts=(
            (t("rapport.fait_arret"), f"{arrest}, {t('rapport.fait', n=str(cut.position))}"),
            (t("rapport.fait_version"), t("rapport.version_engagements", n=str(number_), v=str(live.town.number))),
        ),
        chapters=tuple(_chapters(report, live, said)),
    )


def _chapters(report: Report, live: Live, said: Told) -> Iterator[Chapter]:
    def words(section: str) -> tuple[str, ...]:
        return told(said.texts.get(section, ""), live.named)

    nothing = (t("rapport.rien_ecrit"),)
    yield Chapter("keep", t("rapport.retenir"), comment=words("keep") or nothing)
    yield Chapter(
        "key", t("rapport.page_chiffres"), figures=tuple(key_figures(live)), comment=words("comment/key"),
        parts=(around.satisfied(live.beside, period_words(report.first, report.last), _earlier(live)),),
    )  # fmt: skip
    yield Chapter(
        "backlog", t("rapport.page_stock"), comment=words("comment/backlog"), new_page=True,
        parts=(
            exports.part_of(stock.by_age(live.summary.bands, live.town)),
            _oldest(live),
            around.expected(live.beside.outlook, live),
        ),
    )  # fmt: skip
    yield Chapter(
        "time", t("rapport.page_temps"), comment=words("comment/time"), new_page=True,
        parts=(_stages(live), _by_department(live)),
    )  # fmt: skip
    done = Part(t("rapport.section.done"), paragraphs=words("done") or nothing)
    yield Chapter(
        "difficulties", t("rapport.page_difficultes"), comment=words("comment/difficulties"), new_page=True,
        parts=(*around.hindering(live), done),
    )  # fmt: skip
    yield Chapter(
        "decisions", t("rapport.decisions"), comment=words("decisions") or nothing, parts=(_decisions(said.decisions),)
    )
    yield Chapter("method", t("rapport.methode"), parts=(_method(report, live), *_limits(words("limits"))))


# --- page one ----------------------------------------------------------------------------------------------------


SHARES: tuple[tuple[CommitmentKind, str, int], ...] = (
    ("resolve", "rapport.cle.tenus", TARGET),
    ("first_response", "rapport.cle.reponses", TARGET),
    ("acknowledge", "rapport.cle.accuses", 100),
)


def key_figures(live: Live) -> Iterator[KeyFigure]:
    """Five, each with what it should be, how it moved, of how many, and what it means."""
    now, before = live.summary.town, live.summary.before
    for kind, name, target in SHARES:
        yield _share(name, now.share(kind), before.share(kind), target)
    yield _delay(now, before)
    yield _open(now.balance, now.late)


def _share(name: str, now: tuple[float | None, int], before: tuple[float | None, int], target: int) -> KeyFigure:
    value, of = now
    shown = value if of >= TOO_FEW else None
    kept = round((value or 0) * of / 100)
    sentence = t(f"{name}_phrase", tenues=kept, n=of) if shown is not None else t("rapport.trop_peu_phrase")
    return KeyFigure(
        name=t(name),
        value=share_cell(value, of),
        target=t("rapport.cible_part", pct=percent(target)),
        trend=_trend(shown, before[0] if before[1] >= TOO_FEW else None, "rapport.points"),
        count=_of(of),
        sentence=sentence,
        mood="" if shown is None else "good" if round(shown) >= target else "bad",
    )


def _delay(now: Group, before: Group) -> KeyFigure:
    value, of = now.within(80)
    earlier, earlier_of = before.within(80)
    shown = value if of >= TOO_FEW else None
    median = now.within(50)[0]
    sentence = (
        t("rapport.cle.delai_phrase", p80=in_days(value), mediane=in_days(median))
        if shown is not None
        else t("rapport.trop_peu_phrase")
    )
    return KeyFigure(
        name=t("rapport.cle.delai"),
        value=Cell(in_days(shown)) if shown is None else Cell(in_days(shown), round(shown, 1), unit="days"),
        target=t("rapport.cible_baisse"),
        trend=_trend(shown, earlier if earlier_of >= TOO_FEW else None, "rapport.jours_de", digits=1),
        count=_of(of),
        sentence=sentence,
        mood=_mood(shown, earlier if earlier_of >= TOO_FEW else None),
    )


def _open(balance: Balance, late: int) -> KeyFigure:
    moved = balance.end - balance.start
    return KeyFigure(
        name=t("rapport.cle.ouvertes"),
        value=counted(balance.end),
        target=t("rapport.cible_stock", n=balance.start),
        trend=t("rapport.depuis_debut", signe=signed(moved)),
        count=t("rapport.recues_closes", recues=number(balance.opened + balance.reopened), n=balance.closed),
        sentence=t("rapport.cle.ouvertes_phrase", n=late),
        mood="good" if moved <= 0 else "bad",
    )


def _mood(now: float | None, before: float | None) -> Mood:
    """Less is better."""
    if now is None or before is None or round(now, 1) == round(before, 1):
        return ""
    return "good" if now < before else "bad"


def _trend(now: float | None, before: float | None, key: str, digits: int = 0) -> str:
    if now is None or before is None:
        return t("rapport.pas_de_comparaison")
    moved = round(now, digits) - round(before, digits)
    if not round(moved, digits):
        return t("rapport.stable")
    sign = "+" if moved > 0 else "−"
    return t(key, signe=sign, valeur=decimal(abs(moved), digits), n=1 if abs(moved) < 2 else 2)


def _of(of: int) -> str:
    return f"{t('rapport.sur_n', n=of)}{' ' + t('rapport.prudence') if TOO_FEW <= of < FEW else ''}"


# --- pages two and three -----------------------------------------------------------------------------------------


def _oldest(live: Live) -> Part:
    zone, town = live.town.legal_calendar.zone, live.town
    today = live.summary.cut.at.astimezone(zone).date()
    rows = []
    for one in live.summary.oldest:
        day = one.received_at.astimezone(zone).date()
        kind = town.types[one.type].label if one.type in town.types else t("rapport.sans_type")
        rows.append(
            (
                Cell(one.number, href=f"{BASE}/{one.number}"),
                Cell(kind if one.normal else t("rapport.confidentielle")),
                Cell(town.departments[one.department].name if one.department in town.departments else one.department),
                Cell(f"{day:%d/%m/%Y}", day=day),
                counted((today - day).days),
                Cell(labels.status(one.status, one.waiting_on).text),
                Cell(t("rapport.oui") if one.late else t("rapport.non")),
            )
        )
    keys = ("reference", "type", "service", "recue", "age", "statut", "retard")
    grid = Grid(t("rapport.dix_anciennes"), tuple(t(f"rapport.tete.{key}") for key in keys), tuple(rows))
    return Part(t("rapport.dix_anciennes"), note=t("rapport.dix_note"), grid=grid if rows else None)


def _stages(live: Live) -> Part:
    """Shares of elapsed time, which add up to the whole; beside them nothing is averaged."""
    known = [(live.town.departments[code].name, group) for code, group in live.summary.departments.items()]
    enough = [(name, group) for name, group in known if group.rounds >= TOO_FEW and group.gross]
    shown = sorted(enough, key=lambda pair: alphabetical(pair[0]))
    title, town = t("rapport.temps_titre"), live.summary.town
    if not town.gross or not shown:
        return Part(title, finding=t("rapport.temps_vide"))
    most = max(range(len(STAGES)), key=lambda n: town.stages[n])
    finding = t("rapport.temps_trouve", etape=stage_name(STAGES[most]), pct=percent(_of_gross(town, most)))
    bars = tuple(
        Bar(name, tuple(_of_gross(group, n) for n in range(len(STAGES))), f"n = {number(group.rounds)}")
        for name, group in shown
    )
    names = tuple(stage_name(stage) for stage in STAGES)
    key = tuple(zip(CLASSES, names, strict=True))
    rows = tuple(_stage_row(name, group) for name, group in ((t("rapport.ensemble"), town), *shown))
    return Part(
        title,
        finding=finding,
        note=t("rapport.temps_note"),
        picture=Picture(str(stacked_bars(title, finding, bars, CLASSES)), finding, key),
        grid=Grid(t("rapport.temps_tableau"), (t("champ.service"), *names, t("rapport.tete.closes")), rows),
    )


def _of_gross(group: Group, stage: int) -> float:
    return 100 * group.stages[stage] / group.gross


def _stage_row(name: str, group: Group) -> tuple[Cell, ...]:
    shares = tuple(share_cell(_of_gross(group, n), group.rounds) for n in range(len(STAGES)))
    return (Cell(name), *shares, counted(group.rounds))


def _by_department(live: Live) -> Part:
    known = [(live.town.departments[code].name, group) for code, group in live.summary.departments.items()]
    named = sorted(known, key=lambda pair: alphabetical(pair[0]))
    rows = tuple(_department_row(name, group) for name, group in ((t("rapport.ensemble"), live.summary.town), *named))
    keys = ("echues", "part", "resolues", "mediane", "p80", "p90")
    heads = (t("champ.service"), *(t(f"rapport.tete.{key}") for key in keys))
    return Part(t("rapport.par_service"), note=t("rapport.par_service_note"),
                grid=Grid(t("rapport.par_service"), heads, rows))  # fmt: skip


def _department_row(name: str, group: Group) -> tuple[Cell, ...]:
    share, due = group.share("resolve")
    resolved = group.within(50)[1]
    delays = tuple(days_cell(group.within(percent_)[0], resolved) for percent_ in (50, 80, 90))
    return (Cell(name), counted(due), share_cell(share, due), counted(resolved), *delays)


# --- the last pages ----------------------------------------------------------------------------------------------


def _decisions(taken: tuple[Taken, ...]) -> Part:
    rows = tuple((Cell(f"{one.effect:%d/%m/%Y}", day=one.effect), Cell(one.title), Cell(one.whom)) for one in taken)
    heads = tuple(t(f"rapport.tete.{key}") for key in ("effet", "decision", "concerne"))
    grid = Grid(t("rapport.deja_decide"), heads, rows)
    return Part(t("rapport.deja_decide"), grid=grid) if rows else Part()


def _method(report: Report, live: Live) -> Part:
    balance, cut = live.summary.town.balance, live.summary.cut
    lines = (
        t("rapport.def_periode", du=long_date(report.first), au=long_date(report.last), avant=_earlier(live)),
        t("rapport.def_respect"),
        t("rapport.def_delai"),
        t("rapport.def_stock"),
        t("rapport.def_temps"),
        t("rapport.def_satisfaction"),
        *around.erring(live.beside.outlook),
        t("rapport.def_difficultes"),
        *exports.definitions(live.town),
        t("rapport.def_exclusions"),
        t("rapport.def_arret", n=str(cut.position), version=str(live.town.number), empreinte=live.town.digest[:16]),
        _reconciled(balance),
    )
    return Part(paragraphs=lines)


def _earlier(live: Live) -> str:
    """The period that this one is compared with."""
    return period_words(*live.summary.before_period.days(live.town.legal_calendar.zone))


def _reconciled(balance: Balance) -> str:
    """Opened less closed is the change of what is open; should it ever not be, the report says so."""
    key = "rapport.controle_juste" if balance.difference == 0 else "rapport.controle_faux"
    return t(
        key,
        debut=number(balance.start),
        recues=number(balance.opened),
        rouvertes=number(balance.reopened),
        closes=number(balance.closed),
        fin=number(balance.end),
        ecart=signed(-balance.difference),
        somme=number(balance.end + balance.difference),
    )


def _limits(written: tuple[str, ...]) -> tuple[Part, ...]:
    return (Part(t("rapport.section.limits"), paragraphs=written),) if written else ()
