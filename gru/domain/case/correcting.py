"""What follows in a case when the days it was counted by prove wrong?

The town says which version has the right days (`town.calendars_corrected`). A case that counts them says so once, and
every later decision about it, a pause or another type, is given the same days.
"""

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known
from gru.domain.case.promising import after_correction
from gru.domain.case.state import Case


class CorrectCalendar(Command, frozen=True, kw_only=True):
    """Count by the days of `given.town.days_of`."""


def correct_calendar(case: Case | None, command: CorrectCalendar, given: Given) -> list[e.Event]:
    """A closed case takes it over when it is reopened. One that was merged takes it over at once: the law goes on
    counting for it, and what it promises must be right once it is released."""
    case = known(case)
    return [] if case.status == "closed" and not case.main else corrections(case, given)


def corrections(case: Case, given: Given) -> list[e.Event]:
    """That it counts other days now, and what moves by them."""
    said = counts_by(case, given)
    return [*said, *after_correction(case, given)] if said else []


def counts_by(case: Case | None, given: Given) -> list[e.Event]:
    """That the case counts the days it is given, unless it does so already."""
    if given.town.days_of in (0, case.days_of if case else 0):
        return []
    return [e.CalendarCorrected(town_version=given.town.days_of)]
