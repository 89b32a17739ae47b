"""A token server that gives, renews, refuses and revokes tokens, and tells a mail server whose each one is."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.process import HOST


@dataclass
class TokenOffice:
    """`asked` holds the forms that came in; `valid` the tokens that hold, with whose they are."""

    user: str
    life: int = 3600
    answer: tuple[int, dict[str, Any]] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    valid: dict[str, str] = field(default_factory=dict)
    refreshes: bool = False

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        if self.answer:
            return self.answer
        token = f"jeton-{len(self.asked)}"
        self.valid[token] = self.user
        more = {"refresh_token": f"suite-{len(self.asked)}"} if self.refreshes else {}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.life, **more}

    def whose(self, token: str) -> tuple[int, dict[str, Any]]:
        """As Dovecot asks."""
        user = self.valid.get(token)
        return (200, {"active": True, "email": user}) if user else (401, {"error": "invalid_token"})


@contextmanager
def token_office(office: TokenOffice) -> Iterator[int]:
    """Its port, in plain words: https is put before it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*office.give({name: values[0] for name, values in parse_qs(raw).items()}))

        def do_GET(self) -> None:
            self._say(*office.whose(parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]))

        def _say(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
