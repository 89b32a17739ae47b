"""Is the requester asked for his opinion, what does he say, and does he want to be left alone?"""

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow
from gru.domain.town import Town

SURVEYED: frozenset[str] = frozenset({"resolved", "refused", "redirected", "out_of_scope"})
"""Outcomes after which something can be said of how the town dealt with it."""

HIGHEST = 10


class AskSurvey(Command, frozen=True, kw_only=True):
    pass


def ask_survey(case: Case | None, command: AskSurvey, given: Given) -> list[e.Event]:
    """Once in a case, and only whom a letter reaches who is a person and has nothing to fear from it."""
    case = known(case)
    if case.remarks & {e.SurveyAsked.NAME, e.CaseRated.NAME, e.SurveysRefused.NAME}:
        return []
    return [e.SurveyAsked()] if _may_be_asked(case, given.town) else []


def _may_be_asked(case: Case, town: Town) -> bool:
    kind = town.types.get(case.type)
    return (
        case.status == "closed"
        and not case.main
        and case.outcome in SURVEYED
        and case.confidentiality != "secret"
        and case.requester not in ("", *case.erased)
        and case.reply_channel == "email"
        and "receipt" not in case.withheld  # the sender was a machine, or asked for no letters
        and kind is not None
        and kind.survey
    )


class RateCase(Command, frozen=True, kw_only=True):
    score: int
    delay: e.Verdict = ""
    clarity: e.Verdict = ""
    text: e.TextRef | None = None


def rate_case(case: Case | None, command: RateCase, given: Given) -> list[e.Event]:
    """Once; asked or not, for whoever holds the link may find the page by himself."""
    case = known(case)
    if e.CaseRated.NAME in case.remarks:
        return []
    if case.status != "closed":
        raise NotNow("An opinion is given once the case is closed.", field="rating")
    if not 0 <= command.score <= HIGHEST:
        raise BadInput("The score goes from 0 to 10.", field="note")
    return [e.CaseRated(score=command.score, delay=command.delay, clarity=command.clarity, text=command.text)]


class RefuseSurveys(Command, frozen=True, kw_only=True):
    pass


def refuse_surveys(case: Case | None, command: RefuseSurveys, given: Given) -> list[e.Event]:
    case = known(case)
    if e.SurveysRefused.NAME in case.remarks or not case.requester:
        return []
    return [e.SurveysRefused(person=case.requester)]
