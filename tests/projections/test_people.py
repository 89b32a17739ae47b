"""Are a person's cases known, and is his name forgotten when he is?"""

from gru.domain import events as e
from gru.storage.databases import reading
from projections import people
from tests.projections.places import MONDAY, Place, new


def named(place: Place, name: str) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        return people.named(connection, name)


def cases_of(place: Place, person: str) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        return people.cases_of(connection, person)


def test_a_person_is_found_by_any_beginnings_of_his_name(place: Place) -> None:
    claire = place.archive.person("Claire LEFÈVRE-Martin")
    other = place.archive.person("Martin Haddad")
    place.open(requester=claire)
    place.open(requester=other)
    for asked in ("Lefevre", "claire martin", "MARTIN Cl", "lefèv", "claire"):
        assert named(place, asked) == [claire], asked
    assert named(place, "martin") == [other]
    assert named(place, "haddad mar") == [other]
    assert named(place, "dupont") == named(place, "%") == named(place, "_") == []


def test_the_cases_of_a_person_come_newest_first(place: Place) -> None:
    claire, ali = new(), new()
    first, second, third = place.open(requester=claire), place.open(requester=ali), place.open()
    heard = e.MessageReceived(message=new(), channel="email", received_at=MONDAY, proof="agent", author=claire)
    place.record(second, heard)
    place.record(third, e.RequesterIdentified(person=claire))
    assert cases_of(place, claire) == [third, second, first]
    with reading(place.databases.views) as connection:
        roles = {(one.person, one.role) for one in people.of_case(connection, second)}
    assert roles == {(ali, "requester"), (claire, "author")}


def test_who_turns_out_not_to_be_the_requester_stays_known_as_an_earlier_one(place: Place) -> None:
    claire, ali = new(), new()
    case = place.open(requester=claire)
    place.record(case, e.RequesterIdentified(person=ali))
    place.project()
    with reading(place.databases.views) as connection:
        roles = {one.person: one.role for one in people.of_case(connection, case)}
    assert roles == {claire: "earlier_requester", ali: "requester"}


def test_an_erased_person_has_no_name_but_still_his_cases(place: Place) -> None:
    claire = place.archive.person("Claire Lefèvre")
    first, second = place.open(requester=claire), place.open(requester=claire)
    assert named(place, "lefevre") == [claire]
    for case in (first, second):
        place.record(case, e.PersonErased(person=claire))
    assert named(place, "lefevre") == []
    assert cases_of(place, claire) == [second, first]
