"""How is a report begun, written by several people, frozen and corrected?

Nothing frozen is ever changed: a correction opens the texts again for the next version.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import assert_never

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from gru.domain.events import TextRef
from gru.domain.report.base import Wish

LONGEST = timedelta(days=366)
"""A report speaks of a year at most."""

PAGES = ("key", "backlog", "time", "difficulties")
"""The four pages of figures, each with a comment of its own."""

SECTIONS = ("title", "keep", *(f"comment/{page}" for page in PAGES), "done", "decisions", "limits")
"""What people write: the title, what must be kept in mind, a comment beside the figures of each page, what was done
about the difficulties, the decisions asked for, and limits to be known."""


class SectionChanged(NotNow):
    """Somebody else wrote this section since the page was shown."""

    code = "section_changed"


class Written(msgspec.Struct, frozen=True):
    """A section as last written; `values` are what the figures `names` were then."""

    text: TextRef | None
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    by: str = ""
    at: datetime | None = None

    @property
    def seen(self) -> str:
        """What tells one writing from the next: `""` for an empty section."""
        return self.text.id if self.text else ""


class Frozen(msgspec.Struct, frozen=True):
    """One version for ever."""

    number: int
    digest: str
    pdf: str
    xlsx: str
    cut: int
    cut_at: datetime
    town_version: int
    at: datetime
    by: str
    position: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """After `version` facts; `number` is that of the draft, or of the last frozen version when none is open."""

    version: int
    first: date
    last: date
    automatic: bool
    number: int = 1
    open: bool = True
    sections: Mapping[str, Written] = {}
    versions: tuple[Frozen, ...] = ()
    posted: frozenset[int] = frozenset()


class BeginReport(Wish, frozen=True, kw_only=True):
    first: date
    last: date
    automatic: bool = False


class WriteSection(Wish, frozen=True, kw_only=True):
    """`seen` is the text that stood there when the page was shown (`Written.seen`)."""

    section: str
    text: TextRef | None
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    seen: str = ""


class FreezeReport(Wish, frozen=True, kw_only=True):
    """`made_from` is the version of the stream whose texts were frozen; `today` the town's day of the cut."""

    number: int
    digest: str
    pdf: str
    xlsx: str
    cut: int
    cut_at: datetime
    town_version: int
    made_from: int
    today: date


class BeginCorrection(Wish, frozen=True, kw_only=True):
    """`number` is that of the version to be made."""

    number: int


class RecordPosted(Wish, frozen=True, kw_only=True):
    number: int
    readers: int


Command = BeginReport | WriteSection | FreezeReport | BeginCorrection | RecordPosted


def evolve(report: Report | None, recorded: e.Recorded) -> Report:
    event = recorded.event
    if report is None:
        if not isinstance(event, e.ReportBegun):
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        return Report(version=recorded.version, first=event.first, last=event.last, automatic=event.automatic)
    report = replace(report, version=recorded.version)
    match event:
        case e.SectionWritten():
            written = Written(event.text, event.names, event.values, recorded.by, recorded.at)
            return replace(report, sections={**report.sections, event.section: written})
        case e.ReportFrozen():
            return replace(report, open=False, versions=(*report.versions, _frozen(recorded, event)))
        case e.CorrectionBegun():
            return replace(report, open=True, number=event.number)
        case e.ReportPosted():
            return replace(report, posted=report.posted | {event.number})
    return report


def _frozen(recorded: e.Recorded, event: e.ReportFrozen) -> Frozen:
    return Frozen(
        number=event.number,
        digest=event.digest,
        pdf=event.pdf,
        xlsx=event.xlsx,
        cut=event.cut,
        cut_at=event.cut_at,
        town_version=event.town_version,
        at=recorded.at,
        by=recorded.by,
        position=recorded.position,
    )


def decide(report: Report | None, command: Command) -> list[e.Event]:
    match command:
        case BeginReport():
            return [] if report else _begin(command)
        case WriteSection():
            return _write(_there(report), command)
        case FreezeReport():
            return _freeze(_there(report), command)
        case BeginCorrection():
            return _correct(_there(report), command)
        case RecordPosted():
            posted = e.ReportPosted(number=command.number, readers=command.readers)
            return [] if command.number in _there(report).posted else [posted]
        case _:
            assert_never(command)


def _begin(command: BeginReport) -> list[e.Event]:
    if command.last < command.first:
        raise BadInput("A period ends on the day it begins, or later.", field="last")
    if command.last - command.first >= LONGEST:
        raise BadInput("A report speaks of a year at most.", field="period")
    return [e.ReportBegun(first=command.first, last=command.last, automatic=command.automatic)]


def _write(report: Report, command: WriteSection) -> list[e.Event]:
    if command.section not in SECTIONS:
        raise BadInput("There is no such section.", field="section", value=command.section)
    if len(command.names) != len(command.values):
        raise BadInput("Each figure has one value.", field="figures")
    before = report.sections.get(command.section, Written(None))
    same = (command.text, command.names, command.values) == (before.text, before.names, before.values)
    if same:
        return []
    if not report.open:
        raise NotNow("A frozen report is corrected in a new version.", field="report")
    if command.seen != before.seen:
        raise SectionChanged("Somebody else has written this section meanwhile.", field=command.section)
    written = e.SectionWritten(section=command.section, text=command.text, names=command.names, values=command.values)
    return [written]


def _freeze(report: Report, command: FreezeReport) -> list[e.Event]:
    if any((one.number, one.digest) == (command.number, command.digest) for one in report.versions):
        return []
    if not report.open or command.number != report.number:
        raise NotNow("This version is frozen already.", field="report")
    if command.made_from != report.version:
        raise SectionChanged("Somebody else has written in this report meanwhile.", field="report")
    if command.today <= report.last:
        raise NotNow("The period is not over.", field="period")
    frozen = e.ReportFrozen(
        number=command.number,
        digest=command.digest,
        pdf=command.pdf,
        xlsx=command.xlsx,
        cut=command.cut,
        cut_at=command.cut_at,
        town_version=command.town_version,
    )
    return [frozen]


def _correct(report: Report, command: BeginCorrection) -> list[e.Event]:
    if report.open and report.number == command.number:
        return []
    if report.open or command.number != len(report.versions) + 1:
        raise NotNow("A correction is made of the last frozen version.", field="report")
    return [e.CorrectionBegun(number=command.number)]


def _there(report: Report | None) -> Report:
    if report is None:
        raise NotNow("There is no such report.", field="report")
    return report
