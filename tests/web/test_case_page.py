"""What does the page of a case show, and of which instant?"""

from datetime import timedelta

import pytest

from gru.domain.case import (
    AddMessage,
    AddNote,
    AssignCase,
    CloseCase,
    ErasePerson,
    LinkCase,
    RecordSent,
    StartWait,
    WriteReply,
)
from tests.web.conftest import WEDNESDAY, Town


def path(number: str) -> str:
    return f"/agent/demandes/{number}"


def say(town: Town, number: str, words: str) -> str:
    """A reply, written but not sent yet; its id."""
    case = town.case(number)
    text = town.office.archive.write_text(words, person=case.requester, case=case.id)
    reply = "b" * 32
    town.do(WriteReply(case_id=case.id, reply_id=reply, kind="answer", channel="email", text=text),
            by=town.by("julien.moreau"))  # fmt: skip
    return reply


def test_the_head_tells_title_number_status_and_deadline(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(path(number))
    for words in ("Nid-de-poule devant le 14 rue des Acacias", number, "Qualifiée", "Non attribuée", "Dans "):
        assert words in page


def test_the_resident_can_be_called_and_written_to(town: Town) -> None:
    page = town.agent().get(path(town.open_case()))
    assert 'href="tel:+33639981742"' in page
    assert 'href="mailto:claire.lefevre@exemple.fr"' in page


def test_the_send_button_names_channel_and_person(town: Town) -> None:
    assert "Envoyer par e-mail à Claire Lefèvre" in town.agent().get(path(town.open_case()))


def test_somebody_who_left_no_address_is_answered_on_his_page(town: Town) -> None:
    page = town.agent().get(path(town.open_case(channel="counter", email="")))
    assert "Rien ne peut être envoyé à cette personne" in page
    assert "Publier sur la page de suivi" in page


def test_reply_and_note_are_two_forms_and_one_shows_at_a_time(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    assert f'action="{path(number)}/repondre"' in page and f'action="{path(number)}/note"' not in page
    note = agent.get(f"{path(number)}?composer=note")
    assert f'action="{path(number)}/note"' in note and f'action="{path(number)}/repondre"' not in note


def test_every_fact_is_numbered_and_quiet_ones_fold_into_a_line(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(path(number))
    count = len(town.names_of(number))
    for n in range(1, count + 1):
        assert f'id="fait-{n}"' in page
    plain = page.replace("\u00a0", " ")
    assert "Fait n° 2 : Numéro attribué" in plain
    assert f"Faits n° 4 à {count}" in plain
    assert "Demande reçue" in page and "Un trou dans la chaussée" in page


def test_a_change_shows_what_it_replaced(town: Town) -> None:
    number = town.open_case()
    town.do(AssignCase(case_id=town.id_of(number), agent=town.by_name["patrice.lenoir"].id),
            by=town.by("julien.moreau"))  # fmt: skip
    page = town.agent().get(path(number))
    assert "Attribuée à Patrice Lenoir" in page
    assert "<s>Non attribuée</s> → <ins>Patrice Lenoir</ins>" in page
    assert "<s>Qualifiée</s> → <ins>En instruction</ins>" in page


def test_a_reply_says_whether_it_arrived_and_bears_both_numbers(town: Town) -> None:
    number = town.open_case()
    reply = say(town, number, "Un cône est posé.")
    town.do(RecordSent(case_id=town.id_of(number), reply_id=reply, sent_at=town.clock.at), by="system:delivery")
    page = town.agent().get(path(number))
    assert "Un cône est posé." in page
    assert "remis le 18 mars à 10\u202fh\u202f42" in page
    count = len(town.names_of(number))
    assert f">n° {count - 1}</a>" in page and f">n° {count}</a>" in page


def test_the_tabs_count_and_narrow(town: Town) -> None:
    number = town.open_case()
    case_id = town.id_of(number)
    note = town.office.archive.write_text("Enrobé disponible.", person="", case=case_id)
    town.do(AddNote(case_id=case_id, note_id="c" * 32, text=note), by=town.by("julien.moreau"))
    page = town.agent().get(f"{path(number)}?fil=notes")
    assert "Notes (1)" in page
    assert "Enrobé disponible." in page and "Un trou dans la chaussée" not in page


def test_each_promise_says_whether_it_is_kept_and_how_it_is_counted(town: Town) -> None:
    number = town.open_case(received_at=WEDNESDAY - timedelta(days=6))
    page = town.agent().get(path(number))
    for words in ("Accusé de réception", "Première réponse", "Résolution", "délai", "jours ouvrés", "reste "):
        assert words in page


def test_a_pause_stops_the_badge(town: Town) -> None:
    number = town.open_case()
    wait = StartWait(case_id=town.id_of(number), wait_id="d" * 32, party="resident", reason="documents",
                     indispensable=True)  # fmt: skip
    town.do(wait, by=town.by("julien.moreau"))
    town.clock.pass_(days=2)
    page = town.agent().get(path(number))
    assert "En pause depuis 2\u202fj" in page
    assert "Attente usager" in page


def test_the_case_as_it_was_is_read_only_and_says_so(town: Town) -> None:
    number = town.open_case()
    opened = len(town.names_of(number))
    town.clock.pass_(hours=2)
    town.do(AssignCase(case_id=town.id_of(number), agent=town.by_name["patrice.lenoir"].id),
            by=town.by("julien.moreau"))  # fmt: skip
    agent = town.agent()
    for query in ("au=2026-03-18T11:00", f"fait={opened}"):
        page = agent.get(f"{path(number)}?{query}")
        assert "Vous consultez la demande telle qu’elle était" in page
        assert "Lecture seule. 1 fait est arrivé depuis." in page
        assert "Qualifiée" in page and "Patrice Lenoir" not in page
        assert 'id="ecrire"' not in page and "Changer le statut" not in page


def test_before_it_was_received_there_was_no_case(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(f"{path(number)}?au=2026-01-01T09:00", status=404)
    assert "n’existait pas encore" in page and "mercredi 18 mars 2026" in page


def test_a_proof_shows_who_when_and_the_chain(town: Town) -> None:
    number = town.open_case()
    history = town.office.log.history(town.id_of(number))
    page = town.agent().get(f"{path(number)}/faits/2")
    assert history[1].digest.hex() in page and history[0].digest.hex() in page
    assert "case.registered v1" in page
    assert town.agent().get(f"{path(number)}/faits/{len(history) + 1}", status=404)


def test_a_case_of_another_department_is_refused_by_name_of_its_service(town: Town) -> None:
    number = town.open_case(type="SOC-AIDE")
    page = town.agent("julien.moreau").get(path(number), status=403)
    assert "CCAS" in page and "Nid-de-poule" not in page
    for more in ("/faits/1", f"/pieces/{'0' * 32}"):
        assert "Nid-de-poule" not in town.agent("julien.moreau").get(path(number) + more, status=403)


def test_a_case_that_does_not_exist_is_not_found(town: Town) -> None:
    assert town.agent().get("/agent/demandes/2026-999999", status=404)
    assert town.agent().get("/agent/demandes/nimporte", status=404)


def test_linked_cases_show_only_what_may_be_seen(town: Town) -> None:
    number, other = town.open_case(), town.open_case("Un autre trou")
    hidden = town.open_case("Aide au loyer", type="SOC-AIDE")
    case_id = town.id_of(number)
    for one in (other, hidden):
        town.do(LinkCase(case_id=case_id, other=town.id_of(one)), by=town.by("julien.moreau"))
    page = town.agent().get(path(number))
    assert f"{other} — Un autre trou" in page
    assert hidden not in page and "loyer" not in page


def test_erased_words_leave_a_stub_and_the_fact_stays(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    town.office.archive.destroy_person(case.requester)
    town.do(ErasePerson(case_id=case.id, person=case.requester), by="system:erasure")
    page = town.agent().get(path(number))
    assert "Contenu masqué le 18 mars" in page
    assert "Un trou dans la chaussée" not in page and "Lefèvre" not in page
    assert "Données personnelles effacées" in page


def test_a_message_that_came_later_stands_in_the_thread(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    text = town.office.archive.write_text("Un cycliste est tombé.", person=case.requester, case=case.id)
    message = AddMessage(case_id=case.id, message="e" * 32, channel="email", received_at=town.clock.at,
                         proof="signed_address", author=case.requester, text=text)  # fmt: skip
    town.do(message)
    page = town.agent().get(path(number))
    assert "Message de l’usager" in page and "Un cycliste est tombé." in page


def test_a_closed_case_offers_to_reopen_and_not_to_reply(town: Town) -> None:
    number = town.open_case()
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"), by=town.by("julien.moreau"))
    page = town.agent().get(path(number))
    assert f'href="{path(number)}/rouvrir"' in page
    assert f'action="{path(number)}/repondre"' not in page and f'href="{path(number)}/clore"' not in page


def test_who_may_only_look_is_offered_nothing_to_do(town: Town) -> None:
    number = town.open_case()
    page = town.agent("pauline.noiret").get(path(number))
    assert 'id="ecrire"' not in page and "Changer le statut" not in page and "Me l’attribuer" not in page


def test_words_of_residents_are_never_markup(town: Town) -> None:
    number = town.open_case("<b>gras</b>", "<script>alert(1)</script>", name='"><img src=x>')
    for page in (town.agent().get(path(number)), town.agent().get("/agent/demandes?agent=tous"),
                 town.visitor().get(town.link(number))):  # fmt: skip
        assert "<script>" not in page and "<img" not in page and "<b>gras" not in page


@pytest.mark.parametrize("proven", [True, False])
def test_a_mail_whose_sender_nobody_vouches_for_says_so_to_agents_only(town: Town, proven: bool) -> None:
    number = town.open_case()
    case = town.case(number)
    text = town.office.archive.write_text("Un cycliste est tombé.", person=case.requester, case=case.id)
    town.do(AddMessage(case_id=case.id, message="e" * 32, channel="email", received_at=town.clock.at,
                       proof="signed_address", author=case.requester, proven=proven, text=text))  # fmt: skip
    said = "expéditeur non vérifié"
    assert (said in town.agent().get(f"/agent/demandes/{number}")) == (not proven)
    assert said not in town.visitor().get(town.link(number))


STRANGE = ("²", "٣", "-1", "1e3", "9" * 5000, "%00", "0001-01-01", "9999-12-31T23:59:59-12:00", "2300-01-01")


@pytest.mark.parametrize("value", STRANGE)
def test_an_address_typed_by_hand_never_breaks_the_page_of_a_case(town: Town, value: str) -> None:
    number = town.open_case()
    agent = town.agent()
    for name in ("avant", "fait", "au", "fil", "composer"):
        status = agent.client.get(f"/agent/demandes/{number}?{name}={value}").status_code
        assert status in (200, 404), name
    for page in (f"{number}/faits/{value}", f"{value}", f"{number}/pieces/{value}"):
        assert agent.client.get(f"/agent/demandes/{page}").status_code == 404, page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_outside_of_the_calendars_is_explained(town: Town, day: str) -> None:
    number = town.open_case()
    action = f"/agent/demandes/{number}/attendre"
    answer = town.agent().fill(action, action, qui="resident", motif="documents", jusque=day)
    assert answer.status_code == 422 and "Écrivez une date complète" in answer.text
