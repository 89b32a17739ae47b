"""How is a clock of a case shown, from which second to which, and what does its file hold?"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import get_args

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from gru.domain.explaining import LAWS, LIVES, PROMISES, Clock, Explained, History, Part, Stretch, explain_clock
from gru.web import current, labels
from gru.web.agents.case_view import amount
from gru.web.agents.clock_links import CLOCK_OF, SLUGS, address, clocks_of, name
from gru.web.agents.explaining_page import CauseRow, ExplainedPage, MoveRow, PartView, StretchRow, WaitRow
from gru.web.agents.queue_page import Empty
from gru.web.agents.sheet import Sheet, moment, open_sheet
from gru.web.agents.shell import shell
from gru.web.badges import Badge, deadline_badge
from gru.web.dates import French, long_date
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link, LinkGroup, Row

pages = Blueprint("explaining", __name__)

MOST_ROWS = 400
"""A case of some months; the file holds all."""

_GROUPS = (("calcul.ville", PROMISES), ("calcul.loi", LAWS), ("calcul.durees", LIVES))
_CAUSES = {
    "open": "calcul.ouvert",
    "closed": "calcul.ferme",
    "holiday": "calcul.ferie",
    "closure": "calcul.fermeture",
    "day": "calcul.jour",
    "weekend": "calcul.weekend",
    "trigger": "calcul.jour_depart",
    "franc": "calcul.franc",
    "incomplete": "calcul.incomplet",
}
_PARTS: dict[Part, str] = {"used": "calcul.part_used", "left": "calcul.part_left", "over": "calcul.part_over"}


@pages.get("/agent/demandes/<ref>/calcul/<slug>")
@owned("see")
def show_clock(ref: str, slug: str) -> ResponseReturnValue:
    at, fact = moment()
    sheet = open_sheet(ref, at=at, fact=fact)
    clock = CLOCK_OF.get(slug)
    if clock is None:
        abort(404)
    return render_template("agents/explained.html", page=_page(sheet, clock), shell=shell())


@pages.get("/agent/demandes/<ref>/calcul/<slug>/csv")
@owned("see")
def show_clock_csv(ref: str, slug: str) -> ResponseReturnValue:
    at, fact = moment()
    sheet = open_sheet(ref, at=at, fact=fact)
    explained = explain(sheet, CLOCK_OF[slug]) if slug in CLOCK_OF else None
    if explained is None:
        abort(404)
    response = Response(csv_of(sheet, explained), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.ref}-{slug}.csv"'
    return response


def explain(sheet: Sheet, clock: Clock) -> Explained | None:
    """The clock as the sheet shows the case: now, or as it was."""
    return explain_clock(History(sheet.history, sheet.at), current.office().town.counting, clock)


def _page(sheet: Sheet, clock: Clock) -> ExplainedPage:
    explained = explain(sheet, clock)
    groups = tuple(
        LinkGroup(t(title), tuple(_link(sheet, one, clock) for one in clocks_of(sheet) if one in clocks))
        for title, clocks in _GROUPS
    )
    page = ExplainedPage(
        ref=sheet.ref,
        back=sheet.base + (f"?fait={len(sheet.history)}" if sheet.is_past else ""),
        title=t("calcul.titre", quoi=name(clock)),
        note=t("echeance.legal_attention") if clock in (*PROMISES, *LAWS) else t("calcul.note_duree"),
        clocks=tuple(group for group in groups if group.links),
    )
    if explained is None:
        empty = Empty(t("calcul.vide_titre"), t("calcul.vide_texte"))
        return replace(page, empty=empty)
    parts = tuple(_parts(sheet, explained))
    shown = sum(len(part.rows) for part in parts)
    return replace(
        page,
        badge=_badge(sheet, explained) if clock in PROMISES else None,
        sum=_sum(sheet, explained),
        rows=tuple(_rows(sheet, explained)),
        causes=tuple(_by_cause(sheet, explained)),
        parts=parts,
        total=_total(explained),
        moves=tuple(_moves(sheet, explained)),
        waits=tuple(_waits(sheet, explained)),
        csv=address(sheet, clock, "/csv"),
        more=t("calcul.suite", n=number(len(explained.stretches))) if shown < len(explained.stretches) else "",
    )


def _link(sheet: Sheet, clock: Clock, shown: Clock) -> Link:
    return Link(address(sheet, clock), name(clock), current=clock == shown)


# --- what it adds up to ------------------------------------------------------------------------------------------


def exact(seconds: int) -> str:
    """To the second: « 26 h 30 min », « 45 s »."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [t("calcul.h", n=number(hours)) if hours else "", t("calcul.min", n=minutes) if minutes else ""]
    if left or not (hours or minutes):
        parts.append(t("calcul.s", n=left))
    return " ".join(part for part in parts if part)


def _badge(sheet: Sheet, one: Explained) -> Badge | None:
    if not one.running:
        return None
    commitment = sheet.case.commitments[PROMISES[one.clock]]
    return deadline_badge(sheet.french_then, one.calendar, one.due, commitment.warn_at, one.paused_since)


def _sum(sheet: Sheet, one: Explained) -> str:
    """The arithmetic in one line, or how long it took."""
    french = sheet.french_then
    if one.due is None or one.amount is None:
        return t("calcul.somme_duree", duree=exact(one.counted("used")), ouverte=exact(one.worked))
    begins = french.prose(one.start)
    ends = french.last_day(one.due) if one.in_days else french.deadline(one.due)
    if one.prolonged:
        return t("calcul.ligne_prolongee", date_fin=ends)
    length = amount(one.amount)
    if one.in_days:
        return t("calcul.ligne_jours", date_depart=begins, duree=length, date_fin=ends)
    paused = sum(part.seconds for part in one.stretches if part.cause.startswith("pause:") and part.part != "over")
    if not paused:
        return t("calcul.ligne", date_depart=begins, duree=length, calendrier=one.calendar.code, date_fin=ends)
    if one.paused_since is not None and one.limit is not None:
        ends = t("calcul.provisoire", date=french.deadline(one.limit))
    return t("echeance.calcul_ligne", date_depart=begins, duree=length, calendrier=one.calendar.code,
             pause=exact(paused), date_fin=ends)  # fmt: skip


def _total(one: Explained) -> str:
    """What the counted stretches add up to: the figure that is shown."""
    if one.in_days:
        return t("calcul.total_jours", n=one.days)
    if one.due is None:
        return t("calcul.total_duree", duree=exact(one.counted("used")), pause=exact(one.paused))
    return t("calcul.total", duree=exact(one.counted("used", "left")))


def _rows(sheet: Sheet, one: Explained) -> Iterator[Row]:
    french = sheet.french_then
    yield Row(t("calcul.debut"), french.prose(one.start), src=t(f"calcul.debut_{one.begins_with}"))
    if one.amount is not None:
        yield Row(t("calcul.duree"), amount(one.amount), src=one.rule or one.basis)
    zone = one.calendar.timezone
    days_of = sheet.case.days_of
    corrected = t("calcul.jours_corriges", n=days_of) if days_of else ""
    said = t("calcul.jours_francais") if one.clock in LAWS else one.calendar.code
    source = " · ".join(part for part in (zone, t("calcul.version", n=sheet.case.town_version), corrected) if part)
    yield Row(t("calcul.calendrier"), said, src=source)
    if one.due is not None:
        yield Row(t("calcul.echeance"), french.last_day(one.due) if one.in_days else french.deadline(one.due))
    if one.clock == "legal:silence":
        key = {"acceptance": "accuses.silence_accord", "rejection": "accuses.silence_rejet"}.get(one.regime)
        yield Row(t("calcul.regime"), t(key or "accuses.silence_special"))
    if one.met_at is not None:
        yield Row(t("calcul.fait_le"), french.prose(one.met_at))
    elif not one.running:
        yield Row(t("calcul.fait_le"), t("echeance.sans_objet"))
    if one.paused_since is not None:
        yield Row(t("calcul.en_pause"), french.prose(one.paused_since))
    if one.clock in PROMISES and not one.in_days:
        yield Row(t("calcul.utilise"), exact(one.counted("used")))
        if one.counted("over"):
            yield Row(t("calcul.retard"), exact(one.counted("over")), strong=True)
        elif one.running:
            yield Row(t("calcul.reste"), exact(one.counted("left")))


# --- the lines ---------------------------------------------------------------------------------------------------


def why(cause: str) -> str:
    if not cause.startswith("pause:"):
        return t(_CAUSES[cause])
    _, party, reason = cause.split(":", 2)
    return t("calcul.pause", qui=labels.said(labels.PARTIES, party).lower(),
             motif=labels.said(labels.WAIT_REASONS, reason).lower())  # fmt: skip


def _whose(one: Stretch) -> str:
    return t("calcul.commune") if one.party == "town" else labels.said(labels.PARTIES, one.party)


def _instant(french: French, at: datetime) -> str:
    local = french.local(at)
    return f"{long_date(local.date())}, {local:%H:%M:%S}"


def _parts(sheet: Sheet, one: Explained) -> Iterator[PartView]:
    left = MOST_ROWS
    for part in get_args(Part):
        stretches = [stretch for stretch in one.stretches if stretch.part == part]
        if not stretches:
            continue
        rows = tuple(
            StretchRow(
                start=_instant(sheet.french, stretch.start),
                end=_instant(sheet.french, stretch.end),
                length=exact(stretch.seconds) if not one.in_days else _days(stretch),
                counted=stretch.counted,
                why=why(stretch.cause),
                whose=_whose(stretch),
            )
            for stretch in stretches[:left]
        )
        left -= len(rows)
        counted = t("calcul.jours", n=one.days) if one.in_days else exact(one.counted(part))
        title = t("calcul.part_jours") if one.in_days else t(_PARTS[part])
        yield PartView(title, rows, counted, exact(one.skipped(part)))


def _days(one: Stretch) -> str:
    return t("calcul.jours", n=one.days) if one.counted else exact(one.seconds)


def _by_cause(sheet: Sheet, one: Explained) -> Iterator[CauseRow]:
    """The same once more, by cause: what was counted before what was not."""
    seconds: Counter[tuple[bool, str]] = Counter()
    days: Counter[tuple[bool, str]] = Counter()
    for stretch in one.stretches:
        seconds[stretch.counted, stretch.cause] += stretch.seconds
        days[stretch.counted, stretch.cause] += stretch.days
    for key in sorted(seconds, key=lambda key: (not key[0], -seconds[key])):
        counted, cause = key
        length = t("calcul.jours", n=days[key]) if counted and one.in_days else exact(seconds[key])
        yield CauseRow(why(cause), counted, length)


def _fact(sheet: Sheet, number: int) -> Link:
    return Link(f"{sheet.base}/faits/{number}", t("calcul.fait", n=number))


def _moves(sheet: Sheet, one: Explained) -> Iterator[MoveRow]:
    french = sheet.french_then
    said = french.last_day if one.in_days else french.deadline
    for move in one.moves:
        reason = move.reason if one.clock in LAWS else t(f"calcul.motif_{move.reason}")
        before = said(move.before) if move.before else ""
        yield MoveRow(_fact(sheet, move.number), french.listed(move.at), reason, before, said(move.due))


def _waits(sheet: Sheet, one: Explained) -> Iterator[WaitRow]:
    french = sheet.french_then
    for wait in one.waits:
        effects = [t("calcul.arrete") if wait.stops else t("calcul.n_arrete_pas")]
        if wait.afterwards:
            effects.append(t("calcul.apres_coup"))
        if wait.until is not None:
            effects.append(t("calcul.delai_donne", date=french.last_day(wait.until)))
        yield WaitRow(
            fact=_fact(sheet, wait.number),
            who=labels.said(labels.PARTIES, wait.party),
            why=labels.said(labels.WAIT_REASONS, wait.reason),
            start=french.listed(wait.since),
            end=french.listed(wait.ended_at) if wait.ended_at else t("calcul.en_cours"),
            effect=" · ".join(effects),
        )


# --- the file ----------------------------------------------------------------------------------------------------


def csv_of(sheet: Sheet, one: Explained) -> bytes:
    """Every stretch, whole, then what they add up to; instants with their offset, semicolons, for a spreadsheet."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";")
    lines.writerow([t(f"calcul.csv_{column}") for column in _COLUMNS])
    french, slug = sheet.french, SLUGS[one.clock]
    for stretch in one.stretches:
        counted = t("calcul.oui") if stretch.counted else t("calcul.non")
        part = t("calcul.part_jours") if one.in_days else t(_PARTS[stretch.part])
        lines.writerow([
            sheet.ref, slug, french.iso(stretch.start), french.iso(stretch.end), stretch.seconds, stretch.days or "",
            counted, why(stretch.cause), _whose(stretch), part,
        ])  # fmt: skip
    whole = sum(stretch.seconds for stretch in one.stretches if stretch.counted)
    lines.writerow([
        sheet.ref, slug, french.iso(one.start), french.iso(one.limit or one.stop), whole,
        one.days if one.in_days else "", t("calcul.oui"), t("calcul.csv_total"), "", "",
    ])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


_COLUMNS = ("demande", "horloge", "debut", "fin", "secondes", "jours", "compte", "cause", "qui", "partie")
