"""How is a town copied while it works, put back after a loss, and made true again?"""

import json
from pathlib import Path

import click

from gru import settings
from gru.bootstrap import Office, open_databases, open_office, utc_now
from gru.cli.people import may_log_in
from gru.cli.progress import show_progress
from gru.office.rebuild import REBUILD
from gru.office.recovery import Recovered
from gru.settings import Settings
from gru.storage.alone import Busy, alone
from gru.storage.backup import PLACES, Copies
from gru.storage.migrations import migrate
from gru.storage.standing import CannotCopy

BY = "system:operator"
FOLDER = click.Path(path_type=Path, file_okay=False)
SEND = click.option("--send", is_flag=True, help="Let the letters that waited leave now.")
CERTIFICATES = click.option(
    "--certificates",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The certificates of `gru person erase`, one a line: erase these people again.",
)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--keys", "keys_folder", type=FOLDER, help="Copy the keys too, to another folder: keep it elsewhere.")
def backup(folder: Path, keys_folder: Path | None) -> None:
    """Copy the town to FOLDER while it works: the log, then the archive, then the work."""
    read = settings.read()
    databases = open_databases(read)
    try:
        Copies(databases, read.secret, read.master_key, utc_now).make(folder, keys_folder, _say)
    except CannotCopy as error:
        raise click.ClickException(str(error)) from None
    finally:
        databases.close()
    click.echo(f"The town is in {folder}.")
    if keys_folder is None:
        click.echo("The keys are not: without a copy of theirs (--keys FOLDER) no word could ever be read again.")
    else:
        click.echo(f"Its keys are in {keys_folder}: keep them away from {folder}, and not for long.")


@click.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--keys", "keys_folder", type=FOLDER, help="The keys were lost too: put this copy of theirs back.")
@click.option("--only", type=click.Choice(PLACES), multiple=True, help="Only this part was lost; several times.")
@CERTIFICATES
@SEND
def restore(
    folder: Path | None, keys_folder: Path | None, only: tuple[str, ...], certificates: Path | None, send: bool
) -> None:
    """Put a backup back into a town that is stopped, and make it true again. No letter leaves twice."""
    read = settings.read()
    forget = _people_of(certificates)
    databases = open_databases(read)
    try:
        copies = Copies(databases, read.secret, read.master_key, utc_now)
        with alone(databases.views, REBUILD):
            manifest = copies.put_back(folder, keys_folder, _say, only)
        migrate(databases)
    except (Busy, CannotCopy) as error:
        raise click.ClickException(str(error)) from None
    finally:
        databases.close()
    click.echo(f"The copy of {manifest.made_at:%Y-%m-%d %H:%M} UTC is back.")
    anew = folder is not None and (not only or "log" in only or "archive" in only)
    _recover(read, forget, anew or keys_folder is not None, send)
    if keys_folder is not None and not forget:
        click.echo(
            "Whom these older keys do not know to be erased, erase again: `gru person erase` for each certificate."
        )


@click.command()
@CERTIFICATES
@SEND
def recover(certificates: Path | None, send: bool) -> None:
    """After a loss: make positions, numbers, erasures and views fit the log again. Lists the letters that wait."""
    read = settings.read()
    databases = open_databases(read)
    try:
        migrate(databases)
    finally:
        databases.close()
    _recover(read, _people_of(certificates), False, send)


def _recover(read: Settings, forget: list[str], anew: bool, send: bool) -> None:
    with open_office(read) as office:
        try:
            found = office.recovery.recover(BY, forget=forget, anew=anew, progress=show_progress)
        except Busy as refusal:
            raise click.ClickException(str(refusal)) from None
        _tell(found)
        if send:
            click.echo(f"{office.recovery.send()} letters leave as soon as `gru worker` runs.")
        _warn_of_access(office)


def _tell(found: Recovered) -> None:
    click.echo(f"Reactions go on behind position {found.position}.")
    click.echo(f"{found.dropped} effects of lost facts dropped, {found.awaited} messages to be taken in again.")
    if found.unsealed:
        click.echo(
            f"{found.unsealed} seals dropped: they prove facts behind position {found.head}, which this log lacks."
        )
        click.echo("Is it shorter than it should be? `gru verify --anchor` with the last line you kept says so.")
    click.echo(f"{found.erased} people erased again.")
    for sentence in found.in_the_way:
        click.echo(f"Traces of them are left. {sentence} Then run `gru recover` again.")
    for person, error in found.failed.items():
        click.echo(f"{person} could not be erased again ({error}): `gru person erase {person}`.")
    waiting = [letter for letter in found.waiting if not letter.is_doubtful]
    doubtful = [letter for letter in found.waiting if letter.is_doubtful]
    for title, letters in (
        (f"{len(waiting)} letters wait; `gru recover --send` lets them leave:", waiting),
        (f"{len(doubtful)} left or were refused after the log was copied; look into the sent mail:", doubtful),
    ):
        if letters:
            click.echo(title)
            for letter in letters:
                click.echo(f"  {letter.number}  {letter.what}  called for on {letter.since:%Y-%m-%d %H:%M} UTC")
    if not found.waiting:
        click.echo("No letter waits.")


def _warn_of_access(office: Office) -> None:
    agents = office.town.agents().values()
    if agents and not any(may_log_in(office, agent) for agent in agents):
        click.echo("No agent has a password any more: `gru agent add EMAIL` gives a new one.")


def _people_of(certificates: Path | None) -> list[str]:
    if certificates is None:
        return []
    try:
        lines = certificates.read_text("utf-8").splitlines()
        return [str(json.loads(line)["person"]) for line in lines if line.strip()]
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(
            f"{certificates} does not hold certificates, one a line. Nothing was changed."
        ) from None


def _say(what: str) -> None:
    click.echo(f"{what}…", err=True)


COMMANDS = (backup, restore, recover)
