"""What can be asked of the mail: fetch it, look at what is read in it, drop one in?"""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from gru import processes, settings
from gru.bootstrap import open_office
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.channels.email.inspect import inspect
from gru.cli.logs import set_up_logs


@click.group()
def mail() -> None:
    """Mailboxes and mails."""


@mail.command()
@click.option("--once", is_flag=True, help="Read every mailbox once and stop.")
def fetch(once: bool) -> None:
    """Keep every mail of every mailbox, and go on watching them."""
    read = settings.read()
    set_up_logs(read.log_level)
    processes.run_mail(read, once)


@mail.command("inspect")
@click.option("--jsonl", is_flag=True, help="One JSON object a line; else indented.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def inspect_mails(jsonl: bool, paths: tuple[Path, ...]) -> None:
    """Print what is read in raw mails (files, or folders of .eml files)."""
    for path in _files(paths):
        found = inspect(path.name, path.read_bytes())
        click.echo(json.dumps(found, ensure_ascii=False, indent=None if jsonl else 2))


@mail.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def drop(paths: tuple[Path, ...]) -> None:
    """Put mails in as if they had just arrived (files, or folders of .eml files)."""
    with open_office(settings.read()) as office:
        for path in _files(paths):
            raw = path.read_bytes()
            key = office.keep(
                RawMessage(
                    "email",
                    office.settings.mail_address,
                    external_id(raw),
                    office.now(),
                    content_digest(raw),
                    raw,
                )
            )
            click.echo(f"{path.name}: kept as {key}")


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.eml"))
        else:
            yield path


COMMANDS = (mail,)
