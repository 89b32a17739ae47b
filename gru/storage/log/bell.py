"""Who tells those who wait that something was written?"""

import threading
from collections.abc import Callable


class Bell:
    """Rung whenever something may have been written; who waits looks again. A ring between two looks is not lost."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rung = 0

    def ring(self) -> None:
        with self._condition:
            self.rung += 1
            self._condition.notify_all()

    def wait(self, rung: int, timeout: float) -> None:
        """Until it has been rung more often than `rung`, or `timeout` seconds have passed."""
        with self._condition:
            self._condition.wait_for(lambda: self.rung > rung, timeout)


class Ringer:
    """One thread that rings for what other processes write, from the first wait until `stop`."""

    def __init__(self, bell: Bell, follow: Callable[[Bell, threading.Event], None]) -> None:
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=follow, args=(bell, self._stopped), name="gru-log-bell", daemon=True)

    def start(self) -> None:
        if self._thread.ident is None:
            with self._guard:
                if self._thread.ident is None and not self._stopped.is_set():
                    self._thread.start()

    def stop(self) -> None:
        with self._guard:
            self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
