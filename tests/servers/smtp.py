"""A real SMTP server that keeps what it is given, and refuses, fails or hangs up when told."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers.process import HOST, free_port

MAIL, RCPT, DATA = "MAIL", "RCPT", "DATA"


@dataclass(frozen=True)
class Received:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class Outbox:
    """Where mail sent by the town arrives."""

    port: int
    host: str = HOST
    messages: list[Received] = field(default_factory=list)
    refusals: dict[tuple[str, str], str] = field(default_factory=dict)
    hangs_up: str = ""
    thinks: float = 0.0
    """Seconds between the end of a mail and the answer, as a server takes that filters first."""
    refuse_if: Callable[[bytes], str] = lambda raw: ""

    def refuse(self, answer: str, at: str = RCPT, only: str = "") -> None:
        """E.g. `refuse("450 later")`, `refuse("552 too big", at=DATA)`, `refuse("550 no", only="a@b.fr")`."""
        self.refusals[at, only] = answer

    def drop(self, at: str = DATA) -> None:
        """Hang up: at RCPT, at DATA, or `after`: once the message is kept, before saying so."""
        self.hangs_up = at

    def accept(self) -> None:
        """As at first."""
        self.refusals.clear()
        self.refuse_if = lambda raw: ""
        self.hangs_up = ""
        self.thinks = 0.0

    def clear(self) -> None:
        self.accept()
        self.messages.clear()


@contextmanager
def smtp() -> Iterator[Outbox]:
    outbox = Outbox(free_port())
    controller = Controller(_Handler(outbox), hostname=HOST, port=outbox.port, ready_timeout=15)
    controller.start()
    try:
        yield outbox
    finally:
        controller.stop()


class _Handler:
    """The names and signatures are the library's."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if answer := self._answer(server, MAIL, address):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if answer := self._answer(server, RCPT, address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if answer := self._answer(server, DATA, "") or self.outbox.refuse_if(envelope.original_content):
            return answer
        received = Received(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content)
        self.outbox.messages.append(received)
        await asyncio.sleep(self.outbox.thinks)
        return self._answer(server, "after", "") or "250 OK"

    def _answer(self, server: Any, at: str, address: str) -> str:
        if self.outbox.hangs_up == at:
            server.transport.abort()
            return "421 bye"
        refusals = self.outbox.refusals
        return refusals.get((at, address)) or refusals.get((at, "")) or ""
