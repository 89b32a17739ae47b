"""What would the last twelve months have looked like under other rules? `gru simulate`, changing nothing."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click
from msgspec import ValidationError
from msgspec.structs import replace

from gru import settings
from gru.bootstrap import Office, open_office
from gru.cli.progress import show_progress
from gru.domain.clocks import parse_amount
from gru.domain.errors import Refused
from gru.domain.rights import LEVELS, Scope
from gru.domain.simulating import (
    BY_DEPARTMENT,
    BY_TYPE,
    BY_WEEK,
    KINDS,
    BetterOrWorse,
    By,
    CalendarChange,
    Changes,
    Counts,
    between,
    targets_of,
)
from gru.domain.town import Catalogue, Targets
from gru.office.town_hall import WrongCatalogue, read_folder
from gru.storage.simulations import TRIED_RULES, Run, TriedRule

BY = "system:operator"
EVERYTHING = Scope(everywhere=LEVELS[:2])
"""Secret cases are counted and not listed."""

GROUPS: dict[str, By] = {"department": BY_DEPARTMENT, "type": BY_TYPE, "week": BY_WEEK}


@click.command()
@click.option("--town", "folder", type=click.Path(exists=True, path_type=Path), default=None,
              help="Folder with another catalogue.yaml: its delays and calendars are tried.")  # fmt: skip
@click.option("--target", "targets", multiple=True, metavar="RULE/KIND=AMOUNT",
              help="As type/VOI-ECLAIR/resolve=3 jo or channel/web/acknowledge=1 jo.")  # fmt: skip
@click.option("--closed", "closures", multiple=True, metavar="CALENDAR=DAY", help="A day shut besides: VOI=2026-05-15.")
@click.option("--calendar", "calendars", multiple=True, metavar="DEPARTMENT=CALENDAR", help="Another one's hours.")
@click.option("--pauses", type=click.Choice(TRIED_RULES), default="version", show_default=True,
              help="Which waits stop the clock; version: as the catalogue says.")  # fmt: skip
@click.option("--by", "groups", type=click.Choice(list(GROUPS)), multiple=True, help="Show these groups too.")
@click.option("--flips", "listed", type=click.IntRange(0), default=0, help="List so many promises that flip each way.")
@click.option("--go-on", "id", default="", metavar="ID", help="Go on with one that was stopped.")
def simulate(
    folder: Path | None,
    targets: tuple[str, ...],
    closures: tuple[str, ...],
    calendars: tuple[str, ...],
    pauses: TriedRule,
    groups: tuple[str, ...],
    listed: int,
    id: str,
) -> None:
    """Judge the cases of the last twelve months under other rules, beside the official figures, which stay as they
    are. Ctrl-C stops it; --go-on begins again where it was."""
    with open_office(settings.read()) as office:
        try:
            run = _begun(office, folder, (targets, closures, calendars), pauses, id)
        except Refused as error:
            raise click.ClickException(str(error)) from None
        try:
            run = office.simulating.go(run, progress=lambda done, total: show_progress("cases", done, total))
        except KeyboardInterrupt:
            office.simulating.stop(run.id)
            raise click.ClickException(f"Stopped. Go on with: gru simulate --go-on {run.id}") from None
        _tell(run, groups)
        _list(office, run, listed)


def _begun(office: Office, folder: Path | None, said: tuple[tuple[str, ...], ...], pauses: TriedRule, id: str) -> Run:
    if not id:
        town = office.town.latest()
        changes = _changes(town, folder, *said)
        return office.simulating.ask(changes, town.number, BY, pauses, queued=False)
    office.simulating.go_on(id, queued=False)
    run = office.simulations.run(id)
    if run is None:
        raise click.ClickException(f"There is no simulation {id}.")
    return run


def _changes(
    town: Catalogue, folder: Path | None, targets: tuple[str, ...], closures: tuple[str, ...], hours: tuple[str, ...]
) -> Changes:
    changes = between(town, _read(folder)) if folder else Changes()
    rules, calendars, departments = dict(changes.targets), dict(changes.calendars), dict(changes.departments)
    for written in targets:
        rule, kind, value = _cut_target(written)
        rules[rule] = _with_amount(rules.get(rule) or targets_of(town, rule), kind, value, written)
    for written in closures:
        code, _, day = written.partition("=")
        before = calendars.get(_known(code, town.calendars), CalendarChange())
        calendars[code] = CalendarChange(before.week, (*before.shut, _day(day, written)), before.reopened)
    for written in hours:
        code, _, calendar = written.partition("=")
        departments[_known(code, town.departments)] = _known(calendar, town.calendars)
    return Changes(rules, changes.urgent, calendars, departments, changes.pauses)


def _read(folder: Path) -> Catalogue:
    try:
        return read_folder(folder).catalogue
    except WrongCatalogue as wrong:
        raise click.ClickException(f"The catalogue is refused whole:\n{wrong}") from None


def _cut_target(written: str) -> tuple[str, str, str]:
    rule, _, value = written.partition("=")
    rule, _, kind = rule.rpartition("/")
    if kind not in Targets.__struct_fields__ or not value:
        raise click.ClickException(f"“{written}” is no delay such as type/VOI-ECLAIR/resolve=3 jo.")
    return rule, kind, value


def _with_amount(targets: Targets, kind: str, value: str, written: str) -> Targets:
    try:
        return replace(targets, **{kind: None if value == "none" else parse_amount(value)})
    except (ValueError, ValidationError):
        raise click.ClickException(f"“{value}” in “{written}” is no time such as “3 jo”, “8 h” or “none”.") from None


def _known(code: str, codes: Mapping[str, object]) -> str:
    if code not in codes:
        raise click.ClickException(f"“{code}” is not known. There are: {', '.join(sorted(codes))}.")
    return code


def _day(day: str, written: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise click.ClickException(f"“{written}” names no day such as 2026-05-15.") from None


def _tell(run: Run, groups: tuple[str, ...]) -> None:
    click.echo(
        f"{run.tally.cases} cases received from {run.start_at:%Y-%m-%d} to {run.end_at:%Y-%m-%d}, cut at position"
        f" {run.position}; official: each by the version in force at its reception; simulated: version"
        f" {run.town_version} with these changes, pauses: {run.pauses}. {run.milliseconds / 1000:.1f} s of CPU."
    )
    if run.tally.unjudged:
        click.echo(f"{run.tally.unjudged} cases of a type or department given up since are left as they are.")
    click.echo(f"\n{'':<40}{'official':>18}{'simulated':>18}{'worse':>8}{'better':>8}")
    for kind in KINDS:
        _line(kind, run.tally.total(kind))
    for by in groups:
        for code in run.tally.codes(GROUPS[by]):
            for kind in KINDS:
                _line(f"{by} {code or '-'} {kind}", run.tally.of(GROUPS[by], code, kind))


def _line(name: str, counts: Counts) -> None:
    if counts.judged or counts.simulated_judged:
        was = _share(counts.kept, counts.judged)
        would_be = _share(counts.simulated_kept, counts.simulated_judged)
        click.echo(f"{name:<40}{was:>18}{would_be:>18}{counts.worse:>8}{counts.better:>8}")


def _share(kept: int, judged: int) -> str:
    return f"{100 * kept / judged:.1f} % of {judged}" if judged else "-"


def _list(office: Office, run: Run, listed: int) -> None:
    ways: tuple[BetterOrWorse, ...] = ("worse", "better")
    for way in ways if listed else ():
        total, found = office.simulating.flipped(run.id, way, "", EVERYTHING, 1, listed)
        click.echo(f"\n{way}: {total}")
        for one in found:
            click.echo(f"  {one.number}  {one.kind}  {one.official_due:%Y-%m-%d %H:%M} -> "
                       f"{one.simulated_due:%Y-%m-%d %H:%M} UTC")  # fmt: skip


COMMANDS = (simulate,)
