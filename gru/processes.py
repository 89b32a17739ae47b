"""How does each process of the Procfile run, and how does it stop?

Every loop ends at SIGTERM or SIGINT within a second or two; what it was at is a row that the next one finds.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import dramatiq
import msgspec
import structlog
from gunicorn.app.base import BaseApplication

from gru.bootstrap import Office, build_office, open_office
from gru.channels.base import RawMessage
from gru.office import mailroom
from gru.settings import BadSetting, Settings
from gru.storage.work import NotStarted
from gru.tasks import Tasks, broker_for, declare

SWEEP_SECONDS = 1.0
LULL_SECONDS = 0.05
"""While events pour in they are reacted to together, not one by one."""

SWEEP = "sweep"
SWEEP_LEASE_SECONDS = 6.0
MESSAGES_A_NUDGE = 20
"""In a burst so many are taken in together, which costs a fraction; one that comes alone waits for no other."""

BYTES_A_NUDGE = 8_000_000
"""What is taken in together lies in memory together, some three times over; a heavier one is taken in alone."""

SEND_AGAIN_SECONDS = 60.0
"""A nudge this old may be lost: the sweep sends it again."""

AFTER_FAULT_SECONDS = 5.0
NEVER = float("-inf")

PULSE_SECONDS = 15.0
"""How often a process says that it works."""

TICK_SECONDS = 15.0
COUNT_SECONDS = 60.0
COUNT_AT_MOST = 5.0
"""Seconds in a round: what falls due waits for no count."""

PRUNE_SECONDS = 3600.0
KEEP_DONE = timedelta(days=30)
"""How long a finished effect can still be looked at."""

logger = structlog.get_logger()


class Stop:
    """Set by SIGTERM or SIGINT."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def __call__(self, *_: int | FrameType | None) -> None:
        self.event.set()

    def __bool__(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it was set within so long."""
        return self.event.wait(seconds)


@contextmanager
def stoppable() -> Iterator[Stop]:
    know_all_types()
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    yield stop


def know_all_types() -> None:
    """To be called before threads begin: msgspec (0.22) looks at a type when it first decodes one, and the process
    ends with a segmentation fault when two threads make it do so at the same time."""
    kinds: list[type[msgspec.Struct]] = [msgspec.Struct]
    for kind in kinds:
        kinds += kind.__subclasses__()
        msgspec.json.Decoder(kind)


class Pulse:
    """Says that a process works, once in a while; a sign that cannot be given stops no work."""

    def __init__(self, office: Office, name: str) -> None:
        self._office = office
        self._name = f"process:{name}"
        self._said = NEVER

    def beat(self) -> None:
        if time.monotonic() - self._said >= PULSE_SECONDS:
            self._sign(True, "")

    def failed(self, error: Exception) -> None:
        self._sign(False, type(error).__name__)

    def _sign(self, ok: bool, note: str) -> None:
        self._said = time.monotonic() if ok else NEVER
        try:
            self._office.work.sign(self._name, ok, note)
        except Exception:
            logger.exception("cannot give a sign of life")


# --- projector ---------------------------------------------------------------------------------------------------


def run_projector(settings: Settings) -> None:
    """Keep every projection up with the log."""
    with stoppable() as stop, open_office(settings) as office:
        pulse = Pulse(office, "projector")
        while not stop:
            try:
                office.projector.follow(stop.event, beat=pulse.beat)
            except Exception as error:
                pulse.failed(error)
                logger.exception("projector cannot follow; trying again")
                stop.wait(AFTER_FAULT_SECONDS)


# --- worker ------------------------------------------------------------------------------------------------------


def run_worker(settings: Settings) -> None:
    """React to the log, and do what falls due: effects, and messages not taken in yet."""
    with stoppable() as stop, open_office(settings) as office:
        broker = broker_for(settings.redis_url)
        tasks = declare(broker, office)
        worker = dramatiq.Worker(broker, worker_threads=settings.worker_threads, worker_timeout=200)
        worker.start()
        try:
            _react_and_sweep(office, Sweep(office, tasks), stop)
        finally:
            worker.stop(timeout=10_000)
            broker.close()
            office.work.release(SWEEP, office.holder)


def _react_and_sweep(office: Office, sweep: "Sweep", stop: Stop) -> None:
    pulse = Pulse(office, "worker")
    while not stop:
        try:
            position = office.log.head()
            while office.reactions.react() and not stop:
                pass
            sweep.sweep()
            pulse.beat()
            office.log.wait(position, timeout=SWEEP_SECONDS)
            stop.wait(LULL_SECONDS)
        except NotStarted as error:
            pulse.failed(error)
            logger.error("worker does nothing", error=str(error))
            stop.wait(AFTER_FAULT_SECONDS)
        except Exception as error:
            pulse.failed(error)
            logger.exception("worker cannot sweep; trying again")
            stop.wait(AFTER_FAULT_SECONDS)


class Sweep:
    """Nudges the workers for every row that waits. One process sweeps at a time: nudged for by two, a message would
    be read twice at once, and one of the two for nothing."""

    BATCH = 500

    def __init__(self, office: Office, tasks: Tasks) -> None:
        self._office = office
        self._messages = Nudges(tasks.take_in, self._bursts)
        self._effects = Nudges(tasks.perform, _each_alone)
        self._ours_until = 0.0

    def sweep(self) -> None:
        if not self._is_ours():
            return
        moment = self._office.now()
        self._messages.send(self._office.archive.pending(self.BATCH, moment))
        self._effects.send([effect.key for effect in self._office.work.due_effects(moment, self.BATCH)])

    def _bursts(self, keys: list[str]) -> Iterator[list[str]]:
        """Neither too many together nor too heavy."""
        burst: list[str] = []
        heavy = 0
        for key, size in self._office.archive.sizes(keys).items():
            if burst and (len(burst) == MESSAGES_A_NUDGE or heavy + size > BYTES_A_NUDGE):
                yield burst
                burst, heavy = [], 0
            burst.append(key)
            heavy += size
        if burst:
            yield burst

    def _is_ours(self) -> bool:
        """The lease is asked for again when half of it is over."""
        now = time.monotonic()
        if now < self._ours_until:
            return True
        held = self._office.work.lease(SWEEP, self._office.holder, SWEEP_LEASE_SECONDS)
        self._ours_until = now + SWEEP_LEASE_SECONDS / 2 if held else 0.0
        return held


class Nudges:
    """Remembers who was nudged for as long as he is still due: what was put off is nudged again when its time comes,
    and so is, after a minute, what a queue may have lost."""

    def __init__(
        self, task: "dramatiq.Actor[[list[str]], None]", together: Callable[[list[str]], Iterable[list[str]]]
    ) -> None:
        self._task = task
        self._together = together
        self._sent: dict[str, float] = {}

    def send(self, due: list[str]) -> None:
        now = time.monotonic()
        self._sent = {key: at for key in due if (at := self._sent.get(key, NEVER)) > now - SEND_AGAIN_SECONDS}
        fresh = [key for key in due if key not in self._sent]
        for keys in self._together(fresh):
            self._task.send(keys)
        self._sent |= dict.fromkeys(fresh, now)


def _each_alone(keys: list[str]) -> list[list[str]]:
    return [[key] for key in keys]


# --- clock -------------------------------------------------------------------------------------------------------


def run_clock(settings: Settings) -> None:
    """Notice what falls due and seal what was recorded."""
    with stoppable() as stop, open_office(settings) as office:
        pruned, counted, pulse = NEVER, NEVER, Pulse(office, "clock")
        while not stop:
            _try("notice what is due", lambda: office.clock.tick())
            _try("seal the log", lambda: _seal(office, stop))
            if time.monotonic() - counted > COUNT_SECONDS and _count(office):
                counted = time.monotonic()
            if time.monotonic() - pruned > PRUNE_SECONDS:
                _try("drop what is done with", lambda: _prune(office))
                pruned = time.monotonic()
            pulse.beat()
            stop.wait(TICK_SECONDS)


def _count(office: Office) -> bool:
    """Whether all that the pages of figures ask by the week is at hand; else the next round goes on."""
    done: list[bool] = []
    _try("count by the week", lambda: done.append(office.weekly_counts.refresh(COUNT_AT_MOST)))
    return all(done)


def _seal(office: Office, stop: Stop) -> None:
    while office.sealer.seal(office.now()) and not stop:
        pass


def _prune(office: Office) -> None:
    office.access.prune()
    office.drafts.prune()
    office.simulations.prune()
    office.work.prune_effects(office.now() - KEEP_DONE)


def _try(what: str, act: Callable[[], object]) -> None:
    """One duty of the clock that fails holds up no other."""
    try:
        act()
    except Exception:
        logger.exception("the clock could not do its duty; trying again", duty=what)


# --- mail --------------------------------------------------------------------------------------------------------


def run_mail(settings: Settings, once: bool = False) -> list[str]:
    """Keep every mail of every mailbox; one daemon per mailbox. Once: a sentence for each that was not read whole."""
    with stoppable() as stop, open_office(settings) as office:
        try:
            sources = office.sources()
        except ValueError as error:
            raise BadSetting(f"GRU_MAILBOXES: {error}") from error
        pace = mailroom.Pace(poll_seconds=settings.mail_poll_seconds)
        if once:
            return mailroom.read_once(MailKeeper(office), sources, stop, pace)
        if not sources:
            logger.warning("no mailbox is set: GRU_MAILBOXES is empty")
        mailroom.watch_all(MailKeeper(office), sources, stop, pace)
        return []


class MailKeeper:
    """The office as the mail room sees it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def keep(self, message: RawMessage) -> str:
        return self._office.keep(message)

    def lease(self, name: str, seconds: float) -> bool:
        return self._office.work.lease(name, self._office.holder, seconds)

    def release(self, name: str) -> None:
        self._office.work.release(name, self._office.holder)

    def signal(self, mailbox: str, ok: bool, note: str) -> None:
        self._office.work.sign(f"mailbox:{mailbox}", ok, note)


# --- web ---------------------------------------------------------------------------------------------------------


def run_web(settings: Settings) -> None:
    """The pages, by gunicorn; each worker opens its own office after the fork."""
    _Server(settings).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.listen,
            "workers": self._settings.web_workers,
            "threads": self._settings.web_threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "forwarded_allow_ips": "127.0.0.1",
            "control_socket_disable": True,
            "loglevel": self._settings.log_level.lower(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., object]:
        from gru.web.app import create_app

        know_all_types()
        return create_app(build_office(self._settings))
