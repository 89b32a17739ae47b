"""What if the line to a server is cut, or the server is away for a while? A relay that can do both."""

import contextlib
import socket
import threading

from tests.servers.process import HOST


class Line:
    """Relays a port of its own to a server's, until told otherwise."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._is_down = False
        self._ends: set[socket.socket] = set()
        self._door = socket.create_server((HOST, 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._welcome, daemon=True).start()

    def cut(self) -> None:
        """Every open connection ends now; new ones are let through."""
        for end in list(self._ends):
            _hang_up(end)

    def down(self) -> None:
        """As if the server went away: connections end, and so does each new one at once."""
        self._is_down = True
        self.cut()

    def up(self) -> None:
        self._is_down = False

    def close(self) -> None:
        self.down()
        _hang_up(self._door)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        if self._is_down:
            return _hang_up(near)
        try:
            far = socket.create_connection((HOST, self._to_port))
        except OSError:
            return _hang_up(near)
        self._ends |= {near, far}
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()
        return None

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while some := source.recv(65536):
                sink.sendall(some)
        self._ends -= {source, sink}
        _hang_up(source)
        _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
