"""Is a resident asked for his opinion by letter, may he give or refuse it, and does « pas réglé » reopen his case?"""

import html
import re
from email import message_from_bytes

import pytest

from gru.domain import events as e
from gru.domain.case import CloseCase, RateCase
from tests.web.conftest import Town
from tests.web.test_queue import numbers as listed


@pytest.fixture
def closed(town: Town) -> tuple[Town, str]:
    """A town with a case that was closed a moment ago."""
    number = town.open_case()
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"), by=town.by("julien.moreau"))
    return town, number


def react(town: Town) -> None:
    office = town.office
    while office.reactions.react():
        pass
    while due := office.work.due_effects(town.clock.at, 100):
        for effect in due:
            office.reactions.perform(effect.key)
        office.reactions.react()


def tick(town: Town, days: int) -> None:
    """So many days go by, and the clock looks what falls due."""
    town.clock.pass_(days=days)
    town.office.projector.catch_up("later", seconds=30)
    town.office.clock.tick()
    react(town)


def rating(town: Town, number: str) -> e.CaseRated | None:
    facts = (r.event for r in town.office.log.history(town.id_of(number)))
    return next((event for event in facts if isinstance(event, e.CaseRated)), None)


def test_four_days_after_the_closing_a_letter_asks_once_with_the_link_to_the_page(closed: tuple[Town, str]) -> None:
    town, number = closed
    react(town)
    tick(town, 3)
    assert "case.survey_asked" not in town.names_of(number)
    for _ in range(3):
        tick(town, 1)
    names = town.names_of(number)
    assert names.count("case.survey_asked") == 1
    written = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.ReplyWritten)]
    (survey,) = [event for event in written if event.kind == "survey"]
    assert survey.text is not None and not survey.human
    text = town.office.archive.texts([survey.text.id])[survey.text.id] or ""
    assert f"{town.link(number)}/avis" in text and f"{town.link(number)}/avis/refus" in text
    assert "case.reply_sent" in names[names.index("case.survey_asked") :]
    assert town.case(number).status == "closed"


def test_who_refused_is_not_asked_and_the_page_says_so(closed: tuple[Town, str]) -> None:
    town, number = closed
    path = f"{town.link(number)}/avis/refus"
    assert "Ne plus me demander mon avis" in town.visitor().get(path)
    assert town.visitor().fill(path, path).status_code == 303
    assert "vous ne recevrez plus d’enquête" in town.visitor().get(path).replace("\u00a0", " ")
    tick(town, 4)
    assert "case.survey_asked" not in town.names_of(number)


def test_the_letter_bears_the_header_of_one_click_and_a_mail_program_refuses_by_it_once(
    closed: tuple[Town, str],
) -> None:
    town, number = closed
    tick(town, 4)
    folder = town.office.settings.data / "outbox" / "new"
    [mail] = [
        one for path in folder.glob("*") if "Votre avis" in (one := message_from_bytes(path.read_bytes()))["Subject"]
    ]
    path = f"{town.link(number)}/avis/refus"
    assert mail["List-Unsubscribe"] == f"<http://127.0.0.1:8000{path}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    for _ in range(2):
        answer = town.visitor().client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.text) == (200, "ok\n")
    assert town.names_of(number).count("case.surveys_refused") == 1


def test_an_opinion_is_given_once_without_a_script(closed: tuple[Town, str]) -> None:
    town, number = closed
    path = f"{town.link(number)}/avis"
    assert f'href="{path}"' in town.visitor().get(town.link(number))
    page = town.visitor().get(path)
    assert len(re.findall(r'<input type="radio" name="note"', page)) == 11
    found = town.visitor().fill(path, path, note="9", delai="no", clarte="partly", texte="Merci")
    assert (found.status_code, found.location) == (303, town.link(number))
    given = rating(town, number)
    assert given is not None and (given.score, given.delay, given.clarity) == (9, "no", "partly")
    again = town.visitor().get(path)
    assert "Vous avez déjà donné votre avis le mercredi 18 mars 2026" in again and "<form" not in again.split("<h1")[1]
    assert f'href="{path}"' not in town.visitor().get(town.link(number))


@pytest.mark.parametrize("note", ["", "11", "-1", "neuf", "9.5"])
def test_a_score_that_is_none_is_said_and_the_words_are_kept(closed: tuple[Town, str], note: str) -> None:
    town, number = closed
    path = f"{town.link(number)}/avis"
    found = town.visitor().fill(path, path, note=note, texte="À garder")
    assert found.status_code == 422 and "À garder" in found.text and 'href="#note"' in found.text
    assert rating(town, number) is None


def test_what_is_not_solved_leads_to_the_reopening(closed: tuple[Town, str]) -> None:
    town, number = closed
    path = f"{town.link(number)}/avis"
    found = town.visitor().fill(path, path, note="2", pas_regle="oui")
    assert found.location == f"{town.link(number)}/rouvrir"
    again = town.visitor().fill(found.location, found.location, texte="Le trou est revenu.")
    assert again.status_code == 303 and town.case(number).status == "reopened"


def test_an_open_case_takes_no_opinion_and_a_wrong_link_shows_nothing(town: Town) -> None:
    number = town.open_case()
    path = f"{town.link(number)}/avis"
    assert "quand la demande sera terminée" in town.visitor().get(path)
    town.visitor().get(f"/suivi/{number}/{'0' * 32}/avis", status=404)
    town.visitor().get(f"/suivi/{number}/{'0' * 32}/avis/refus", status=404)


def test_reading_the_pages_of_a_survey_changes_nothing(closed: tuple[Town, str]) -> None:
    town, number = closed
    before = town.names_of(number)
    for end in ("avis", "avis/refus"):
        town.visitor().get(f"{town.link(number)}/{end}")
    assert town.names_of(number) == before


def test_the_report_never_gives_the_share_without_the_rate_nor_fewer_than_five(town: Town) -> None:
    numbers = [town.open_case(name=f"R {n}", email=f"r{n}@exemple.fr") for n in range(7)]
    for number in numbers:
        town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"), by=town.by("julien.moreau"))
    react(town)
    tick(town, 4)
    for number in numbers[:4]:
        town.do(RateCase(case_id=town.id_of(number), score=9), by="resident")
    few = _report(town)
    assert "7 enquêtes envoyées, moins de 5 réponses" in few and "9</th>" not in few
    town.do(RateCase(case_id=town.id_of(numbers[4]), score=3), by="resident")
    page = _report(town)
    assert "80 % donnent 8 ou plus, sur 5 réponses (71 % ont répondu)" in page
    assert "5 réponses seulement : à lire avec prudence" in page
    low = re.search(r'<a href="([^"]*compte=notes-basses[^"]*)">Voir la demande notée 7 ou moins</a>', page)
    assert low, "a low score leads to its case"
    assert listed(town.agent("julien.moreau").get(html.unescape(low[1]))) == [numbers[4]]
    assert listed(town.agent("isabelle.fournier").get(html.unescape(low[1]))) == [], "which she may not see"


def _report(town: Town) -> str:
    town.office.projector.catch_up("later", seconds=30)
    page = town.agent("isabelle.fournier").get("/pilotage/avis")
    return page.replace("\u202f", " ").replace("\u00a0", " ")
