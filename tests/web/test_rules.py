"""Does a draft of rules survive, does its simulation stand beside the official figures, whom does a version bind?"""

from datetime import timedelta

import pytest

from gru.domain.case import CloseCase, StartWait
from gru.office.simulating import KIND
from gru.web.admin.drafting import CALENDARS, ENGAGEMENTS, PUBLISH, RUNS
from tests.web.conftest import Town, Visitor

RULE = f"{ENGAGEMENTS}/modifier?pour=type/VOI-CHAUSSEE"
ADMIN, COMMITTEE = "pauline.noiret", "isabelle.fournier"
DAYS = {"resolve_nombre": "2", "resolve_unite": "jo"}


def drafted(visitor: Visitor, rule: str = RULE, **values: str) -> None:
    answer = visitor.fill(rule, rule, **(values or DAYS))
    assert (answer.status_code, answer.location) == (303, ENGAGEMENTS)


def simulated(town: Town, visitor: Visitor, pauses: str = "version") -> str:
    """The address of a simulation that a worker has done."""
    town.office.projector.catch_up("later")
    answer = visitor.fill(ENGAGEMENTS, RUNS, pauses=pauses)
    assert answer.status_code == 303
    perform(town)
    return str(answer.location)


def perform(town: Town) -> None:
    while due := [one for one in town.office.work.due_effects(town.clock()) if one.kind == KIND]:
        for effect in due:
            assert town.office.reactions.perform(effect.key)


def dues(town: Town, number: str) -> dict[str, object]:
    return {kind: one.due for kind, one in town.case(number).commitments.items()}


def test_the_delays_in_force_are_shown_with_their_units_and_calendars(town: Town) -> None:
    page = town.agent(ADMIN).get(ENGAGEMENTS)
    assert "Trou ou déformation sur la chaussée ou le trottoir" in page
    assert "10 jours ouvrés" in page and "8 heures d’ouverture" in page
    assert "Voirie et éclairage public" in page and "Équipes techniques" in page
    assert "Brouillon non publié" not in page


def test_a_draft_survives_leaving_the_page_and_is_nobody_elses(town: Town) -> None:
    drafted(town.agent(ADMIN))
    page = town.agent(ADMIN).get(ENGAGEMENTS)
    assert "Brouillon non publié" in page and "10 jours ouvrés → 2 jours ouvrés" in page
    assert 'value="2"' in town.agent(ADMIN).get(RULE)
    assert "Brouillon non publié" not in town.agent(COMMITTEE).get(ENGAGEMENTS)
    assert town.office.town.latest().number == 1


def test_a_draft_that_says_what_holds_already_is_none(town: Town) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor)
    drafted(visitor, resolve_nombre="10", resolve_unite="jo")
    assert "Brouillon non publié" not in visitor.get(ENGAGEMENTS)


def test_a_draft_can_be_given_up(town: Town) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor)
    page = visitor.get(ENGAGEMENTS)
    assert visitor.send(page, f"{ENGAGEMENTS}/abandonner?vers={ENGAGEMENTS}").status_code == 303
    assert "Brouillon non publié" not in visitor.get(ENGAGEMENTS)


@pytest.mark.parametrize(
    ("rule", "values", "said"),
    [
        ("type/VOI-CHAUSSEE", {"resolve_nombre": "abc"}, "Écrivez un nombre entier de 1 à 999."),
        ("type/VOI-CHAUSSEE", {"resolve_nombre": "0"}, "Écrivez un nombre entier de 1 à 999."),
        ("type/VOI-CHAUSSEE", {"resolve_nombre": "-3"}, "Écrivez un nombre entier de 1 à 999."),
        ("type/VOI-CHAUSSEE", {"resolve_nombre": "99999999999999"}, "Écrivez un nombre entier de 1 à 999."),
        ("type/VOI-CHAUSSEE", {"resolve_unite": "siècle"}, "Choisissez"),
        ("type/VOI-CHAUSSEE/urgent", {"make_safe_nombre": ""}, "Écrivez un nombre entier de 1 à 999."),
        ("default", {"resolve_nombre": ""}, "La règle générale doit donner un délai de résolution"),
        ("service/VOI", {"calendrier": "<script>"}, "Choisissez"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(town: Town, rule: str, values: dict[str, str], said: str) -> None:
    visitor, path = town.agent(ADMIN), f"{ENGAGEMENTS}/modifier?pour={rule}"
    answer = visitor.fill(path, path, **values)
    assert answer.status_code == 422 and said in answer.text
    assert all(f'value="{value}"' in answer.text for name, value in values.items() if "nombre" in name)
    assert "Brouillon non publié" not in visitor.get(ENGAGEMENTS)


@pytest.mark.parametrize("rule", ["", "type/NIX", "channel/pigeon", "service/NIX", "type/REL-INFO/urgent", "<b>"])
def test_a_rule_that_is_none_is_not_found(town: Town, rule: str) -> None:
    town.agent(ADMIN).get(f"{ENGAGEMENTS}/modifier?pour={rule}", 404)


def test_simulating_shows_progress_then_both_figures_and_the_cases_that_flip(town: Town) -> None:
    number = town.open_case(received_at=town.clock() - timedelta(days=20))
    town.clock.pass_(days=-12)
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"))
    town.clock.pass_(days=12)
    visitor = town.agent(ADMIN)
    drafted(visitor)
    town.office.projector.catch_up("later")
    here = str(visitor.fill(ENGAGEMENTS, RUNS).location)
    assert "0 demandes jugées sur 1" in visitor.get(here).replace("0 demande jugées", "0 demandes jugées")
    perform(town)
    page = visitor.get(here)
    assert "jugées sur" not in page
    assert "1 demande jugée deux fois" in page
    assert "2 jours ouvrés" in page and "au fait n°" in page and "version 1, modifiée" in page
    flips = visitor.get(f"{here}/demandes?sens=pire&engagement=resolve")
    assert number in flips and f"/agent/demandes/{number}" in flips
    assert number not in visitor.get(f"{here}/demandes?sens=mieux")


def test_the_list_of_what_flips_shows_no_case_outside_the_scope_of_who_asks(town: Town) -> None:
    received = town.clock() - timedelta(days=12)
    plain, secret = (town.open_case(type=code, received_at=received) for code in ("VOI-CHAUSSEE", "SOC-AIDE"))
    visitor = town.agent(ADMIN)
    for code in ("VOI-CHAUSSEE", "SOC-AIDE"):
        drafted(visitor, f"{ENGAGEMENTS}/modifier?pour=type/{code}", resolve_nombre="1", resolve_unite="jo")
    here = simulated(town, visitor)
    assert "2 demandes jugées deux fois" in visitor.get(here)
    listed = visitor.get(f"{here}/demandes?sens=pire&engagement=resolve")
    assert plain in listed and secret not in listed and "1 engagement parmi" in listed
    assert plain not in town.agent(COMMITTEE).get(f"{here}/demandes?sens=pire&engagement=resolve")


def test_the_official_figures_and_the_history_stay_as_they_were(town: Town) -> None:
    number = town.open_case(received_at=town.clock() - timedelta(days=3))
    visitor = town.agent(ADMIN)
    before, head = dues(town, number), town.office.log.head()
    drafted(visitor)
    simulated(town, visitor, "none")
    assert (dues(town, number), town.office.log.head()) == (before, head)


def test_a_simulation_is_stopped_and_gone_on_with(town: Town) -> None:
    town.open_case(received_at=town.clock() - timedelta(days=3))
    visitor = town.agent(ADMIN)
    drafted(visitor)
    town.office.projector.catch_up("later")
    here = str(visitor.fill(ENGAGEMENTS, RUNS).location)
    visitor.fill(here, f"{here}/arreter")
    perform(town)
    assert "Reprendre" in visitor.get(here) and "jugée deux fois" not in visitor.get(here)
    visitor.fill(here, f"{here}/reprendre")
    perform(town)
    assert "1 demande jugée deux fois" in visitor.get(here)


def test_too_many_simulations_at_once_are_refused_in_a_sentence(town: Town) -> None:
    visitor = town.agent(ADMIN)
    for _ in range(3):
        visitor.fill(ENGAGEMENTS, RUNS)
    answer = visitor.fill(ENGAGEMENTS, RUNS)
    assert answer.location == ENGAGEMENTS
    assert "Plusieurs simulations sont déjà en cours" in visitor.get(ENGAGEMENTS)


def test_a_new_version_binds_what_is_received_from_then_on_and_open_cases_keep_their_promise(town: Town) -> None:
    number = town.open_case()
    before, visitor = dues(town, number), town.agent(ADMIN)
    drafted(visitor)
    day = (town.clock() + timedelta(days=2)).date().isoformat()
    asked = visitor.fill(PUBLISH, PUBLISH, jour=day)
    assert asked.status_code == 200
    assert "la version 2 vaudra pour ce qui est reçu" in asked.text and "garde ses engagements" in asked.text
    assert town.office.town.latest().number == 1
    done = visitor.send(asked.text, PUBLISH)
    assert (done.status_code, done.location) == (303, ENGAGEMENTS)
    assert "Brouillon non publié" not in visitor.get(ENGAGEMENTS)
    same_day = town.open_case()
    assert town.case(same_day).town_version == 1
    town.clock.pass_(days=3)
    town.office.town.refresh()
    after = town.open_case()
    assert town.case(after).town_version == 2
    version = town.office.town.version(2)
    assert dues(town, after)["resolve"] == version.promises("VOI-CHAUSSEE", "VOI", "web", town.clock())[-1].due
    assert dues(town, number) == before


def test_from_today_it_holds_from_now(town: Town) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor)
    asked = visitor.fill(PUBLISH, PUBLISH, jour=town.clock().date().isoformat())
    assert visitor.send(asked.text, PUBLISH).status_code == 303
    assert town.office.town.latest().valid_from == town.clock()


@pytest.mark.parametrize("day", ["", "hier", "2026-03-17", "0001-01-01", "2026-02-30"])
def test_a_day_that_is_past_or_none_is_refused_in_a_sentence(town: Town, day: str) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor)
    answer = visitor.fill(PUBLISH, PUBLISH, jour=day)
    assert answer.status_code == 422 and "Il y a un problème" in answer.text
    assert town.office.town.latest().number == 1


def test_of_two_administrators_the_second_is_told_what_the_first_changed(town: Town) -> None:
    first, second = town.agent(ADMIN), town.agent("nadia.benali")
    drafted(first)
    office, other = town.office, town.by_name["nadia.benali"].id
    changes = office.publishing.draft(town.by_name[ADMIN].id).changes
    office.publishing.keep(other, type(changes)(departments={"VOI": "bureaux"}))
    assert second.client.get(PUBLISH).status_code == 403
    day = (town.clock() + timedelta(days=2)).date()
    beside = office.publishing.publish(other, day, following=1)
    assert beside == 2
    office.publishing.keep(town.by_name[ADMIN].id, changes)
    asked = first.fill(PUBLISH, PUBLISH, jour=day.isoformat())
    assert "La version 2" in asked.text and "Ce qui a été publié entre-temps" in asked.text
    assert "Services administratifs" in asked.text and "Équipes techniques" in asked.text


def test_a_version_published_between_two_looks_stops_the_second(town: Town) -> None:
    visitor, office, other = town.agent(ADMIN), town.office, town.by_name["nadia.benali"].id
    drafted(visitor)
    day = (town.clock() + timedelta(days=2)).date()
    asked = visitor.fill(PUBLISH, PUBLISH, jour=day.isoformat())
    changes = office.publishing.draft(town.by_name[ADMIN].id).changes
    office.publishing.keep(other, type(changes)(departments={"VOI": "bureaux"}))
    office.publishing.publish(other, day, following=1)
    late = visitor.send(asked.text, PUBLISH)
    assert late.status_code == 409 and "Ce qui a été publié entre-temps" in late.text
    assert office.town.latest().number == 2
    assert visitor.send(late.text, PUBLISH).status_code == 303
    latest = office.town.latest()
    assert latest.number == 3 and latest.departments["VOI"].calendar == "bureaux"
    assert latest.types["VOI-CHAUSSEE"].targets.resolve is not None
    assert latest.types["VOI-CHAUSSEE"].targets.resolve.value == 2


def test_who_may_only_simulate_does_not_publish_and_an_agent_sees_none_of_it(town: Town) -> None:
    committee = town.agent(COMMITTEE)
    drafted(committee)
    page = committee.get(ENGAGEMENTS)
    assert PUBLISH not in page
    committee.get(PUBLISH, 403)
    committee.get(simulated(town, committee))
    for path in (ENGAGEMENTS, CALENDARS, RULE):
        town.agent().get(path, 403)


def test_who_reads_that_a_case_would_be_in_time_reads_how_that_can_be(town: Town) -> None:
    number = town.open_case(received_at=town.clock() - timedelta(days=40))
    visitor = town.agent(ADMIN)
    drafted(visitor, resolve_nombre="90", resolve_unite="jo")
    here = simulated(town, visitor)
    better = visitor.get(f"{here}/demandes?sens=mieux&engagement=resolve")
    assert number in better and "Leur date simulée est plus tardive" in better
    assert "Leur date simulée" not in visitor.get(f"{here}/demandes?sens=pire")


@pytest.mark.parametrize("id", ["0" * 32, "x", "%00"])
def test_a_simulation_that_is_none_is_not_found(town: Town, id: str) -> None:
    town.agent(ADMIN).get(f"{RUNS}/{id}", 404)
    town.agent(ADMIN).get(f"{RUNS}/{id}/demandes?page=99999999999", 404)


# --- which waits stop the clock ----------------------------------------------------------------------------------

PAUSES = f"{ENGAGEMENTS}/modifier?pour=pauses"


def published(town: Town, visitor: Visitor) -> None:
    """The draft holds from now."""
    asked = visitor.fill(PUBLISH, PUBLISH, jour=town.clock().date().isoformat())
    assert visitor.send(asked.text, PUBLISH).status_code == 303
    town.office.town.refresh()


def paused(town: Town, number: str) -> bool:
    """Does the promise of the case rest while something useful is awaited?"""
    town.do(StartWait(case_id=town.id_of(number), wait_id="a" * 32, party="resident", reason="documents"))
    return town.case(number).paused_since is not None


def test_the_waits_that_stop_the_clock_are_told_and_explained(town: Town) -> None:
    visitor = town.agent(ADMIN)
    page = visitor.get(ENGAGEMENTS)
    assert "L’attente d’une pièce indispensable demandée à l’usager" in page and "pour=pauses" in page
    form = visitor.get(PAUSES)
    assert "Toute attente de l’usager" in form and "Aucune attente" in form
    assert "Les dates de la loi n’en dépendent pas" in form


def test_another_rule_for_pauses_is_drafted_simulated_and_published(town: Town) -> None:
    """It binds what is received from then on; what is open keeps its rule."""
    before, after_wish = town.open_case(), town.agent(ADMIN)
    drafted(after_wish, PAUSES, pauses="resident")
    page = after_wish.get(ENGAGEMENTS)
    assert "pièce indispensable demandée à l’usager → Toute attente de l’usager" in page
    here = simulated(town, after_wish)
    told = after_wish.get(here)
    assert "Toute attente de l’usager" in told and PUBLISH in told and "seulement essayées" not in told
    published(town, after_wish)
    assert town.office.town.latest().pauses == "resident"
    after = town.open_case()
    assert (town.case(before).town_version, town.case(after).town_version) == (1, 2)
    assert (paused(town, before), paused(town, after)) == (False, True)


def test_a_rule_that_is_only_tried_is_not_what_would_be_published(town: Town) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor)
    page = visitor.get(simulated(town, visitor, "none"))
    assert "Aucune attente (pour voir seulement)" in page and "seulement essayées" in page
    assert PUBLISH not in page


def test_the_rule_that_holds_already_is_no_draft_and_one_that_is_none_is_refused(town: Town) -> None:
    visitor = town.agent(ADMIN)
    drafted(visitor, PAUSES, pauses="none")
    drafted(visitor, PAUSES, pauses="indispensable")
    assert "Brouillon non publié" not in visitor.get(ENGAGEMENTS)
    answer = visitor.fill(PAUSES, PAUSES, pauses="toujours")
    assert answer.status_code == 422 and "Choisissez" in answer.text
    assert visitor.fill(ENGAGEMENTS, RUNS, pauses="toujours").location == ENGAGEMENTS


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("indispensable", "Seule une pièce indispensable arrête le délai"),
        ("resident", "Toute attente de l’usager arrête le délai promis"),
        ("none", "Aucune attente n’arrête le délai promis"),
    ],
)
def test_who_lets_a_case_wait_reads_what_it_does_to_the_delay_of_this_case(town: Town, rule: str, said: str) -> None:
    visitor = town.agent(ADMIN)
    if rule != "indispensable":
        drafted(visitor, PAUSES, pauses=rule)
        published(town, visitor)
    number = town.open_case()
    assert said in town.agent().get(f"/agent/demandes/{number}/attendre")


def test_an_agent_who_may_not_simulate_does_not_change_what_pauses_do(town: Town) -> None:
    town.agent().get(PAUSES, 403)
