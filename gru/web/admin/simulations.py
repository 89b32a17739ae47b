"""What would the last twelve months have looked like under a draft, beside what they were?"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.errors import Refused
from gru.domain.rights import may, scope_of
from gru.domain.simulating import KINDS, BetterOrWorse, changed, differences
from gru.office.simulating import PAGE
from gru.storage.simulations import TRIED_RULES, Flipped, Run, TriedRule
from gru.web import current
from gru.web.admin import comparing, drafting
from gru.web.admin.rule_words import kind_name, lines, pause_name
from gru.web.admin.rules_page import FlipsPage, RunPage
from gru.web.agents.shell import BASE, shell
from gru.web.dates import elapsed
from gru.web.errors import sentence
from gru.web.forms import Choices, Field, FormView, whole_number
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Row
from gru.web.reports.report_page import Cell, DataTable

pages = Blueprint("simulations", __name__)

WAYS: dict[str, BetterOrWorse] = {"pire": "worse", "mieux": "better"}


def runs() -> tuple[Row, ...]:
    """The simulations asked for last."""
    french = current.french()
    return tuple(
        Row(french.listed(run.asked_at), t(f"simulateur.etat.{run.state}"), f"{drafting.RUNS}/{run.id}", _asker(run))
        for run in current.office().simulations.latest()
    )


def _asker(run: Run) -> str:
    agent = current.everybody().get(run.asked_by.removeprefix("agent:"))
    return agent.name if agent else t("simulateur.exploitant")


@pages.post(drafting.RUNS)
@owned("simulate")
def start() -> ResponseReturnValue:
    rule = request.form.get("pauses", "")
    found: list[TriedRule] = [known for known in TRIED_RULES if known == rule]
    if not found:
        flash(t("erreur.choisir"), "alert")
        return redirect(drafting.ENGAGEMENTS, 303)
    drafted, agent = drafting.mine(), current.agent()
    try:
        run = current.office().simulating.ask(drafted.changes, drafted.latest.number, f"agent:{agent.id}", found[0])
    except Refused as refused:
        flash(sentence(refused), "alert")
        return redirect(drafting.ENGAGEMENTS, 303)
    return redirect(f"{drafting.RUNS}/{run.id}", 303)


@pages.get(f"{drafting.RUNS}/<slug>")
@owned("simulate")
def show(slug: str) -> ResponseReturnValue:
    run = _run(slug)
    kind = request.args.get("engagement", "")
    chosen = kind if kind in KINDS else "resolve"
    here = f"{drafting.RUNS}/{run.id}"
    counted = run.tally.cases > 0
    page = RunPage(
        title=t("simulateur.titre"),
        nav=drafting.nav(""),
        facts=_facts(run),
        changes=_changes(run),
        done=run.done,
        total=max(run.total, run.done, 1),
        progress=t("simulateur.avancement", n=run.done, total=run.total),
        running=run.state in ("waiting", "running"),
        again=here,
        form=_turn(run, here),
        finding=comparing.finding(run.tally) if counted else t("simulateur.vide") if run.state == "done" else "",
        notes=comparing.notes(run),
        sections=comparing.sections(run, chosen, here, current.town()) if counted else (),
        action=here,
        filters=(_kind_field(chosen, every=False),),
        publish=drafting.PUBLISH if _is_drafted(run) and may(current.agent(), "administer") else "",
    )
    return render_template("admin/simulation.html", page=page, shell=shell(space="rules"))


def _is_drafted(run: Run) -> bool:
    """What was simulated is what would be published."""
    return run.changes.any and run.changes == drafting.mine().changes and run.pauses == "version"


def _run(slug: str) -> Run:
    run = current.office().simulations.run(slug)
    if run is None:
        abort(404)
    return run


def _facts(run: Run) -> tuple[Row, ...]:
    french, book = current.french(), current.office().town
    first, latest = book.in_force(run.start_at).number, book.in_force(run.end_at).number
    official = t("simulateur.versions", a=first, b=latest) if first != latest else t("simulateur.version", n=latest)
    changed_ = "simulateur.version_modifiee" if run.changes.any else "simulateur.version"
    return (
        Row(t("simulateur.demandee"), t("simulateur.par", nom=_asker(run), date=french.prose(run.asked_at))),
        Row(t("simulateur.periode"), t("simulateur.du_au", debut=french.long_day(run.start_at),
                                       fin=french.long_day(run.end_at))),
        Row(t("simulateur.arret"), t("simulateur.position", n=number(run.position))),
        Row(t("simulateur.officiel"), t("simulateur.officiel_texte", versions=official)),
        Row(t("simulateur.simule"), t(changed_, n=run.town_version)),
        Row(t("simulateur.pauses"), _pauses(run)),
        Row(t("simulateur.calcul"), t("simulateur.calcul_texte", duree=elapsed(run.milliseconds / 1000),
                                      date=french.long_day(run.ends_at))),
    )  # fmt: skip


def _pauses(run: Run) -> str:
    if run.pauses != "version":
        return drafting.tried(run.pauses)
    return pause_name(changed(current.office().town.version(run.town_version), run.changes).pauses)


def _changes(run: Run) -> DataTable | None:
    before = current.office().town.version(run.town_version)
    after = changed(before, run.changes)
    rows = tuple(lines(before, after, differences(before, after)))
    return DataTable(t("simulateur.ce_qui_change"), drafting.heads(), rows) if rows else None


def _turn(run: Run, here: str) -> FormView | None:
    if run.state in ("waiting", "running"):
        return FormView(f"{here}/arreter", t("simulateur.arreter"))
    if run.state in ("stopped", "failed"):
        return FormView(f"{here}/reprendre", t("simulateur.reprendre"))
    return None


@pages.post(f"{drafting.RUNS}/<slug>/arreter")
@owned("simulate")
def stop(slug: str) -> ResponseReturnValue:
    current.office().simulating.stop(_run(slug).id)
    return redirect(f"{drafting.RUNS}/{slug}", 303)


@pages.post(f"{drafting.RUNS}/<slug>/reprendre")
@owned("simulate")
def go_on(slug: str) -> ResponseReturnValue:
    current.office().simulating.go_on(_run(slug).id)
    return redirect(f"{drafting.RUNS}/{slug}", 303)


def _kind_field(chosen: str, *, every: bool) -> Field:
    all_: Choices = (("", t("simulateur.tous_engagements")),) if every else ()
    choices = (*all_, *((kind, kind_name(kind)) for kind in KINDS))
    return Field("engagement", t("simulateur.engagement"), "select", chosen, choices=choices)


# --- the cases that flip -----------------------------------------------------------------------------------------


@pages.get(f"{drafting.RUNS}/<slug>/demandes")
@owned("simulate")
def show_flips(slug: str) -> ResponseReturnValue:
    run = _run(slug)
    asked, kind = request.args.get("sens", ""), request.args.get("engagement", "")
    way = asked if asked in WAYS else "pire"
    kind = kind if kind in KINDS else ""
    at = max(1, whole_number(request.args.get("page", "")) or 1)
    scope = scope_of(current.agent())
    total, found = current.office().simulating.flipped(run.id, WAYS[way], kind, scope, at)
    here = f"{drafting.RUNS}/{run.id}"
    listed = f"{here}/demandes?sens={way}&engagement={kind}"
    ways: Choices = tuple((code, t(f"simulateur.sens.{code}")) for code in WAYS)
    last = max(1, -(-total // PAGE))
    page = FlipsPage(
        title=t(f"simulateur.sens.{way}"),
        text=t("simulateur.basculent", n=total),
        back=here,
        action=f"{here}/demandes",
        filters=(Field("sens", t("simulateur.sens"), "select", way, choices=ways), _kind_field(kind, every=True)),
        table=_flips(found) if found else None,
        note=t("simulateur.pourquoi_mieux") if found and way == "mieux" else "",
        before=f"{listed}&page={at - 1}" if at > 1 else "",
        after=f"{listed}&page={at + 1}" if at < last else "",
        pager=t("commun.page", n=number(at), total=number(last)) if last > 1 else "",
    )
    return render_template("admin/flips.html", page=page, shell=shell(space="rules"))


def _flips(found: list[Flipped]) -> DataTable:
    french, town = current.french(), current.town()
    rows = tuple(
        (
            Cell(one.number, f"{BASE}/{one.number}"),
            Cell(town.types[one.type].label if one.type in town.types else t("simulateur.sans_type")),
            Cell(town.departments[one.department].name if one.department in town.departments else one.department),
            Cell(kind_name(one.kind)),
            Cell(french.deadline(one.official_due)),
            Cell(french.deadline(one.simulated_due)),
            Cell(french.listed(one.kept_at) if one.kept_at else t("simulateur.pas_encore")),
        )
        for one in found
    )
    heads = ("simulateur.demande", "champ.type", "champ.service", "simulateur.engagement", "simulateur.date_officielle",
             "simulateur.date_simulee", "simulateur.tenu_le")  # fmt: skip
    return DataTable(t("simulateur.liste"), tuple(t(key) for key in heads), rows)
