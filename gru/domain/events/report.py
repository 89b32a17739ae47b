"""What happens to a report to the committee, and what did the committee decide?"""

from datetime import date, datetime
from typing import Literal

from gru.domain.events.base import Event, TextRef, event

# --- a report ----------------------------------------------------------------------------------------------------


@event("report.begun")
class ReportBegun(Event, frozen=True, kw_only=True):
    """A draft about the days from `first` to `last`, both counted; `automatic` when the clock began it."""

    first: date
    last: date
    automatic: bool = False


@event("report.section_written")
class SectionWritten(Event, frozen=True, kw_only=True):
    """Somebody wrote a section (`None`: emptied it).

    `names` are the figures the text inserts, `values` what they were when it was written, in the same order.
    """

    section: str
    text: TextRef | None = None
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@event("report.frozen")
class ReportFrozen(Event, frozen=True, kw_only=True):
    """Version `number` changes no more: text, figures and tables lie in the archive under `digest` (SHA-256 of the
    canonical JSON), what was made of them under `pdf` and `xlsx`; `cut` is the last fact counted, as of `cut_at`."""

    number: int
    digest: str
    pdf: str
    xlsx: str
    cut: int
    cut_at: datetime
    town_version: int


@event("report.correction_begun")
class CorrectionBegun(Event, frozen=True, kw_only=True):
    """The texts are open again for version `number`; those before stay what they are."""

    number: int


@event("report.posted")
class ReportPosted(Event, frozen=True, kw_only=True):
    """The committee was written to about version `number` (0: that a draft waits), at so many addresses."""

    number: int
    readers: int


# --- a decision --------------------------------------------------------------------------------------------------


@event("decision.taken")
class DecisionTaken(Event, frozen=True, kw_only=True):
    """The committee decided; it takes effect on a day, for these types and departments (none: all). Or (`event`)
    something else of that day must be known when effects are judged: an election, a strike, a storm."""

    kind: Literal["decision", "event"] = "decision"
    title: TextRef
    effect: date
    types: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@event("decision.struck")
class DecisionStruck(Event, frozen=True, kw_only=True):
    """It was recorded by mistake."""
