"""Where does the invented Facebook stand? On a port of this machine, with a page on which a visitor can write."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from gru.demo.graph import POST, Comment, FakeGraph, Said

MOST_BYTES = 1_000_000
WRITTEN = "Travaux rue des Acacias du 2 au 13 mars : la circulation est alternée. Dites-nous ce que vous voyez."
TRIES = 3


class Webhooks:
    """Delivers each in turn, apart from the call that caused it, as Meta does; again when the town does not answer."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __call__(self, body: bytes, signature: str) -> None:
        threading.Thread(target=self._deliver, args=(body, signature), daemon=True).start()

    def _deliver(self, body: bytes, signature: str) -> None:
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
        for number in range(TRIES):
            try:
                if requests.post(self._address, data=body, headers=headers, timeout=10).ok:
                    return
            except requests.RequestException:
                threading.Event().wait(number + 1)


class GraphServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], graph: FakeGraph, town: str = "") -> None:
        super().__init__(address, _Handler)
        self.graph = graph
        self.town = town
        self.hangs_up = False

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: GraphServer

    def log_message(self, format: str, *args: object) -> None:
        """It says nothing: addresses hold tokens."""

    def do_GET(self) -> None:
        path, values = self._asked()
        if path == "":
            self._page()
        else:
            self._api("GET", path, values)

    def do_POST(self) -> None:
        path, values = self._asked()
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
        if path in ("commenter", "publier", "message"):
            self._visitor(path, dict(parse_qsl(body.decode("utf-8", "replace"))))
            return
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        self._api("POST", path, {**values, **(said if isinstance(said, dict) else {})})

    def _asked(self) -> tuple[str, dict[str, Any]]:
        parts = urlsplit(self.path)
        return parts.path.strip("/"), dict(parse_qsl(parts.query))

    def _api(self, method: str, path: str, values: dict[str, Any]) -> None:
        if self.server.hangs_up:
            self.close_connection = True
            self.connection.close()
            return
        answer = self.server.graph.answer(method, path.partition("/")[2], values)
        self._send(answer.status, json.dumps(answer.body).encode(), "application/json", answer.headers)

    def _visitor(self, path: str, form: dict[str, str]) -> None:
        name, text = form.get("nom", "").strip()[:60], form.get("texte", "").strip()[:2000]
        if name and text:
            graph = self.server.graph
            {"commenter": graph.comment, "publier": graph.publish, "message": graph.write}[path](name, text)
        self._send(303, b"", "text/plain", {"Location": "/"})

    def _page(self) -> None:
        graph = self.server.graph
        template = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
        page = template.substitute(
            name=escape(graph.name),
            town=escape(self.server.town),
            post=escape(WRITTEN),
            comments="".join(_comment(one) for one in [*graph.comments.values(), *graph.posts.values()]),
            talks="".join(_said(one, graph.names.get(one.person, "")) for talk in graph.talks.values() for one in talk),
        )
        self._send(200, page.encode(), "text/html; charset=utf-8", {})

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _comment(one: Comment) -> str:
    reply = " reply" if one.parent not in ("", POST) else ""
    return f'<div class="said{reply}"><div class="who">{escape(one.name)}</div>{escape(one.message)}</div>'


def _said(one: Said, name: str) -> str:
    who = escape(f"Mairie, à {name}" if one.by_page else name)
    return f'<div class="said{" reply" if one.by_page else ""}"><div class="who">{who}</div>{escape(one.text)}</div>'


@contextmanager
def serving(graph: FakeGraph, host: str = "127.0.0.1", port: int = 0, town: str = "") -> Iterator[GraphServer]:
    """For the length of a `with`, on a thread of its own."""
    server = GraphServer((host, port), graph, town)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
