"""What can be asked of the mail: fetch it, look at what is read in it, drop one in, add up, read anew?"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from gru import processes, settings
from gru.bootstrap import open_office
from gru.channels.email.arrival import arrived
from gru.channels.email.inspect import inspect
from gru.cli.logs import set_up_logs
from gru.domain.events import MessageOutcome
from gru.office.files import ScannerSilent
from gru.office.mail_ledger import COLUMNS, OUTCOMES, Line, MailLedger
from gru.office.replay import Difference, Seen


@click.group()
def mail() -> None:
    """Mailboxes and mails."""


@mail.command()
@click.option("--once", is_flag=True, help="Read every mailbox once and stop.")
def fetch(once: bool) -> None:
    """Keep every mail of every mailbox, and go on watching them."""
    read = settings.read()
    set_up_logs(read.log_level)
    if once and not read.mailboxes:
        raise click.UsageError("No mailbox is set: GRU_MAILBOXES is empty.")
    wrong = processes.run_mail(read, once)
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        sys.exit(1)


@mail.command("inspect")
@click.option("--jsonl", is_flag=True, help="One JSON object a line; else indented.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def inspect_mails(jsonl: bool, paths: tuple[Path, ...]) -> None:
    """Print what is read in raw mails (files, or folders of .eml files)."""
    mails = Mails(paths)
    for path, raw in mails:
        click.echo(json.dumps(inspect(path.name, raw), ensure_ascii=False, indent=None if jsonl else 2))
    mails.end()


@mail.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def drop(paths: tuple[Path, ...]) -> None:
    """Put mails in as if they had just arrived (files, or folders of .eml files)."""
    mails = Mails(paths)
    with open_office(settings.read()) as office:
        for path, raw in mails:
            if not raw.strip():
                mails.say(f"{path}: is empty, there is nothing to keep.")
                continue
            key = office.keep(arrived(raw, office.settings.mail_address, office.now()))
            click.echo(f"{path.name}: kept as {key}")
    mails.end()


DAY = click.DateTime(["%Y-%m-%d"])
HEADS = ("day", "mailbox", "fetched", *COLUMNS, "difference")


@mail.command("ledger")
@click.option("--since", type=DAY, help="First day (YYYY-MM-DD); else 30 days ago.")
@click.option("--until", type=DAY, help="Last day; else today.")
def show_ledger(since: datetime | None, until: datetime | None) -> None:
    """Print what became of every mail fetched, by mailbox and day; exit code 1 when something is unexplained."""
    with open_office(settings.read()) as office:
        last = until.date() if until else office.today()
        first = since.date() if since else last - timedelta(days=30)
        if first > last:
            raise click.UsageError("--since must not be later than --until.")
        found = office.mail_ledger(first, last)
    _print_ledger(found)
    sys.exit(0 if found.is_balanced else 1)


def _print_ledger(found: MailLedger) -> None:
    for cells in (HEADS, *(_cells(line) for line in found.lines), _cells(found.total)):
        click.echo("\t".join(cells))
    for key in found.astray:
        click.echo(f"{key}: was fetched and marked as taken in, but has no outcome.", err=True)
    for key in found.unkept:
        click.echo(f"{key}: has an outcome, but was never fetched.", err=True)
    if found.is_balanced:
        click.echo("Every mail is explained.")


def _cells(line: Line) -> tuple[str, ...]:
    day = line.day.isoformat() if line.day else "all"
    counts = (str(line.counts.get(column, 0)) for column in COLUMNS)
    return (day, line.mailbox or "-", str(line.fetched), *counts, str(line.difference))


@mail.command()
@click.option("--since", type=DAY, help="Mails kept from this day on (YYYY-MM-DD); else all.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only mails that had this outcome.")
@click.option("--apply", is_flag=True, help="Bring what no case took, and may hold a request, before an agent.")
def replay(since: datetime | None, outcome: MessageOutcome | None, apply: bool) -> None:
    """Read the kept mails anew and show what would change. Nothing is ever sent, and no case changed."""
    with open_office(settings.read()) as office:
        runs, counts = office.replay(), Counter[str]()
        zone = office.town.in_force(office.now()).legal_calendar.zone
        start = since.replace(tzinfo=zone) if since else datetime(1970, 1, 2, tzinfo=zone)
        try:
            for seen in runs.look(start, office.now(), outcome):
                counts.update(_changes(seen))
                if seen.difference:
                    click.echo("\t".join((seen.key, *_told(seen.difference))))
                    counts["recorded"] += apply and runs.apply(seen.difference)
        except ScannerSilent:
            raise click.ClickException("The virus scanner (GRU_CLAMD) does not answer: try again.") from None
    click.echo(", ".join(f"{name} {counts[name]}" for name in REPLAYED) + ".")
    if apply:
        click.echo(f"Brought before an agent: {counts['recorded']}.")
    elif counts["may be recorded"]:
        click.echo(f"Nothing was recorded. --apply would bring {counts['may be recorded']} before an agent.")


REPLAYED = ("read", "the same", "erased", "outcome", "person", "text", "attachments")


def _changes(seen: Seen) -> Iterator[str]:
    yield "erased" if seen.erased else "read"
    found = seen.difference
    if found is None:
        yield from () if seen.erased else ("the same",)
        return
    yield from ["outcome"] if found.now != found.was else []
    yield from ["person"] if found.person else []
    yield from ["text"] if found.text else []
    yield from ["attachments"] if found.files else []
    yield from ["may be recorded"] if found.wish else []


def _told(found: Difference) -> Iterator[str]:
    """Never words: lengths and numbers."""
    yield found.kept_at.date().isoformat()
    outcome = found.was if found.was == found.now else f"{found.was} -> {found.now}"
    yield f"{outcome} ({found.reason})" if found.reason else outcome
    if found.person:
        yield "another person"
    if found.text:
        yield f"text of {found.text[0]} -> {found.text[1]} characters"
    if found.files:
        yield f"attachments {found.files[0]} -> {found.files[1]}"
    if found.wish:
        yield "for an agent"


class Mails:
    """The raw mails of files and folders; what cannot be read is said at once, and holds up no other."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._paths = paths
        self._is_whole = True

    def __iter__(self) -> Iterator[tuple[Path, bytes]]:
        for path in self._files():
            try:
                raw = path.read_bytes()
            except OSError as error:
                self.say(f"{path}: cannot be read ({error.strerror or type(error).__name__}).")
            else:
                yield path, raw

    def end(self) -> None:
        if not self._is_whole:
            sys.exit(1)

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            found = sorted(path.glob("*.eml")) if path.is_dir() else [path]
            yield from found
            if not found:
                self.say(f"{path}: this folder holds no .eml file.")

    def say(self, sentence: str) -> None:
        self._is_whole = False
        click.echo(sentence, err=True)


COMMANDS = (mail,)
