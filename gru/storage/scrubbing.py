"""How do the bytes of what was deleted leave a database's files, while others read it?"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection, Engine, text

PATIENCE_SECONDS = 30.0
"""How long a reader may hold an old page of a database before it is left uncleaned."""

_READERS = text(
    """SELECT count(*) FROM (
        SELECT backend_xid AS oldest FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        UNION ALL SELECT backend_xmin FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND (datid IS NULL OR datname = current_database())
        UNION ALL SELECT transaction FROM pg_prepared_xacts
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT catalog_xmin FROM pg_replication_slots
    ) AS seen WHERE age(oldest) > age(CAST(:now AS xid))"""
)
"""Who keeps VACUUM from taking what was deleted before `now`: snapshots of this database and of standbys, and
transactions of any database that have written and not ended."""


def rewritten(engine: Engine) -> bool:
    """SQLite overwrites what it deletes, but not what it moved from page to page before: a new file has neither.

    False when a reader was in the way.
    """
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise
    finally:
        raw.close()
    return True


def vacuumed(engine: Engine, tables: Sequence[str], patience: float) -> bool:
    """PostgreSQL: dead rows lie on in the pages, and the planner's statistics quote the values of a column.

    False when somebody still sees the tables as they were: VACUUM would keep for him what it should take.
    """
    rewriting = [f"VACUUM (FULL, ANALYZE) {table}" for table in tables]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statements in (rewriting, ["VACUUM FULL pg_catalog.pg_statistic"]):
            if not patiently(partial(_is_seen_by_nobody, connection, _now(connection)), patience):
                return False
            for statement in statements:
                connection.execute(text(statement))
    return True


def _now(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT CAST(pg_current_xact_id() AS xid)")))


def _is_seen_by_nobody(connection: Connection, now: str) -> bool:
    return not connection.scalar(_READERS, {"now": now})


def patiently(is_done: Callable[[], bool], seconds: float) -> bool:
    """Tried again, soon at first, until it is done or the time is over."""
    ends, pause = time.monotonic() + seconds, 0.005
    while not is_done():
        if time.monotonic() > ends:
            return False
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    return True
