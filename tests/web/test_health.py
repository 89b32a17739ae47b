"""Is the service up, and what waits?"""

import shutil

from gru.office.vitals import PARTS
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
    for name in PARTS:
        town.office.work.sign(name, ok=True)
    page = town.agent("pauline.noiret").get("/administration/etat")
    assert "Tout fonctionne." in page and "Envois et réactions à faire" in page
    assert page.count("A travaillé il y a") == 3


def test_a_part_that_fails_is_silent_or_was_never_seen_is_told(town: Town) -> None:
    work, operator = town.office.work, town.agent("pauline.noiret")
    assert operator.get("/administration/etat").count("Jamais vu") == 3
    for name in PARTS:
        work.sign(name, ok=True)
    work.sign("mailbox:imap:demande@mx.example", ok=False, note="refuses our login")
    page = operator.get("/administration/etat")
    assert "En échec depuis" in page and "Boîte imap:demande@mx.example" in page
    assert "Tout fonctionne." not in page
    town.clock.pass_(seconds=1)
    work.sign("mailbox:imap:demande@mx.example", ok=True)
    assert "Tout fonctionne." in operator.get("/administration/etat")
    town.clock.pass_(minutes=10)
    assert "Tout fonctionne." not in operator.get("/administration/etat")


def test_metrics_are_those_of_the_vitals(town: Town) -> None:
    town.office.work.sign("process:worker", ok=True)
    page = town.visitor().get("/metrics")
    assert page == town.office.vitals.metrics().decode()
    assert 'gru_part_failing{part="process:worker"} 0.0' in page


def test_a_town_without_a_scanner_is_told_so(town: Town) -> None:
    page = town.agent("pauline.noiret").get("/administration/etat")
    assert "Aucun antivirus n’examine les fichiers reçus" in page


def test_a_broken_page_gives_a_code_and_no_secret(town: Town) -> None:
    agent = town.agent()
    agent.get("/agent/demandes")
    town.office.databases.views.dispose()
    shutil.move(town.office.settings.data / "views.db", town.office.settings.data / "away.db")
    page = agent.get("/agent/demandes", status=500)
    assert "donnez ce code à votre administrateur" in page
    assert "Traceback" not in page and "sqlite" not in page.lower()
