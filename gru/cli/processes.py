"""Which processes keep a town running? (the lines of the Procfile)"""

import click

from gru import processes, settings
from gru.cli.logs import set_up_logs


@click.command()
def web() -> None:
    """Serve the pages."""
    processes.run_web(_settings())


@click.command()
def worker() -> None:
    """Take messages in, send replies, react to the history."""
    processes.run_worker(_settings())


@click.command()
def project() -> None:
    """Keep the read side up with the log."""
    processes.run_projector(_settings())


@click.command()
def tick() -> None:
    """Notice what falls due and seal the log."""
    processes.run_clock(_settings())


def _settings() -> settings.Settings:
    read = settings.read()
    set_up_logs(read.log_level)
    return read


COMMANDS = (web, worker, project, tick)
