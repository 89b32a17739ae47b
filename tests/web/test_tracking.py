"""What does a resident see and do with his number and code, or with his secret link?"""

import re
from io import BytesIO

import pytest

from gru.domain.case import (
    AddMessage,
    AddNote,
    AssignCase,
    CloseCase,
    DeclareDifficulty,
    ProlongCommitment,
    QualifyCase,
    StartWait,
    WriteReply,
)
from gru.domain.events import TextRef
from gru.domain.references import link_token, tracking_code
from gru.storage.people import Person
from gru.web.residents import access
from tests.web.conftest import Town
from tests.web.filing import photo


def text(page: str) -> str:
    """What is read on a page, without tags and with plain spaces."""
    words = re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", words)


def close(town: Town, number: str, outcome: str = "resolved", **more: str) -> None:
    town.do(CloseCase(case_id=town.id_of(number), outcome=outcome, **more),
            by=town.by("julien.moreau"))  # fmt: skip


def test_number_and_code_lead_to_the_page(town: Town) -> None:
    number = town.open_case()
    code = tracking_code(town.office.settings.secret, town.id_of(number), 1)
    visitor = town.visitor()
    forgiving = code.lower().replace("-", " ")
    answer = visitor.fill("/suivi", "/suivi", reference=number, code=forgiving)
    assert (answer.status_code, answer.location) == (303, town.link(number))
    assert "Nid-de-poule" in visitor.get(answer.location)


def test_a_wrong_code_a_wrong_number_and_a_strange_one_get_the_same_answer(town: Town) -> None:
    number = town.open_case()
    visitor = town.visitor()
    page = visitor.get("/suivi")
    answers = [
        visitor.send(page, "/suivi", reference=reference, code="7HQ4-XM2P")
        for reference in (number, "2026-999999", "bonjour")
    ]
    assert {answer.status_code for answer in answers} == {422}
    said = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(said) == 1
    assert "ne vont pas ensemble" in said.pop()


def test_a_number_is_closed_after_too_many_tries_even_to_the_right_code(town: Town) -> None:
    number = town.open_case()
    for _ in range(access.MOST_FOR_NUMBER):
        town.office.access.record_attempt("tracking_number", f"127.0.0.1 {number}")
    code = tracking_code(town.office.settings.secret, town.id_of(number), 1)
    answer = town.visitor().fill("/suivi", "/suivi", reference=number, code=code)
    assert answer.status_code == 429
    town.clock.pass_(minutes=20)
    assert town.visitor().fill("/suivi", "/suivi", reference=number, code=code).status_code == 303


def test_strangers_close_a_number_to_its_owner_only_by_trying_ten_times_as_often(town: Town) -> None:
    number = town.open_case()
    code = tracking_code(town.office.settings.secret, town.id_of(number), 1)
    for _ in range(access.MOST_FOR_NUMBER):
        town.office.access.record_attempt("tracking_number", f"192.0.2.1 {number}")
        town.office.access.record_attempt("tracking_anywhere", number)
    assert town.visitor().fill("/suivi", "/suivi", reference=number, code=code).status_code == 303
    for _ in range(access.MOST_ANYWHERE):
        town.office.access.record_attempt("tracking_anywhere", number)
    assert town.visitor().fill("/suivi", "/suivi", reference=number, code=code).status_code == 429


def test_an_address_that_tries_too_much_is_closed(town: Town) -> None:
    for _ in range(access.MOST_FROM_ADDRESS):
        town.office.access.record_attempt("tracking_address", "127.0.0.1")
    assert town.visitor().fill("/suivi", "/suivi", reference="2026-000001", code="x").status_code == 429


def test_a_wrong_link_says_the_same_whether_or_not_the_case_exists(town: Town) -> None:
    number = town.open_case()
    visitor = town.visitor()
    token = link_token(town.office.settings.secret, "0" * 32, 1)
    answers = [
        visitor.client.get(f"/suivi/{reference}/{guess}{more}")
        for reference in (number, "2026-999999", "nimporte")
        for guess in (token, "court", "é" * 16)
        for more in ("", "/recepisse", "/retirer", "/rouvrir", f"/pieces/{'0' * 32}")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_the_page_is_for_its_reader_alone(town: Town) -> None:
    answer = town.visitor().client.get(town.link(town.open_case()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_one_sentence_one_date_one_duty(town: Town) -> None:
    number = town.open_case()
    page = text(town.visitor().get(town.link(number)))
    assert "Votre demande est vérifiée. Le service Voirie et éclairage public s’en occupe" in page
    assert "Vous n’avez rien à faire." in page
    assert "Nous nous sommes engagés à répondre au plus tard le" in page
    assert "déposée le mercredi 18 mars 2026" in page


def test_steps_say_done_now_and_to_come(town: Town) -> None:
    page = text(town.visitor().get(town.link(town.open_case())))
    for words in ("Étape terminée", "Étape en cours", "Étape à venir", "En ce moment"):
        assert words in page


def test_a_missed_date_is_admitted(town: Town) -> None:
    number = town.open_case()
    town.clock.pass_(days=12)
    page = text(town.visitor().get(town.link(number)))
    assert "Nous n’avons pas tenu la date du" in page


def test_a_new_date_comes_with_its_reason(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    why = town.office.archive.write_text("Nous attendons de l’enrobé.", person=case.requester, case=case.id)
    due = case.commitments["first_response"].due
    town.clock.pass_(days=1)
    later = ProlongCommitment(case_id=case.id, kind="first_response", due=due.replace(day=due.day + 5), explanation=why)
    town.do(later, by=town.by("julien.moreau"))
    page = text(town.visitor().get(town.link(number)))
    assert "Raison : Nous attendons de l’enrobé." in page


def test_when_it_is_the_residents_turn_the_page_says_so_first(town: Town) -> None:
    number = town.open_case()
    wait = StartWait(case_id=town.id_of(number), wait_id="a" * 32, party="resident", reason="documents",
                     until=town.clock.at.replace(month=4, day=1))  # fmt: skip
    town.do(wait, by=town.by("julien.moreau"))
    page = text(town.visitor().get(town.link(number)))
    assert "Nous attendons une réponse de votre part" in page
    assert "Nous avons besoin de vous" in page
    assert "Répondez avant le mercredi 1er avril 2026" in page


def test_the_exchange_is_shown_and_nothing_of_what_agents_say_among_themselves(town: Town) -> None:
    number = town.open_case()
    case, archive = town.case(number), town.office.archive

    def words(said: str) -> TextRef:
        return archive.write_text(said, person=case.requester, case=case.id)

    agent = town.by("julien.moreau")
    reply = WriteReply(
        case_id=case.id, reply_id="b" * 32, kind="answer", channel="email", text=words("Un cône est posé.")
    )
    note = AddNote(case_id=case.id, note_id="c" * 32, text=words("Usager pénible"))
    hard = DeclareDifficulty(
        case_id=case.id, difficulty_id="d" * 32, reason="overload", text=words("Je n’en peux plus")
    )
    town.do(reply, note, hard, AssignCase(case_id=case.id, agent=town.by_name["patrice.lenoir"].id), by=agent)
    page = text(town.visitor().get(town.link(number)))
    assert "Un trou dans la chaussée" in page and "Un cône est posé." in page
    assert "Julien Moreau, service Voirie et éclairage public" in page
    assert "pénible" not in page and "peux plus" not in page and "Patrice" not in page


def test_a_reply_that_may_still_be_taken_back_is_not_shown(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    path = f"/agent/demandes/{number}"
    agent.send(agent.get(path), f"{path}/repondre", texte="Un cône est posé.")
    assert "Un cône" not in town.visitor().get(town.link(number))
    town.clock.pass_(seconds=11)
    assert "Un cône" in town.visitor().get(town.link(number))


def test_a_resident_adds_a_message_and_a_photo(town: Town) -> None:
    number = town.open_case()
    link = town.link(number)
    visitor = town.visitor()
    given = (BytesIO(photo()), "trou.jpg")
    answer = visitor.fill(link, f"{link}/message", texte="Un cycliste est tombé.", pieces=given)
    assert answer.status_code == 303
    page = visitor.get(link)
    assert "Votre message est envoyé à Voirie et éclairage public." in page
    assert "Un cycliste est tombé." in page and "trou.jpg" in page
    last = town.office.log.history(town.id_of(number))[-1]
    assert (last.event.NAME, last.by) == ("case.message_received", "resident")
    href = re.search(rf"{link}/pieces/[0-9a-f]+", page)
    assert href and visitor.client.get(href[0]).headers["Content-Disposition"].startswith("attachment")


def test_a_message_sent_twice_arrives_once(town: Town) -> None:
    number = town.open_case()
    link = town.link(number)
    visitor = town.visitor()
    page = visitor.get(link)
    for _ in range(2):
        assert visitor.send(page, f"{link}/message", texte="Un cycliste est tombé.").status_code == 303
    assert town.names_of(number).count("case.message_received") == 1


def test_an_empty_message_is_asked_for_again(town: Town) -> None:
    link = town.link(town.open_case())
    answer = town.visitor().fill(link, f"{link}/message", texte="")
    assert answer.status_code == 422
    assert "Décrivez ce qui se passe." in answer.text and "<title>Erreur" in answer.text


def test_the_files_of_notes_are_not_the_residents(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    hidden = town.office.archive.put_file("interne.pdf", "application/pdf", b"%PDF-", person="", case=case.id)
    note = town.office.archive.write_text("Voir le fichier", person="", case=case.id)
    town.do(AddNote(case_id=case.id, note_id="c" * 32, text=note, files=(hidden,)), by=town.by("julien.moreau"))
    assert town.visitor().client.get(f"{town.link(number)}/pieces/{hidden.id}").status_code == 404


def test_withdrawing_is_asked_on_a_page_of_its_own(town: Town) -> None:
    number = town.open_case()
    link = town.link(number)
    visitor = town.visitor()
    assert "Retirer votre demande" in visitor.get(f"{link}/retirer")
    assert visitor.fill(f"{link}/retirer", f"{link}/retirer", raison="reglee").status_code == 303
    page = visitor.get(link)
    assert "Vous avez retiré cette demande" in page and "Votre demande est retirée." in page
    assert town.case(number).outcome == "withdrawn"


def test_what_is_not_solved_is_reopened_within_thirty_days(town: Town) -> None:
    number = town.open_case()
    close(town, number)
    link = town.link(number)
    visitor = town.visitor()
    assert "Le problème n’est pas réglé" in visitor.get(link)
    assert visitor.fill(f"{link}/rouvrir", f"{link}/rouvrir", texte="").status_code == 422
    assert visitor.fill(f"{link}/rouvrir", f"{link}/rouvrir", texte="Le trou est revenu.").status_code == 303
    assert town.case(number).status == "reopened"
    assert "Votre demande est rouverte" in visitor.get(link)


def test_after_thirty_days_a_new_request_is_needed(town: Town) -> None:
    number = town.open_case()
    close(town, number)
    link = town.link(number)
    visitor = town.visitor()
    form = visitor.get(f"{link}/rouvrir")
    town.clock.pass_(days=31)
    assert "Le problème n’est pas réglé" not in visitor.get(link)
    assert "close depuis plus de 30 jours" in visitor.get(f"{link}/rouvrir")
    assert visitor.send(form, f"{link}/rouvrir", texte="Encore").status_code == 422
    assert town.case(number).status == "closed"


@pytest.mark.parametrize(
    ("outcome", "more", "said"),
    [
        ("resolved", {}, "C’est terminé"),
        ("refused", {}, "Nous ne pouvons pas donner suite à votre demande"),
        ("redirected", {"body": "EPCI"}, "Votre demande a été transmise à"),
    ],
)
def test_an_ending_is_said_in_plain_words(town: Town, outcome: str, more: dict[str, str], said: str) -> None:
    number = town.open_case()
    close(town, number, outcome, **more)
    assert said in text(town.visitor().get(town.link(number)))


def test_a_duplicate_says_which_case_is_followed(town: Town) -> None:
    main, number = town.open_case(), town.open_case("Le même")
    close(town, number, "duplicate", main=town.id_of(main))
    assert f"suivie avec la demande {main}" in text(town.visitor().get(town.link(number)))


def test_the_receipt_bears_number_code_service_and_the_way_without_internet(town: Town) -> None:
    number = town.open_case()
    page = text(town.visitor().get(f"{town.link(number)}/recepisse"))
    code = tracking_code(town.office.settings.secret, town.id_of(number), 1)
    for words in (f"Récépissé n° {number}", code, "Voirie et éclairage public", "Sans internet", "10 h 42"):
        assert words in page


def test_a_transferred_case_names_its_new_service(town: Town) -> None:
    number = town.open_case()
    town.do(QualifyCase(case_id=town.id_of(number), type="PRO-DEPOT"), by=town.by("julien.moreau"))
    assert "Propreté urbaine" in town.visitor().get(town.link(number))


def test_the_link_number_and_code_of_an_erased_person_open_nothing(town: Town) -> None:
    number = town.open_case()
    link, code = town.link(number), tracking_code(town.office.settings.secret, town.id_of(number), 1)
    visitor = town.visitor()
    page, withdrawing = visitor.get(link), visitor.get(f"{link}/retirer")
    town.office.erasure.erase(town.case(number).requester, by="system:operator")
    before = town.names_of(number)
    unknown = visitor.get(f"/suivi/2026-999999/{link.rpartition('/')[2]}", status=404)
    assert visitor.get(link, status=404) == unknown
    for form, action in ((page, f"{link}/message"), (withdrawing, f"{link}/retirer")):
        answer = visitor.send(form, action, texte="Bonjour")
        assert (answer.status_code, answer.text) == (404, unknown)
    answer = visitor.fill("/suivi", "/suivi", reference=number, code=code)
    assert answer.status_code == 422 and "ne vont pas ensemble" in answer.text
    assert town.names_of(number) == before


def test_what_somebody_else_wrote_is_not_called_his_own(town: Town) -> None:
    number = town.open_case()
    case, archive = town.case(number), town.office.archive
    neighbour = archive.meet_person(Person(name="Paul Voisin", email="paul@exemple.fr"))
    text_ = archive.write_text("Je le confirme.", person=neighbour, case=case.id)
    town.do(AddMessage(case_id=case.id, message="e" * 32, channel="email", received_at=town.clock.at,
                       proof="known_message", author=neighbour, text=text_))  # fmt: skip
    own, other = re.findall(r'<article class="msg.*?</article>', town.visitor().get(town.link(number)), re.S)
    assert "<b>Vous</b>" in own and "msg me" in own
    assert "<b>Une autre personne</b>" in other and "msg me" not in other and "Paul" not in other
