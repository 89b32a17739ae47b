"""What is a page asked: over which weeks, of which department, as of which fact?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gru.domain.town import Town
from gru.office import views
from gru.office.cuts import NotMade
from gru.office.figures import Asked, Cut
from gru.office.figures.asked import weeks
from gru.storage.databases import snapshot
from gru.web import current
from gru.web.forms import Field, local_instant, whole_number
from gru.web.i18n import t
from gru.web.reports.reach import Reach, reach

WEEKS = {"4": 4, "8": 8, "13": 13, "26": 26, "52": 52}
USUAL = "13"
PATIENCE = 0.5
"""Seconds in which what was just recorded may still come into the figures."""


@dataclass(frozen=True, slots=True)
class Asking:
    """`args` are the filters as the address says them, a page's own ones among them."""

    asked: Asked
    connection: Connection
    args: Mapping[str, str]
    town: Town
    reach: Reach
    weeks: str

    @property
    def service(self) -> str:
        """The one department that is counted, by choice or because the reader has no other; `""`: several."""
        chosen, counted = self.args.get("service", ""), self.reach.departments
        return chosen or (counted[0] if len(counted) == 1 else "")

    def service_field(self) -> Field:
        every = (("", t("file.tous")),)
        return Field("service", t("champ.service"), "select", self.service, choices=(*every, *self.reach.choices))

    def weeks_field(self) -> Field:
        spans = tuple((code, t("pilotage.semaines", n=weeks)) for code, weeks in WEEKS.items())
        return Field("semaines", t("pilotage.periode"), "select", self.weeks, choices=spans)


class OtherCut(LookupError):
    """The figures are asked for as of another fact, and nobody has them at hand."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@contextmanager
def asking(args: Mapping[str, str], usual: str = USUAL) -> Iterator[Asking]:
    """All that a page counts is counted in one snapshot, as far as the reports have been folded by then.

    `arret` asks for the figures as of an earlier fact, `au` as of an earlier instant; `OtherCut` when they must be
    made first. `usual`: over how many weeks, when the address does not say.
    """
    said = args.get("semaines", "")
    span = said if said in WEEKS else usual
    seen, zone = reach(args.get("service", "")), current.french().zone
    with _cut(args) as (connection, position):
        cut = Cut(position, _instant(args.get("au", "")))
        asked = Asked(period=weeks(cut.at, WEEKS[span], zone), cut=cut, departments=seen.departments)
        yield Asking(asked, connection, args, seen.town, seen, span)


@contextmanager
def _cut(args: Mapping[str, str]) -> Iterator[tuple[Connection, int]]:
    office = current.office()
    asked = whole_number(args.get("arret", ""))
    office.projector.catch_up("later", seconds=PATIENCE)
    with snapshot(office.databases.views) as connection:
        position = views.stood(connection, "later").position
        if asked in (None, position):
            yield connection, position
            return
    try:
        with office.cuts.opened(asked) as engine, snapshot(engine) as connection:
            yield connection, asked
    except NotMade:
        raise OtherCut(asked) from None


def _instant(said: str) -> datetime:
    """As the address says it, to the second; now, where it says nothing, something else or a time to come."""
    now = current.now().replace(microsecond=0)
    asked = local_instant(said, current.french().zone)
    return now if asked is None else min(now, asked)
