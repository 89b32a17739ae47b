"""How much room does a town take, place by place?"""

from sqlalchemy import Engine, text

from gru.bench.towns import Town
from gru.storage.databases import SCHEMAS, checkpoint, reading

_SIZES = """SELECT n.nspname, sum(pg_total_relation_size(c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = ANY(:schemas) GROUP BY n.nspname"""


def bytes_used(town: Town) -> dict[str, int]:
    """By place: `log`, `views`, `work`, `archive`, `keys`; on SQLite the files too."""
    databases = town.office.databases
    if databases.kind == "postgresql":
        return _in_schemas(databases.views, SCHEMAS) | _in_schemas(databases.keys, ("keys",))
    for engine in (databases.views, databases.work, databases.archive, databases.keys):
        checkpoint(engine)
    folder = town.plot.settings.data
    sizes = {name: (folder / f"{name}.db").stat().st_size for name in (*SCHEMAS, "keys")}
    files = sum(file.stat().st_size for file in (folder / "files").rglob("*") if file.is_file())
    return sizes | {"files": files}


def _in_schemas(engine: Engine, schemas: tuple[str, ...]) -> dict[str, int]:
    with reading(engine) as connection:
        rows = connection.execute(text(_SIZES), {"schemas": list(schemas)}).all()
    return {name: int(size) for name, size in rows}
