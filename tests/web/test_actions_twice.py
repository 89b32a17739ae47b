"""What follows when an action is asked for twice: pressed twice, or done by a colleague meanwhile?"""

from collections.abc import Callable
from io import BytesIO

import pytest

from gru.domain.case import RecordFailure
from gru.web.agents import deeds
from tests.web.conftest import Town
from tests.web.test_actions import PNG, do, path
from tests.web.test_third_parties import asked

Values = dict[str, object]
Situation = Callable[[Town], tuple[str, Values]]
"""What happened before: the number of the case, and what is filled in."""

WORDS = "Vu sur place jeudi."


def nothing(**values: object) -> Situation:
    return lambda town: (town.open_case(), values)


def in_danger(town: Town) -> tuple[str, Values]:
    return town.open_case(danger=True), {}


def replied(way: str, **values: object) -> Situation:
    def happened(town: Town) -> tuple[str, Values]:
        number = town.open_case()
        do(town.agent(), number, "repondre", texte="Un cône est posé.", voie=way)
        [reply] = town.case(number).replies
        if way == "phone":
            town.clock.pass_(seconds=11)
        return number, {"reponse": reply, **values}

    return happened


def not_arrived(**values: object) -> Situation:
    def happened(town: Town) -> tuple[str, Values]:
        number, named = replied("email", **values)(town)
        reply = str(named["reponse"])
        town.do(RecordFailure(case_id=town.id_of(number), reply_id=reply, reason="bounce_5", permanent=True))
        return number, named

    return happened


def waiting(town: Town) -> tuple[str, Values]:
    number = town.open_case()
    do(town.agent(), number, "attendre", qui="resident", motif="documents")
    return number, {"attente": ""}


def firm_asked(**values: object) -> Situation:
    def happened(town: Town) -> tuple[str, Values]:
        number = town.open_case()
        asked(town, number)
        [request] = town.case(number).open_requests
        return number, {"demande": request, **values}

    return happened


def closed(town: Town) -> tuple[str, Values]:
    number = town.open_case()
    do(town.agent(), number, "clore", issue="resolved")
    return number, {"texte": WORDS}


def another(town: Town) -> tuple[str, Values]:
    return town.open_case(), {"reference": town.open_case("Un autre trou"), "texte": WORDS}


def linkable(town: Town) -> tuple[str, Values]:
    return town.open_case(), {"reference": town.open_case("Un autre trou")}


def joined(town: Town) -> tuple[str, Values]:
    number, values = another(town)
    do(town.agent(), number, "joindre", **values)
    return number, {"texte": WORDS}


FIRM = {"nom": "Routes du Nord", "courriel": "travaux@routes.example", "texte": WORDS, "avant": "2026-03-25"}
SITUATIONS: dict[str, Situation] = {
    "repondre": nothing(texte=WORDS),
    "note": nothing(texte=WORDS),
    "pieces": nothing(texte=WORDS, pieces=PNG),
    "annuler-envoi": replied("email"),
    "attribuer": lambda town: (town.open_case(), {"agent": town.by_name["sonia.verbeke"].id}),
    "transferer": nothing(service="PRO", motif="competence", texte=WORDS),
    "qualifier": nothing(type="VOI-ECLAIR", priorite="high"),
    "intervention": nothing(jour="2026-03-19", moment="morning"),
    "securite": in_danger,
    "attendre": nothing(qui="resident", motif="documents", texte=WORDS),
    "reprendre": waiting,
    "dite": replied("phone"),
    "pas-joint": replied("phone"),
    "injoignable": replied("phone", motif="wrong_number"),
    "renvoyer": not_arrived(texte=WORDS, voie="email"),
    "classer-echec": not_arrived(motif="told"),
    "voie": nothing(voie="phone"),
    "demander-tiers": nothing(**FIRM),
    "relancer-tiers": firm_asked(),
    "reponse-tiers": firm_asked(reponse="done", texte=WORDS),
    "retirer-tiers": firm_asked(),
    "clore": nothing(issue="resolved", message=WORDS),
    "rouvrir": closed,
    "joindre": another,
    "detacher": joined,
    "lier": linkable,
    "difficulte": nothing(motif="overload", texte=WORDS),
    "renouveler-lien": nothing(),
}


def filled(values: Values) -> Values:
    """The same once more: a file is read to its end when it is sent."""
    return {name: (BytesIO(value), "trou.png") if isinstance(value, bytes) else value for name, value in values.items()}


def test_every_action_has_a_situation_here_but_the_one_on_the_towns_page() -> None:
    """That one is pressed twice where the town has a page."""
    assert set(deeds.BY_SLUG) - set(SITUATIONS) == {"repondre-public"}


@pytest.mark.parametrize("slug", SITUATIONS)
def test_pressed_twice_it_happens_once_and_nobody_is_frightened(town: Town, slug: str) -> None:
    number, values = SITUATIONS[slug](town)
    agent, action = town.agent(), f"{path(number)}/{slug}"
    page = agent.get(f"{action}?reponse={values.get('reponse', '')}")
    before = town.names_of(number)
    assert agent.send(page, action, **filled(values)).status_code == 303
    once = town.names_of(number)
    assert len(once) > len(before)
    again = agent.send(page, action, **filled(values))
    assert town.names_of(number) == once
    if slug == "transferer":
        assert again.status_code == 403 and WORDS in again.text
    else:
        assert again.status_code == 303, again.text


@pytest.mark.parametrize("slug", SITUATIONS)
def test_done_by_a_colleague_meanwhile_it_keeps_what_was_typed_and_says_so(town: Town, slug: str) -> None:
    number, values = SITUATIONS[slug](town)
    first, second, action = town.agent("patrice.lenoir"), town.agent(), f"{path(number)}/{slug}"
    asking = f"{action}?reponse={values.get('reponse', '')}"
    page = second.get(asking)
    assert first.fill(asking, action, **filled(values)).status_code == 303
    once, mine = town.names_of(number), {name: "Mes propres mots." for name in ("texte", "message") if name in values}
    answer = second.send(page, action, **filled(values | mine))
    if town.names_of(number) == once and mine:
        assert answer.status_code in (403, 409, 422) and "Mes propres mots." in answer.text
    else:
        assert answer.status_code in (303, 409, 422)


def test_who_detaches_what_a_colleague_has_detached_reads_so_and_keeps_his_reason(town: Town) -> None:
    number, _ = joined(town)
    action, agent = f"{path(number)}/detacher", town.agent()
    page = agent.get(action)
    do(town.agent("patrice.lenoir"), number, "detacher", texte="Deux trous.")
    answer = agent.send(page, action, texte=WORDS)
    assert answer.status_code == 422
    assert "Cette action n’est plus possible" in answer.text and WORDS in answer.text
    assert f'href="{path(number)}"' in answer.text
