"""What does it cost to take a mail in, from the kept raw message to the rows the pages read, beside only reading it?"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import count

from gru.bench.meter import Cost, Costs
from gru.bench.towns import Town
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.channels.email.mime import read

_ADDRESS = re.compile(rb"([\w.+-]+)@((?:courriel|boite|messagerie)[\w.-]*\.example)")
_MESSAGE_ID = re.compile(rb"<([\w.+-]+)@")


@dataclass
class MailCosts:
    """Of one mail: taken in and projected by itself, or thirteen together as in a burst; and only read."""

    each: Costs = field(default_factory=Costs)
    together: Costs = field(default_factory=Costs)
    read: Costs = field(default_factory=Costs)


def samples() -> list[bytes]:
    folder = files("gru.sample").joinpath("mails")
    return [one.read_bytes() for one in sorted(folder.iterdir(), key=lambda one: one.name) if one.name.endswith(".eml")]


def varied(raw: bytes, number: int) -> bytes:
    """The same mail from another sender, under another Message-ID."""
    mark = str(number).encode()
    raw = _MESSAGE_ID.sub(rb"<\1.v" + mark + rb"@", raw)
    return _ADDRESS.sub(rb"\1.v" + mark + rb"@\2", raw)


class Mails:
    """Rounds of the sample mails, no two alike."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._samples = samples()
        self._numbers = count(town.office.log.head())
        self.costs = MailCosts()

    def round(self, together: bool) -> None:
        """Keep one of each sample, then take them all in and read them all, and note what one cost."""
        office = self._town.office
        raws = [varied(raw, next(self._numbers)) for raw in self._samples]
        keys = [office.keep(message) for message in self._messages(raws)]
        with self._town.meter.reading() as found:
            for taken in [keys] if together else [[key] for key in keys]:
                office.intake.take_in(*taken)
                office.projector.catch_up("inline", seconds=60)
        (self.costs.together if together else self.costs.each).add(_one_of(found.cost, len(raws)))
        began = time.process_time()
        for raw in raws:
            read(raw)
        self.costs.read.add(Cost((time.process_time() - began) / len(raws), 0, 0))

    def _messages(self, raws: list[bytes]) -> Iterator[RawMessage]:
        office = self._town.office
        for raw in raws:
            source = office.settings.mail_address
            yield RawMessage("email", source, external_id(raw), office.now(), content_digest(raw), raw)


def _one_of(cost: Cost, number: int) -> Cost:
    return Cost(cost.cpu / number, cost.database / number, -(-cost.statements // number))
