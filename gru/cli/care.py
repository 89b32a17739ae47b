"""How is a town looked after: rebuilt, verified, anchored?"""

import sys

import click

from gru import settings
from gru.bootstrap import open_office
from gru.storage.seals import Anchor
from gru.storage.seals import verify as verify_log


@click.command()
@click.argument("names", nargs=-1)
def rebuild(names: tuple[str, ...]) -> None:
    """Fill projections anew (default: all) while the town keeps working."""
    with open_office(settings.read()) as office:
        office.prepare()
        unknown = set(names) - set(office.projector.projections)
        if unknown:
            known = ", ".join(sorted(office.projector.projections))
            raise click.ClickException(f"There is no projection {', '.join(sorted(unknown))}. There are: {known}.")
        office.projector.rebuild(names, show_progress)


def show_progress(what: str, done: int, total: int) -> None:
    """One line that is written over, on a terminal; only the last state of it elsewhere."""
    if sys.stderr.isatty() or done >= total:
        click.echo(f"\r{what}: {done} of {total}   ", nl=done >= total, err=True)


@click.command()
@click.option("--anchor", default="", help="A line printed by `gru anchor` and kept elsewhere.")
def verify(anchor: str) -> None:
    """Recompute every digest of the log; name the first event that does not fit."""
    with open_office(settings.read()) as office:
        try:
            kept = Anchor.parse(anchor) if anchor else None
        except ValueError:
            raise click.ClickException("This is not a line that `gru anchor` printed.") from None
        fault = verify_log(
            office.log, office.blocks, kept, lambda done, of: show_progress("verified up to position", done, of)
        )
        if fault is not None:
            raise click.ClickException(str(fault))
        click.echo(f"Every event fits, up to position {office.log.head()}.")


@click.command()
def anchor() -> None:
    """Seal the log and print one line to keep elsewhere (on paper, at the archives, in a mail)."""
    with open_office(settings.read()) as office:
        while office.sealer.seal(office.now()):
            pass
        line = office.blocks.anchor()
        click.echo(str(line) if line else "The log is empty: there is nothing to anchor.")


COMMANDS = (rebuild, verify, anchor)
