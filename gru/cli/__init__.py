"""What can an operator ask for? `gru …`, one module per topic.

`copies` holds more of the commands of `care`; `progress` and `logs` speak for all.
"""

import sys

import click

from gru.cli import bench, calendars, care, mail, people, processes, simulate, town
from gru.settings import BadSetting


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def gru() -> None:
    """GRU, the town's memory of every request."""


for module in (town, calendars, processes, mail, people, care, simulate, bench):
    for command in module.COMMANDS:
        gru.add_command(command)


def main() -> None:
    """Settings are read by the command that needs them; a bad one ends in sentences, not in a traceback."""
    try:
        gru(standalone_mode=True)
    except BadSetting as error:
        click.echo(str(error), err=True)
        sys.exit(2)
