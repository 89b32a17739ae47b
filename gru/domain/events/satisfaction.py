"""What does a resident say of how his request was dealt with, and was he asked?"""

from typing import Literal

from gru.domain.events.base import Event, TextRef, event

Verdict = Literal["yes", "partly", "no", ""]


@event("case.survey_asked")
class SurveyAsked(Event, frozen=True, kw_only=True):
    """Some days after the closing his opinion is asked for, once: the letter follows, and is sent like any other."""


@event("case.rated")
class CaseRated(Event, frozen=True, kw_only=True):
    """From 0 to 10, and whether the time it took suited him and the answer was clear; `""` where he did not say."""

    score: int
    delay: Verdict = ""
    clarity: Verdict = ""
    text: TextRef | None = None


@event("case.surveys_refused")
class SurveysRefused(Event, frozen=True, kw_only=True):
    """`person` wants to be asked no more, in whatever case."""

    person: str
