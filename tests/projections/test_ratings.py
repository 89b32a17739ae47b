"""Are the right people asked at the right time, and are their opinions counted with how many were asked?"""

from datetime import datetime, timedelta
from typing import Any

from gru.domain import events as e
from gru.domain.town import Surveys
from gru.storage.databases import reading
from projections import ratings
from projections.ratings import Opinion, Said
from tests.projections.places import MONDAY, Place, new, qualified, reply

DAY = timedelta(days=1)
RULE = Surveys()
END = MONDAY + 60 * DAY


def asked(place: Place, query: Any, *args: Any, **more: Any) -> Any:
    place.project()
    with reading(place.databases.views) as connection:
        return query(connection, *args, **more)


def due(place: Place, at: datetime, never: tuple[str, ...] = ()) -> tuple[str, ...]:
    found: tuple[str, ...] = asked(place, ratings.falling_due, at, RULE, never)
    return found


def closed(
    place: Place, days: int = 0, department: str = "VOI", outcome: e.Outcome = "resolved", **opening: Any
) -> str:
    case = place.open(at=MONDAY, requester=opening.pop("requester", new()), **opening)
    place.record(case, qualified(department), e.CaseClosed(outcome=outcome), at=MONDAY + days * DAY)
    return case


def surveyed(place: Place, case: str, days: int = 4, score: int | None = None, **said: Any) -> None:
    at = MONDAY + days * DAY
    place.record(case, e.SurveyAsked(), reply("s", "survey", human=False), at=at)
    place.record(case, e.ReplySent(reply_id="s", sent_at=at), at=at)
    if score is not None:
        place.record(case, e.CaseRated(score=score, **said), at=at + DAY)


def test_who_was_closed_four_days_ago_is_asked_for_four_days_and_once(place: Place) -> None:
    case = closed(place)
    assert due(place, MONDAY + 3 * DAY) == ()
    assert due(place, MONDAY + 4 * DAY) == (case,)
    assert due(place, MONDAY + 8 * DAY) == (), "what closed long ago is left alone"
    place.record(case, e.SurveyAsked(), at=MONDAY + 4 * DAY)
    assert due(place, MONDAY + 5 * DAY) == ()


def test_those_who_may_not_be_asked_never_fall_due(place: Place) -> None:
    closed(place, outcome="withdrawn")
    closed(place, reply_channel="post")
    closed(place, requester="")
    place.record(closed(place), e.CaseReopened(reason="x"))
    place.record(closed(place), e.ReplyWithheld(kind="receipt", reason="sender_asks_none"))
    place.record(closed(place), e.CaseRated(score=3))
    secret = closed(place)
    place.record(secret, qualified("VOI", "secret"))
    person = new()
    place.record(closed(place, requester=person), e.PersonErased(person=person))
    assert due(place, MONDAY + 4 * DAY) == ()
    allowed = closed(place)
    assert due(place, MONDAY + 4 * DAY) == (allowed,)
    assert due(place, MONDAY + 4 * DAY, never=("VOI-CHAUSSEE",)) == ()


def test_one_person_is_asked_about_one_case_and_not_again_for_sixty_days(place: Place) -> None:
    person = new()
    first, second = closed(place, requester=person), closed(place, 1, requester=person)
    assert due(place, MONDAY + 5 * DAY) == (first,)
    surveyed(place, first, 5)
    assert due(place, MONDAY + 5 * DAY) == ()
    much_later = closed(place, 62, requester=person)
    assert due(place, MONDAY + 66 * DAY) == (much_later,)
    assert second not in due(place, MONDAY + 66 * DAY)


def test_who_refused_once_is_never_asked_again_in_any_case(place: Place) -> None:
    person = new()
    place.record(closed(place, requester=person), e.SurveysRefused(person=person))
    closed(place, 100, requester=person)
    assert due(place, MONDAY + 104 * DAY) == ()


def test_the_share_is_of_those_asked_and_an_opinion_nobody_asked_for_stands_apart(place: Place) -> None:
    for score in (3, 8, 10, 10):
        surveyed(place, closed(place), score=score, delay="no", clarity="yes")
    surveyed(place, closed(place, department="PRO", channel="web"))
    place.record(closed(place), e.CaseRated(score=1), at=MONDAY + 3 * DAY)
    everywhere = (MONDAY, END, END, ("VOI", "PRO"))
    (whole,) = asked(place, ratings.opinions, *everywhere)
    assert whole == Opinion("", 5, (0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 2))
    assert (whole.answered, whole.high) == (4, 3)
    assert [
        (one.key, one.asked, one.answered) for one in asked(place, ratings.opinions, *everywhere, "department")
    ] == [
        ("PRO", 1, 0),
        ("VOI", 4, 4),
    ]
    assert {one.key for one in asked(place, ratings.opinions, *everywhere, "channel")} == {"email", "web"}
    assert sum(asked(place, ratings.unasked, *everywhere)) == 1
    assert asked(place, ratings.verdicts, *everywhere) == (Said("clarity", "yes", 4), Said("delay", "no", 4))
    assert asked(place, ratings.opinions, MONDAY, END, END, ("PRO",), "", {"channel": "email"}) == ()


def test_what_comes_after_the_cut_is_not_known_yet(place: Place) -> None:
    surveyed(place, closed(place), score=9)
    (then,) = asked(place, ratings.opinions, MONDAY, END, MONDAY + 4 * DAY, ("VOI",))
    assert (then.asked, then.answered) == (1, 0)
    assert asked(place, ratings.opinions, MONDAY, END, MONDAY + 3 * DAY, ("VOI",)) == ()
