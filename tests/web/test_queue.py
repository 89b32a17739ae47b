"""Which cases does the list show, in which order, and what does its address say?"""

from datetime import timedelta
from time import monotonic

import pytest

from gru.bench.meter import Meter
from gru.domain.case import AssignCase, CloseCase, QualifyCase, StartWait
from gru.domain.rights import scope_of
from gru.storage.databases import reading
from projections import commitments
from tests.web.conftest import WEDNESDAY, Town, Visitor

ALL = "/agent/demandes?agent=tous"


def numbers(page: str) -> list[str]:
    """The cases of a list, in its order."""
    return [part.split('"')[0] for part in page.split('id="d-')[1:]]


def test_what_falls_due_next_comes_first(town: Town) -> None:
    later = town.open_case("Plus tard")
    sooner = town.open_case("Plus tôt", received_at=WEDNESDAY - timedelta(days=20))
    page = town.agent().get(ALL)
    assert numbers(page) == [sooner, later]
    assert "En retard de" in page


def test_a_line_says_title_number_resident_service_type_status_and_channel(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(ALL)
    for words in ("Nid-de-poule devant le 14 rue des Acacias", number, "Claire Lefèvre", "Voirie et éclairage public",
                  "Qualifiée", "Formulaire web"):  # fmt: skip
        assert words in page


def test_mine_are_mine_and_the_counts_of_the_sidebar_agree(town: Town) -> None:
    mine, other = town.open_case("La mienne"), town.open_case("Une autre")
    town.do(AssignCase(case_id=town.id_of(mine), agent=town.by_name["julien.moreau"].id))
    page = town.agent().get("/agent/demandes?agent=moi")
    assert numbers(page) == [mine]
    assert 'aria-current="page"' in page
    assert "1 demande, dont 0 en retard" in page
    assert numbers(town.agent().get("/agent/demandes?agent=aucun")) == [other]


def test_an_agent_sees_the_cases_of_his_departments_only(town: Town) -> None:
    roads = town.open_case("Un trou")
    social = town.open_case("Aide au loyer", type="SOC-AIDE")
    unqualified = town.open_case("Bonjour", type="")
    assert numbers(town.agent("julien.moreau").get(ALL)) == [roads]
    assert numbers(town.agent("catherine.ollivier").get(ALL)) == [social]
    assert numbers(town.agent("nadia.benali").get(ALL)) == [unqualified]


def test_a_search_never_finds_what_may_not_be_seen(town: Town) -> None:
    social = town.open_case("Aide au loyer", "Je ne peux plus payer mon loyer", type="SOC-AIDE")
    for asked in ("loyer", social, "Lefèvre"):
        assert social not in numbers(town.agent("julien.moreau").get(f"/agent/demandes?q={asked}"))
        assert numbers(town.agent("catherine.ollivier").get(f"/agent/demandes?q={asked}")) == [social]


def test_a_secret_case_shows_neither_title_nor_name_in_a_list(town: Town) -> None:
    town.open_case("Violences à la maison", type="SOC-AIDE")
    page = town.agent("catherine.ollivier").get(ALL)
    assert "Demande confidentielle" in page
    assert "Violences" not in page and "Lefèvre" not in page


def test_filters_stand_in_the_address_and_each_can_be_taken_off(town: Town) -> None:
    waiting, other = town.open_case("En attente"), town.open_case("Ouverte")
    wait = StartWait(case_id=town.id_of(waiting), wait_id="a" * 32, party="resident", reason="documents")
    town.do(wait, by=town.by("julien.moreau"))
    page = town.agent().get("/agent/demandes?attente=usager&service=VOI")
    assert numbers(page) == [waiting]
    assert 'href="/agent/demandes?service=VOI"' in page
    assert 'href="/agent/demandes?attente=usager"' in page
    assert other not in page


def test_an_unknown_filter_is_named_and_not_obeyed(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get("/agent/demandes?agent=tous&couleur=rouge")
    assert "il n’existe plus" in page and "couleur" in page
    assert numbers(page) == [number]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("statut=perdue", "statut"),
        ("canal=pigeon", "canal"),
        ("echeance=demain", "echeance"),
        ("attente=godot", "attente"),
        ("engagement=resolution&du=0001-01-01&au=9999-12-31", "engagement, du, au"),
        ("engagement=resolution&du=2199-01-01&au=9999-12-31T00:00:00-23:00", "engagement, du, au"),
        ("engagement=silence&du=2026-01-01&au=2026-12-31", "engagement, du, au"),
    ],
)
def test_a_value_that_means_nothing_is_named_and_not_obeyed(town: Town, written: str, named: str) -> None:
    number = town.open_case()
    page = town.agent().get(f"{ALL}&{written}")
    assert f"il n’existe plus\u00a0: {named}" in page.replace("plus :", "plus\u00a0:")
    assert numbers(page) == [number]


@pytest.mark.parametrize("value", ["²", "٣", "-1", "0", "9" * 5000, "999999999", "%00", "page"])
def test_a_page_number_typed_by_hand_never_breaks_the_list(town: Town, value: str) -> None:
    town.open_case()
    for name in ("page", "tri", "q", "usager", "agent", "service", "du"):
        town.agent().get(f"/agent/demandes?{name}={value}")


def test_the_cases_behind_a_figure_are_cut_only_after_what_may_not_be_seen_is_left_out(town: Town) -> None:
    for n in range(3):
        town.open_case(f"Aide {n}", type="SOC-AIDE", received_at=WEDNESDAY - timedelta(days=90))
    roads = town.open_case("Un trou", received_at=WEDNESDAY - timedelta(days=60))
    town.office.projector.catch_up("later")
    start, end = WEDNESDAY - timedelta(days=120), WEDNESDAY
    scope = scope_of(town.by_name["julien.moreau"])
    with reading(town.office.databases.views) as connection:
        found = commitments.cases(connection, "first_response", start, end, WEDNESDAY, scope=scope, limit=1)
    assert found == (town.id_of(roads),)
    asked = f"engagement=reponse&du={start.date()}&au={end.date()}&tenu=non"
    assert numbers(town.agent().get(f"/agent/demandes?{asked}")) == [roads]


def test_closed_cases_are_asked_for_by_name(town: Town) -> None:
    number = town.open_case()
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"), by=town.by("julien.moreau"))
    assert numbers(town.agent().get(ALL)) == []
    assert numbers(town.agent().get("/agent/demandes?statut=close")) == [number]


def test_nothing_to_do_too_narrow_and_not_found_are_three_sentences(town: Town) -> None:
    agent = town.agent()
    assert "Aucune demande ouverte ne vous est attribuée." in agent.get("/agent/demandes?agent=moi")
    assert "Aucune demande ne correspond à ces filtres" in agent.get("/agent/demandes?canal=facebook&echeance=7j")
    assert "Aucun résultat pour" in agent.get("/agent/demandes?q=licorne")


def test_a_case_is_found_by_number_word_and_name(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    for asked in (number, "acacias", "lefevre", "trous chaussée"):
        assert numbers(agent.get(f"/agent/demandes?q={asked}")) == [number], asked


def test_the_other_cases_of_a_resident(town: Town) -> None:
    first, second = town.open_case("Un trou"), town.open_case("Un autre trou")
    town.open_case("Quelqu’un d’autre", email="autre@exemple.fr", name="Paul Autre")
    assert set(numbers(town.agent().get(f"/agent/demandes?usager={first}"))) == {first, second}


def test_sorting_turns_round_in_the_address(town: Town) -> None:
    old = town.open_case("Ancienne", received_at=WEDNESDAY - timedelta(days=3))
    new = town.open_case("Récente")
    agent = town.agent()
    assert numbers(agent.get(f"{ALL}&tri=recue")) == [old, new]
    page = agent.get(f"{ALL}&tri=-recue")
    assert numbers(page) == [new, old]
    assert 'aria-sort="descending"' in page


def test_fifty_to_a_page(town: Town) -> None:
    for n in range(53):
        town.open_case(f"Demande {n}")
    agent = town.agent()
    page = agent.get(ALL)
    assert len(numbers(page)) == 50
    assert "Page 1 sur 2" in page
    assert len(numbers(agent.get(f"{ALL}&page=2"))) == 3


def test_a_requalified_case_leaves_the_list_of_the_former_department(town: Town) -> None:
    number = town.open_case()
    qualify = QualifyCase(case_id=town.id_of(number), type="PRO-DEPOT")
    town.do(qualify, by=town.by("julien.moreau"))
    assert numbers(town.agent("julien.moreau").get(ALL)) == []


@pytest.fixture
def warm(town: Town) -> Visitor:
    """An agent whose first page has filled what the process remembers."""
    for n in range(50):
        town.open_case(f"Demande {n}", email=f"usager{n}@exemple.fr", name=f"Usager {n}")
    agent = town.agent()
    agent.get(ALL)
    return agent


def test_the_list_costs_four_statements(town: Town, warm: Visitor) -> None:
    """The session, the list with every count, what the archive knows of its ids, perhaps the town."""
    meter = Meter(town.office)
    assert meter.cost(lambda: warm.get(ALL)).statements <= 4


@pytest.mark.parametrize(("name", "most"), [("julien.moreau", 6), ("pauline.noiret", 7)])
def test_it_costs_fewer_than_eight_however_old_what_is_remembered_is(
    town: Town, warm: Visitor, name: str, most: int
) -> None:
    """Keys, the town, the agents' names, the session, and whether mail still comes, for those who may mend it."""
    agent, office = town.agent(name), town.office
    assert ("administer" in town.by_name[name].rights) is (name == "pauline.noiret")
    agent.get(ALL)
    later = monotonic() + timedelta(hours=2).total_seconds()
    town.clock.pass_(minutes=100)
    meter = Meter(office)
    with pytest.MonkeyPatch.context() as patched:
        for clock in ("time.monotonic", "gru.office.town_hall.book.monotonic"):
            patched.setattr(clock, lambda: later)
        asked = meter.cost(lambda: agent.get(ALL)).statements
        again = meter.cost(lambda: agent.get(ALL)).statements
    assert again < asked == most
