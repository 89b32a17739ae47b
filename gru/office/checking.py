"""Is this town fit to work, and if not, what is to be done?"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from sqlalchemy import Connection, Engine, text

from gru.channels.base import ChannelError, Count, Source
from gru.domain.town_stream import CHANGES_AGENTS
from gru.office import views
from gru.office.files import Scanner
from gru.office.projector import LIVE_BATCH, Projector
from gru.office.town_hall import NoTown, TownBook
from gru.office.vitals import MAILBOX, Reading, Vitals
from gru.storage.databases import Databases, reading
from gru.storage.keys import Keys
from gru.storage.log import Log
from gru.storage.migrations import pending
from gru.storage.sealing import Tampered
from gru.storage.seals import Blocks
from gru.storage.work import Sign

Level = Literal["ok", "warning", "fault"]

LATE = timedelta(minutes=5)
VERY_LATE = timedelta(hours=1)
SKEW = timedelta(seconds=5)
WRONG_CLOCK = timedelta(seconds=60)
LITTLE_SPACE, NO_SPACE = 2 * 1024**3, 200 * 1024**2
FEWEST_CONNECTIONS = 60
"""What the five processes of a host may open at their busiest: gru-web 28, the others eight each."""

UNSEALED = 10_000
MANY_WAITING = 200
"""More mails than come in a morning: an old mailbox, or a reader that stood still."""


class Finding(msgspec.Struct, frozen=True):
    """`about` what, how it stands in a sentence, and what to do about it."""

    level: Level
    about: str
    sentence: str
    remedy: str = ""


def reach(databases: Databases) -> list[Finding]:
    """Whether each database answers at all: asked before anything is built on them."""
    engines = {"database": databases.work, "database of the keys": databases.keys}
    found = []
    for about, engine in engines.items():
        try:
            with reading(engine) as connection:
                connection.execute(text("SELECT 1"))
            found.append(Finding("ok", about, "answers."))
        except Exception as error:
            said = str(getattr(error, "orig", error)).strip().splitlines()
            remedy = "Look at GRU_DATABASE_URL, GRU_KEYS_DATABASE_URL and the server."
            found.append(
                Finding("fault", about, f"does not answer: {said[0] if said else type(error).__name__}", remedy)
            )
    return found


class Checking:
    """`way_out` raises a `ChannelError` when no mail could leave now, `None`: none is set; `data`: where files lie."""

    def __init__(
        self,
        *,
        databases: Databases,
        data: Path,
        log: Log,
        keys: Keys,
        town: TownBook,
        blocks: Blocks,
        projector: Projector,
        vitals: Vitals,
        sources: Sequence[Source],
        way_out: Callable[[], None] | None,
        scanner: Scanner | None = None,
        now: Callable[[], datetime],
    ) -> None:
        self._databases = databases
        self._data = data
        self._log = log
        self._keys = keys
        self._town = town
        self._blocks = blocks
        self._projector = projector
        self._vitals = vitals
        self._sources = sources
        self._way_out = way_out
        self._scanner = scanner
        self._now = now

    def findings(self) -> Iterator[Finding]:
        """One after the other, as they are found. A question that breaks is a fault, and the next one is asked."""
        yield from self._place()
        if behind := pending(self._databases):
            yield Finding("fault", "tables", f"are not made, or older than this program: {', '.join(behind)}.", MIGRATE)
            return
        yield Finding("ok", "tables", "fit this program.")
        questions: dict[str, Callable[[], Iterator[Finding]]] = {
            "server": self._server,
            "clock": self._clock,
            "keys": self._master_key,
            "secret": self._secret,
            "town": self._catalogue,
            "projections": self._projections,
            "work": self._work,
            "mailboxes": self._mailboxes,
            "outgoing mail": self._outgoing,
            "scanner": self._scanned,
        }
        for about, question in questions.items():
            try:
                yield from question()
            except Exception as error:
                yield Finding(
                    "fault", about, f"cannot be looked at ({type(error).__name__}).", "See the sentences above."
                )

    # --- the machine -------------------------------------------------------------------------------------------

    def _place(self) -> Iterator[Finding]:
        if not self._data.exists():
            return
        free = shutil.disk_usage(self._data).free
        said = f"{free / 1024**3:.1f} GiB are free where {self._data} lies."
        remedy = "Make room before the databases stop writing."
        yield Finding("fault" if free < NO_SPACE else "warning" if free < LITTLE_SPACE else "ok", "disk", said, remedy)
        if self._data.stat().st_mode & 0o007:
            yield Finding(
                "warning", "data folder", "can be read by every user of this machine.", f"chmod -R go-rwx {self._data}"
            )
        if not os.access(self._data, os.W_OK):
            yield Finding("fault", "data folder", "cannot be written by this user.", "Run as the user of the service.")

    def _server(self) -> Iterator[Finding]:
        if self._databases.kind == "sqlite":
            return
        for about, engine in (("database", self._databases.work), ("database of the keys", self._databases.keys)):
            with reading(engine) as connection:
                yield from _of_server(about, connection)
        if _identity(self._databases.work) == _identity(self._databases.keys):
            remedy = "Give the keys a database of their own, with backups of their own."
            yield Finding("fault", "database of the keys", "is the same as the town's.", remedy)

    def _clock(self) -> Iterator[Finding]:
        now = self._now()
        if self._databases.kind == "postgresql":
            with reading(self._databases.work) as connection:
                skew = abs(connection.execute(text("SELECT clock_timestamp()")).scalar_one() - self._now())
            level: Level = "fault" if skew > WRONG_CLOCK else "warning" if skew > SKEW else "ok"
            said = f"differs from the database's by {skew.total_seconds():.1f} s."
            yield Finding(level, "clock", said, "Let both machines keep time by NTP.")
        head = self._log.head()
        last = self._log.read(head - 1, 1) if head else []
        if last and last[0].at - now > WRONG_CLOCK:
            yield Finding(
                "fault", "clock", f"is behind the last fact, of {last[0].at:%Y-%m-%d %H:%M} UTC.", "Set it right."
            )
        elif self._databases.kind == "sqlite":
            yield Finding("ok", "clock", "is ahead of the last fact.")

    # --- the town ----------------------------------------------------------------------------------------------

    def _master_key(self) -> Iterator[Finding]:
        try:
            self._keys.check()
        except Tampered:
            remedy = "Set the one that the keys were made with; without it no word can be read."
            yield Finding("fault", "keys", "do not open with this GRU_MASTER_KEY.", remedy)
        else:
            yield Finding("ok", "keys", "open with this master key.")

    def _secret(self) -> Iterator[Finding]:
        last = self._blocks.last()
        if last is None:
            yield Finding("warning", "seals", "the log is not sealed yet.", "Is `gru tick` running?")
        elif not self._blocks.is_ours(last):
            remedy = (
                "Set the one this town began with: links, signed addresses and seals hang on it. Else `gru verify`."
            )
            yield Finding("fault", "secret", "the last seal was not made with this GRU_SECRET.", remedy)
        elif self._log.head() - last.last_position > UNSEALED:
            yield Finding("warning", "seals", f"end at position {last.last_position}.", "Is `gru tick` running?")
        else:
            yield Finding("ok", "seals", f"are ours, up to position {last.last_position}.")

    def _catalogue(self) -> Iterator[Finding]:
        try:
            town = self._town.in_force(self._now())
        except NoTown:
            yield Finding("fault", "catalogue", "none is adopted.", "gru init --town FOLDER")
            return
        yield Finding("ok", "catalogue", f"version {town.number} of {town.name} is in force.")
        agents = self._town.agents()
        if not agents:
            yield Finding("fault", "agents", "nobody can log in.", "gru agent add EMAIL --name … --role …")
        elif not any(CHANGES_AGENTS in agent.rights for agent in agents.values()):
            yield Finding(
                "warning", "agents", "none may engage others.", "gru agent add EMAIL with an administrator's role"
            )
        else:
            yield Finding("ok", "agents", f"{len(agents)} work here.")

    # --- what keeps up -----------------------------------------------------------------------------------------

    def _projections(self) -> Iterator[Finding]:
        outdated = [name for group in self._projector.groups for name in self._outdated(group)]
        if outdated:
            yield Finding("fault", "projections", f"made for another program: {', '.join(outdated)}.", "gru rebuild")
        seen = self._vitals.read()
        for group, lag in seen.lag.items():
            if lag > LIVE_BATCH:
                yield Finding(
                    "warning", "projections", f"{group} is {lag} positions behind.", "Is `gru project` running?"
                )
        if any(self._projector.position(group) > seen.position for group in self._projector.groups):
            yield Finding("fault", "projections", "speak of facts the log does not have.", "gru recover")
        if seen.parked:
            remedy = "Read /administration/etat, mend the program, then `gru rebuild`."
            yield Finding("warning", "projections", f"{seen.parked} facts could not be folded and are parked.", remedy)
        elif not outdated:
            yield Finding("ok", "projections", "fit this program, and nothing is parked.")

    def _outdated(self, group: Literal["inline", "later"]) -> list[str]:
        built = views.look_up(self._projector.engine, group).built
        shapes = self._projector.shapes
        names = [projection.name for projection in self._projector.group(group)]
        return [name for name in names if name not in built or built[name].shape != shapes[name]]

    def _work(self) -> Iterator[Finding]:
        seen = self._vitals.read()
        if seen.reactions is None or seen.reactions > seen.position:
            remedy = "gru restore FOLDER --only work, or `gru recover` without a backup"
            yield Finding("fault", "reactions", "do not start: the work was lost, or is newer than the log.", remedy)
        elif seen.position - seen.reactions > LIVE_BATCH:
            yield Finding(
                "warning", "reactions", f"are {seen.position - seen.reactions} behind.", "Is `gru worker` running?"
            )
        yield _waiting("letters", "to leave", seen, seen.oldest_effect)
        yield _waiting("messages", "to be taken in", seen, seen.oldest_message)
        yield _waiting("dates", "to be noticed", seen, seen.oldest_timer, "Are `gru tick` and `gru project` running?")
        if seen.failed_effects:
            remedy = "See /administration/etat. After a restore: `gru recover --send`."
            yield Finding("warning", "letters", f"{seen.failed_effects} were given up, or are held.", remedy)

    # --- mail --------------------------------------------------------------------------------------------------

    def _mailboxes(self) -> Iterator[Finding]:
        if not self._sources:
            yield Finding("warning", "mailboxes", "none is set, so no mail comes in.", "GRU_MAILBOXES")
        signs = {sign.name: sign for sign in self._vitals.read().signs}
        for source in self._sources:
            try:
                source.check()
                yield Finding("ok", source.name, "lets us in.")
                yield from _counted(source.name, source.count())
            except ChannelError as error:
                yield Finding("fault", source.name, f"{str(error).rstrip('.')}.", _where_to_look(source.name))
            finally:
                source.close()
            yield from self._life(signs.get(MAILBOX + source.name), source.name)

    def _life(self, sign: Sign | None, name: str) -> Iterator[Finding]:
        if sign is None or sign.worked_at is None:
            yield Finding("warning", name, "was never read.", "Is `gru mail fetch` running?")
        elif sign.is_failing:
            yield Finding("warning", name, f"is not read whole: {sign.failure}.", "See the log of `gru mail fetch`.")
        elif self._now() - sign.worked_at > LATE:
            said = f"was last read on {sign.worked_at:%Y-%m-%d at %H:%M} UTC."
            yield Finding("warning", name, said, "Is `gru mail fetch` running?")
        else:
            yield Finding("ok", name, "is being read.")

    def _outgoing(self) -> Iterator[Finding]:
        if self._way_out is None:
            yield Finding(
                "warning", "outgoing mail", "is written to the folder outbox and goes nowhere.", "GRU_SMTP_URL"
            )
            return
        try:
            self._way_out()
        except ChannelError as error:
            yield Finding("fault", "outgoing mail", f"{error}.", "Look at GRU_SMTP_URL, and at its server.")
        else:
            yield Finding("ok", "outgoing mail", "can leave.")

    def _scanned(self) -> Iterator[Finding]:
        match self._scanner.state() if self._scanner else "none":
            case "answers":
                yield Finding("ok", "scanner", "answers.")
            case "silent":
                yield Finding("fault", "scanner", "does not answer: every file is refused.", "Look at GRU_CLAMD.")
            case _:
                yield Finding("warning", "scanner", "is not set: files are not judged.", "GRU_CLAMD")


def _where_to_look(name: str) -> str:
    if name.startswith("facebook:"):
        return "Look at the page's token in GRU_FACEBOOK_PAGES, at the app's permissions and at GRU_FACEBOOK_VERSION."
    return "Look at its line in GRU_MAILBOXES, and at its server."


def _counted(name: str, count: Count | None) -> Iterator[Finding]:
    if count is None or count == Count(0, 0):
        return
    left = f" {count.left} came before the first day of mail and are left alone." if count.left else ""
    remedy = "If most of them are old: set GRU_MAIL_SINCE before `gru mail fetch` starts."
    said = f"{count.waiting} mails would be taken in now, and each request acknowledged.{left}"
    yield Finding("warning" if count.waiting > MANY_WAITING else "ok", name, said, remedy)


MIGRATE = "gru migrate (a new town: gru init)"


def _waiting(about: str, what: str, seen: Reading, since: datetime | None, remedy: str = "") -> Finding:
    age = seen.at - since if since else timedelta()
    if age <= LATE:
        return Finding("ok", about, f"none waits long {what}.")
    said = f"the oldest one {what} waits since {since:%Y-%m-%d %H:%M} UTC."
    return Finding("fault" if age > VERY_LATE else "warning", about, said, remedy or "Is `gru worker` running?")


# --- what a PostgreSQL server is set to ----------------------------------------------------------------------------

_DANGEROUS = {
    "fsync": "a power cut may destroy the database",
    "full_page_writes": "a power cut may destroy the database",
    "synchronous_commit": "a power cut may lose the last facts, and what was sent because of them",
}
_TALKING = ("log_statement", "log_min_duration_statement", "log_parameter_max_length")


def _of_server(about: str, connection: Connection) -> Iterator[Finding]:
    names = [*_DANGEROUS, *_TALKING, "max_connections"]
    query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    found = {name: setting for name, setting in connection.execute(query, {"names": names})}
    worries = [
        Finding("warning", about, f"{name} is off: {why}.", f"ALTER SYSTEM SET {name} = on")
        for name, why in _DANGEROUS.items()
        if found.get(name) == "off"
    ]
    if _logs_values(found):
        remedy = "ALTER SYSTEM SET log_parameter_max_length = 0"
        worries.append(Finding("warning", about, "writes the values of statements, names too, into its log.", remedy))
    if int(found["max_connections"]) < FEWEST_CONNECTIONS:
        remedy = f"ALTER SYSTEM SET max_connections = {FEWEST_CONNECTIONS}, and restart the server"
        worries.append(Finding("warning", about, f"takes only {found['max_connections']} connections.", remedy))
    yield from worries or [Finding("ok", about, "the server's settings are safe.")]


def _logs_values(found: dict[str, str]) -> bool:
    logs = found.get("log_statement") in ("mod", "all") or int(found.get("log_min_duration_statement", "-1")) >= 0
    return logs and found.get("log_parameter_max_length") != "0"


def _identity(engine: Engine) -> tuple[object, ...]:
    with reading(engine) as connection:
        query = text("SELECT current_database(), inet_server_addr(), inet_server_port(), pg_postmaster_start_time()")
        return tuple(connection.execute(query).one())
