"""How does the operator see how far a long command has come?"""

import sys

import click


def show_progress(what: str, done: int, total: int) -> None:
    """One line that is written over, on a terminal; only the last state of it elsewhere."""
    if sys.stderr.isatty() or done >= total:
        click.echo(f"\r{what}: {done} of {total}   ", nl=done >= total, err=True)
