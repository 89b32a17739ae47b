"""Is the service up, and what waits?"""

import shutil

from tests.web.conftest import Town


def test_health_says_ok_and_nothing_else(town: Town) -> None:
    assert town.visitor().get("/sante") == "ok\n"


def test_a_database_that_does_not_answer_is_a_503_without_details(town: Town) -> None:
    town.office.databases.work.dispose()
    shutil.rmtree(town.office.settings.data)
    answer = town.visitor().client.get("/sante")
    assert (answer.status_code, answer.text) == (503, "ko\n")


def test_metrics_are_figures_without_names(town: Town) -> None:
    town.open_case()
    page = town.visitor().get("/metrics")
    assert "gru_log_position" in page and "gru_effects_pending" in page
    assert "Lefèvre" not in page


def test_the_operator_reads_what_waits_in_french(town: Town) -> None:
    page = town.agent("pauline.noiret").get("/administration/etat")
    assert "Tout fonctionne." in page and "Envois et réactions à faire" in page


def test_a_broken_page_gives_a_code_and_no_secret(town: Town) -> None:
    agent = town.agent()
    agent.get("/agent/demandes")
    town.office.databases.views.dispose()
    shutil.move(town.office.settings.data / "views.db", town.office.settings.data / "away.db")
    page = agent.get("/agent/demandes", status=500)
    assert "donnez ce code à votre administrateur" in page
    assert "Traceback" not in page and "sqlite" not in page.lower()
