"""Is the service up, and what waits?"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from gru.bootstrap import open_office
from gru.office.vitals import PARTS
from gru.storage.databases import writing
from gru.web.agents import alarm
from tests.web.conftest import Town
from tests.web.pages import pages_of


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


def test_the_page_names_the_projection_the_fact_and_the_place_in_the_program_that_broke(town: Town) -> None:
    row = "('search', 7, 's', 1, 'case.opened', 'builtins.KeyError in fold, line 12', '2026-03-02 09:00:00+00:00')"
    with writing(town.office.databases.views) as connection:
        into = "parked (projection, position, stream_id, version, name, error, at)"
        connection.execute(text(f"INSERT INTO {into} VALUES {row}"))
    page = town.agent("pauline.noiret").get("/administration/etat")
    assert all(words in page for words in ("case.opened", "builtins.KeyError in fold, line 12", "gru rebuild"))
    assert "Tout fonctionne." not in page


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


# --- above every page of those who may mend it ---------------------------------------------------------------------

BOX = "maildir:/var/mail/demande"


@pytest.fixture
def boxed(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The town with a mailbox; the question is not remembered for half a minute."""
    monkeypatch.setattr(alarm, "SECONDS", -1.0)
    settings = replace(town.office.settings, mailboxes=("maildir:///var/mail/demande",))
    with open_office(settings, town.clock) as office:
        yield replace(town, office=office, app=pages_of(office))


def worked(town: Town, minutes_ago: int) -> None:
    town.office.work.sign(f"mailbox:{BOX}", True)
    town.clock.pass_(minutes=minutes_ago)


def test_a_mailbox_that_fell_silent_is_told_above_every_page(boxed: Town) -> None:
    worked(boxed, minutes_ago=10)
    operator = boxed.agent("pauline.noiret")
    assert "n’est plus lue" not in operator.get("/administration/etat")
    boxed.clock.pass_(minutes=10)
    page = operator.get("/administration/etat")
    assert f"La boîte {BOX} n’est plus lue depuis 20" in page and "Voir l’état du service" in page


def test_a_mailbox_that_refuses_its_login_is_told_once_it_is_no_blip(boxed: Town) -> None:
    worked(boxed, minutes_ago=1)
    boxed.office.work.sign(f"mailbox:{BOX}", False, "the mailbox refuses our login")
    operator = boxed.agent("pauline.noiret")
    assert "refuse la connexion" not in operator.get("/administration/etat")
    boxed.clock.pass_(minutes=6)
    assert f"La boîte {BOX} refuse la connexion" in operator.get("/administration/etat")
    boxed.office.work.sign(f"mailbox:{BOX}", True)
    assert "refuse la connexion" not in operator.get("/administration/etat")


def test_a_full_mailbox_is_told_at_once_though_it_is_still_read(boxed: Town) -> None:
    worked(boxed, minutes_ago=0)
    boxed.office.work.sign(f"mailbox:{BOX}", False, "the mailbox is full to 97 %: new mail may be refused")
    page = boxed.agent("pauline.noiret").get("/administration/etat")
    assert f"La boîte {BOX} est pleine" in page and "faites-y de la place" in page
    assert 'gru_part_failing{part="mailbox:maildir:/var/mail/demande"} 1.0' in boxed.visitor().get("/metrics")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("the mailbox refuses our login", "mot de passe est refusé"),
        ("the token server refuses us (invalid_grant): the secret or the mailbox's consent has ended", "OAuth2"),
        ("the mailbox is away (ConnectionRefusedError)", "ne répond pas"),
        ("the mailbox has no folder 'Traites', or we may not open it", "dossier demandé"),
        ("something nobody knew", "gru check"),
    ],
)
def test_the_operator_reads_what_is_the_matter(boxed: Town, sentence: str, said: str) -> None:
    boxed.office.work.sign(f"mailbox:{BOX}", False, sentence)
    assert said in boxed.agent("pauline.noiret").get("/administration/etat")


def test_mail_that_no_longer_leaves_is_told(boxed: Town) -> None:
    boxed.office.work.sign("outgoing:email", False, "the mail server refuses our login (535)")
    page = boxed.agent("pauline.noiret").get("/administration/etat")
    assert "Les courriels ne partent plus" in page
    assert re.search(r"Courriel sortant.*?En échec depuis", page, re.DOTALL)


def test_a_quiet_way_out_is_no_alarm(boxed: Town) -> None:
    boxed.office.work.sign("outgoing:email", True)
    boxed.clock.pass_(days=4)
    assert "Courriel en panne" not in boxed.agent("pauline.noiret").get("/administration/etat")


def test_who_may_not_mend_it_is_not_alarmed(boxed: Town) -> None:
    boxed.office.work.sign("outgoing:email", False, "away")
    assert "Courriel en panne" not in boxed.agent().get("/agent/demandes")


def test_a_mailbox_that_was_taken_away_alarms_nobody(boxed: Town) -> None:
    boxed.office.work.sign("mailbox:imap:ancienne@mx.example", False, "away")
    boxed.clock.pass_(minutes=30)
    assert "Courriel en panne" not in boxed.agent("pauline.noiret").get("/administration/etat")


def test_the_question_is_asked_once_for_all_pages_of_half_a_minute(town: Town) -> None:
    operator = town.agent("pauline.noiret")
    operator.get("/administration/etat")
    said: list[str] = []
    event.listen(town.office.databases.work, "before_cursor_execute", lambda *args: said.append(args[2]))
    operator.get("/administration/courrier")
    assert not [one for one in said if "FROM signs" in one]
