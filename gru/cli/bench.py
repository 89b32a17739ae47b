"""What does the work cost here, and does it hold what it must? `gru bench`, on towns of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gru import settings
from gru.bench import PARTS
from gru.settings import Settings
from gru.storage.databases import Kind

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
SECRETS = {"GRU_SECRET": "5e" * 32, "GRU_MASTER_KEY": "a7" * 32}
"""The towns are invented: nothing in them is secret, and a kept one must open again."""


@click.command()
@click.option("--cases", "sizes", type=click.IntRange(10), multiple=True, default=(10_000,), show_default=True,
              help="Size of a town; may be given several times, as 10000 and 1000000.")  # fmt: skip
@click.option("--postgresql", "server", default="", metavar="URL", envvar="GRU_DATABASE_URL",
              help="Server on which databases gru_bench_… may be made; without it: only SQLite.")  # fmt: skip
@click.option("--only", type=click.Choice(KINDS), default=None, help="One kind of database.")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Only these parts; default: all.")
@click.option("--rounds", type=click.IntRange(2), default=20, show_default=True, help="Medians of so many.")
@click.option("--folder", type=click.Path(path_type=Path), default=None,
              help="Keep the towns, here and on the server, and measure them again the next time.")  # fmt: skip
@click.option("--json", "file", type=click.Path(path_type=Path), default=None, help="Write the JSON to this file.")
def bench(sizes: tuple[int, ...], server: str, only: Kind | None, parts: tuple[str, ...], rounds: int,
          folder: Path | None, file: Path | None) -> None:  # fmt: skip
    """Measure what the work costs, in towns made for it, beside the plainest program and what must hold."""
    from gru.bench.report import as_json, as_tables
    from gru.bench.run import run
    from gru.bench.towns import Plot, remove

    kinds = [kind for kind in KINDS if only in (None, kind) and (server or kind == "sqlite")]
    if not kinds:
        raise click.ClickException("PostgreSQL is measured on a server: --postgresql postgresql://user@host/postgres")
    with _ground(folder) as ground:
        plots = [
            Plot(kind, cases, _settings(kind, cases, ground, server)) for kind in kinds for cases in sorted(set(sizes))
        ]
        try:
            results = run(plots, server, rounds, parts or PARTS, lambda said: click.echo(said, err=True))
        finally:
            if folder is None:
                for plot in plots:
                    remove(plot, server)
    click.echo(as_tables(results))
    if file is None:
        click.echo(as_json(results))
    else:
        file.write_text(as_json(results) + "\n", encoding="utf-8")


@contextmanager
def _ground(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="gru-bench-") as made:
        yield Path(made)


def _settings(kind: Kind, cases: int, ground: Path, server: str) -> Settings:
    """A folder of its own, and on PostgreSQL two databases beside the one the address names."""
    given = SECRETS | {"GRU_DATA": str(ground / f"{kind}-{cases}")}
    if kind == "postgresql":
        beside = server.rpartition("/")[0]
        given["GRU_DATABASE_URL"] = f"{beside}/gru_bench_{cases}"
        given["GRU_KEYS_DATABASE_URL"] = f"{beside}/gru_bench_{cases}_keys"
    return settings.read(given)


COMMANDS = (bench,)
