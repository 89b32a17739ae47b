"""How do the archive, the work and the keys get their tables, and changed ones in a town that runs already?

Each has its own chain of revisions in the folder of its name; `env.py` is how alembic runs one chain. The log makes
its own tables, the views are made anew by a rebuild: here they only get their schemas.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from gru.storage.databases import Databases, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

CHAINS = ("archive", "work", "keys")
VERSIONS = "alembic_version"
_LOCK = 0x47525530


def migrate(databases: Databases) -> bool:
    """Bring all tables to their present shape; whether there was anything to do. Two at once do it once."""
    if not pending(databases):
        return False
    _make_schemas(databases.work, ("log", "views", "work", "archive"))
    _make_schemas(databases.keys, ("keys",))
    for chain in CHAINS:
        with writing(_engine(databases, chain)) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            if _revision(connection, chain) != _head(chain):
                _upgrade(connection, chain)
    return True


def pending(databases: Databases) -> list[str]:
    """The chains that are not at their last revision: what `gru check` says and `migrate` does."""
    behind = []
    for chain in CHAINS:
        with reading(_engine(databases, chain)) as connection:
            if _revision(connection, chain) != _head(chain):
                behind.append(chain)
    return behind


def _engine(databases: Databases, chain: str) -> Engine:
    return {"archive": databases.archive, "work": databases.work, "keys": databases.keys}[chain]


def _schema(connection: Connection, chain: str) -> str | None:
    return None if connection.dialect.name == "sqlite" else chain


def _make_schemas(engine: Engine, names: tuple[str, ...]) -> None:
    if engine.dialect.name == "sqlite":
        return
    with writing(engine) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        present = inspect(connection).get_schema_names()
        for name in names:
            if name not in present:
                connection.execute(text(f"CREATE SCHEMA {name}"))


def _revision(connection: Connection, chain: str) -> str:
    schema = _schema(connection, chain)
    if not inspect(connection).has_table(VERSIONS, schema=schema):
        return ""
    table = f"{schema}.{VERSIONS}" if schema else VERSIONS
    return connection.scalar(text(f"SELECT version_num FROM {table}")) or ""


def _head(chain: str) -> str:
    from alembic.script import ScriptDirectory  # a process of a town that is up to date need not import it

    return ScriptDirectory.from_config(_config(chain)).get_current_head() or ""


def _config(chain: str) -> "Config":
    from alembic.config import Config

    config = Config()
    here = Path(__file__).parent
    config.set_main_option("script_location", str(here).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(here / chain).replace("%", "%%"))
    return config


def _upgrade(connection: Connection, chain: str) -> None:
    from alembic import command

    config = _config(chain)
    config.attributes.update(connection=connection, schema=_schema(connection, chain))
    command.upgrade(config, "head")
