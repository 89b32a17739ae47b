"""What is a page asked: over which weeks, of which department, as of which fact?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from gru.domain.town import Town
from gru.office import views
from gru.office.figures import Asked, Cut
from gru.office.figures.asked import weeks
from gru.storage.databases import snapshot
from gru.web import current
from gru.web.forms import Field
from gru.web.i18n import t
from gru.web.reports.reach import Reach, reach

WEEKS = {"4": 4, "8": 8, "13": 13, "26": 26, "52": 52}
USUAL = "13"


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
        return self.args.get("service", "")

    def service_field(self) -> Field:
        every = (("", t("file.tous")),)
        return Field("service", t("champ.service"), "select", self.service, choices=(*every, *self.reach.choices))

    def weeks_field(self) -> Field:
        spans = tuple((code, t("pilotage.semaines", n=weeks)) for code, weeks in WEEKS.items())
        return Field("semaines", t("pilotage.periode"), "select", self.weeks, choices=spans)


@contextmanager
def asking(args: Mapping[str, str], usual: str = USUAL) -> Iterator[Asking]:
    """All that a page counts is counted in one snapshot, as far as the reports have been folded by then.

    `usual`: over how many weeks, when the address does not say.
    """
    said = args.get("semaines", "")
    span = said if said in WEEKS else usual
    office, seen, french = current.office(), reach(args.get("service", "")), current.french()
    with snapshot(office.databases.views) as connection:
        cut = Cut(views.stands(connection, "later"), french.now)
        asked = Asked(period=weeks(cut.at, WEEKS[span], french.zone), cut=cut, departments=seen.departments)
        yield Asking(asked, connection, args, seen.town, seen, span)
