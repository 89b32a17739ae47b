"""How is a wrong calendar put right for what is promised already?"""

import click

from gru import settings
from gru.bootstrap import open_office
from gru.cli.progress import show_progress
from gru.domain.errors import Refused
from gru.office.town_hall import correct

BY = "system:operator"


@click.command("correct-calendars")
@click.option("--version", "number", type=int, default=None,
              help="The adopted version that has the right days; default: the last one.")  # fmt: skip
def correct_calendars(number: int | None) -> None:
    """Count open cases by the holidays, closures and special days of a later version. May be stopped and run again."""
    with open_office(settings.read()) as office:
        right = office.town.latest().number if number is None else number
        try:
            correct(office.log, right, by=BY, at=office.now())
        except Refused as refused:
            raise click.ClickException(f"{refused} Nothing was changed.") from None
        office.town.refresh()
        done = office.correcting.correct(by=BY, progress=lambda done, of: show_progress("Correcting cases", done, of))
        click.echo(f"{done.cases} cases looked at, {done.moved} promises and {done.dates} legal dates moved.")
        if done.failed:
            raise click.ClickException(f"Not corrected: {', '.join(done.failed)}. Run the command again.")


COMMANDS = (correct_calendars,)
