"""What can an agent do to a case, and what is he told when it may not be?"""

import re
from io import BytesIO

import pytest

from gru.domain.case import AddMessage, AssignCase, CloseCase, LinkCase, QualifyCase, TransferCase, UnlinkCase
from gru.web.agents import deeds
from tests.web.conftest import Town, Visitor
from tests.web.filing import photo

PNG = photo("PNG")


def path(number: str) -> str:
    return f"/agent/demandes/{number}"


def do(visitor: Visitor, number: str, deed: str, status: int = 303, /, **values: object) -> str:
    """Ask for an action's form, fill it, send it; the page that follows."""
    action = f"{path(number)}/{deed}"
    answer = visitor.fill(action, action, **values)
    assert answer.status_code == status, answer.text[:3000]
    return visitor.get(answer.location) if status == 303 else answer.text


def write(town: Town, number: str, words: str) -> None:
    """A message of the resident arrives."""
    case = town.case(number)
    text = town.office.archive.write_text(words, person=case.requester, case=case.id)
    town.do(AddMessage(case_id=case.id, message="e" * 32, channel="email", received_at=town.clock.at,
                       proof="signed_address", author=case.requester, text=text))  # fmt: skip


def test_one_click_takes_the_case(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    answer = agent.send(agent.get(path(number)), f"{path(number)}/attribuer")
    assert answer.status_code == 303
    page = agent.get(path(number))
    assert "Attribution enregistrée." in page and "Attribuée à Julien Moreau" in page
    assert town.case(number).agent == town.by_name["julien.moreau"].id


def test_a_case_is_given_to_a_colleague_or_back_to_the_department(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    do(agent, number, "attribuer", agent=town.by_name["patrice.lenoir"].id)
    assert town.case(number).agent == town.by_name["patrice.lenoir"].id
    do(agent, number, "attribuer", agent="")
    assert town.case(number).agent == ""


def test_a_case_is_given_to_nobody_from_elsewhere(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "attribuer", 422, agent=town.by_name["catherine.ollivier"].id)
    assert "Choisissez une réponse." in page
    assert town.case(number).agent == ""


def test_a_reply_is_kept_and_may_be_taken_back_for_ten_seconds(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = do(agent, number, "repondre", texte="Un cône est posé.", nature="answer")
    assert "Un cône est posé." in page
    assert "case.reply_written" in town.names_of(number)
    assert "Annuler l’envoi" in page
    assert agent.send(page, f"{path(number)}/annuler-envoi").status_code == 303
    assert "case.reply_withdrawn" in town.names_of(number)
    assert "envoi annulé" in agent.get(path(number))


def test_a_reply_that_has_left_cannot_be_taken_back(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    do(agent, number, "repondre", texte="Un cône est posé.", nature="answer")
    town.clock.pass_(seconds=11)
    assert "Annuler l’envoi" not in agent.get(path(number))


def test_two_clicks_send_one_reply(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    for _ in range(2):
        assert agent.send(page, f"{path(number)}/repondre", texte="Un cône est posé.").status_code == 303
    assert town.names_of(number).count("case.reply_written") == 1


def test_a_reply_can_wait_for_the_resident(town: Town) -> None:
    number = town.open_case()
    do(town.agent(), number, "repondre", texte="Quelle adresse ?", nature="complement", puis="attendre")
    assert town.case(number).status == "waiting"


def test_an_answer_taken_back_ends_the_wait_begun_with_it(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = do(agent, number, "repondre", texte="Quelle adresse ?", nature="complement", puis="attendre")
    assert agent.send(page, f"{path(number)}/annuler-envoi").status_code == 303
    [wait] = town.case(number).waits.values()
    assert wait.ended_at is not None and town.case(number).status != "waiting"
    assert town.names_of(number)[-2:] == ["case.reply_withdrawn", "case.wait_ended"]


def test_an_empty_reply_says_what_is_missing_and_leads_to_the_field(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "repondre", 422, texte="  ", nature="answer")
    assert re.search(r"<title>Erreur\W: Répondre", page)
    assert '<a href="#texte">Remplissez ce champ' in page
    assert 'aria-invalid="true"' in page


def test_a_note_stays_inside(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "note", texte="Enrobé disponible au dépôt.")
    assert "Note ajoutée au fil." in page and "Enrobé disponible au dépôt." in page
    assert "Enrobé" not in town.visitor().get(town.link(number))


def test_files_come_with_a_note_and_leave_only_as_downloads(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = do(agent, number, "note", texte="Photo du trou", pieces=(BytesIO(PNG), 'trou "énorme".png'))
    href = re.search(rf"{path(number)}/pieces/[0-9a-f]+", page)
    assert href
    answer = agent.client.get(href[0])
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''trou")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert town.agent("catherine.ollivier").client.get(href[0]).status_code == 403
    other = town.open_case("Un autre")
    assert agent.client.get(href[0].replace(number, other)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.pdf", b"MZ\x90\x00", "virus.pdf n’est pas accepté"),
        ("page.png", b"<html><script>alert(1)</script>", "page.png n’est pas accepté"),
        ("vide.jpg", b"", "vide.jpg est vide"),
    ],
)
def test_a_file_is_judged_by_its_bytes_and_the_text_stays(town: Town, name: str, content: bytes, said: str) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "note", 422, texte="Ma note", pieces=(BytesIO(content), name))
    assert said in page and "Ma note" in page
    assert "case.note_added" not in town.names_of(number)


def test_a_transfer_says_why_and_leaves_the_agents_list(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    action = f"{path(number)}/transferer"
    answer = agent.fill(action, action, service="PRO", motif="competence", texte="C’est un dépôt.")
    assert answer.status_code == 303
    assert town.case(number).department == "PRO"
    assert "Propreté urbaine" in agent.get(path(number), status=403)


def test_a_case_transferred_meanwhile_says_where_it_is_and_keeps_the_words(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    transfer = TransferCase(case_id=town.id_of(number), department="PRO", reason="competence")
    town.do(transfer, by=town.by("patrice.lenoir"))
    answer = agent.send(page, f"{path(number)}/repondre", texte="Nous passerons <jeudi>.")
    assert answer.status_code == 403
    assert "suivie par le service Propreté urbaine" in answer.text
    assert re.search(r"<textarea[^>]* readonly[^>]*>Nous passerons &lt;jeudi&gt;.</textarea>", answer.text)
    assert "Rien n’a été enregistré." in answer.text
    assert "case.reply_written" not in town.names_of(number)
    assert "<textarea" not in agent.get(path(number), status=403)


def test_a_transfer_without_a_reason_is_refused(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "transferer", 422, service="PRO", motif="")
    assert '<a href="#motif">' in page
    assert town.case(number).department == "VOI"


def test_qualifying_by_type_sets_department_promises_and_danger(town: Town) -> None:
    number = town.open_case(type="")
    agent = town.agent("nadia.benali")
    action = f"{path(number)}/qualifier"
    answer = agent.fill(action, action, type="VOI-CHAUSSEE", service="", priorite="normal", danger="oui")
    assert answer.status_code == 303
    case = town.case(number)
    assert (case.type, case.department, case.priority, case.danger) == ("VOI-CHAUSSEE", "VOI", "urgent", True)
    assert "make_safe" in case.commitments


def test_danger_can_be_said_to_be_off(town: Town) -> None:
    number = town.open_case(danger=True)
    page = do(town.agent(), number, "securite")
    assert "Mise en sécurité faite" in page
    assert town.case(number).commitments["make_safe"].kept_at is not None


def test_waiting_and_going_on(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = do(agent, number, "attendre", qui="resident", motif="documents", indispensable="oui", jusque="2026-04-01")
    assert "Attente usager" in page and "mercredi 1er avril 2026" in page
    assert town.case(number).paused_since is not None
    page = do(agent, number, "reprendre", attente="")
    assert "Fin de l’attente" in page
    assert town.case(number).open_waits == {}


def test_a_date_that_is_none_is_explained(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "attendre", 422, qui="resident", motif="documents", jusque="demain")
    assert "Écrivez une date complète" in page


def test_an_intervention_is_planned_and_told_to_the_resident(town: Town) -> None:
    number = town.open_case()
    do(town.agent(), number, "attribuer", agent=town.by_name["julien.moreau"].id)
    page = do(town.agent(), number, "intervention", jour="2026-03-19", moment="morning")
    assert "jeudi 19 mars 2026, matin" in page
    assert "Intervention prévue jeudi 19 mars 2026 au matin" in town.visitor().get(town.link(number))


def test_closing_tells_the_resident_when_a_message_is_written(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "clore", issue="resolved", message="Le trou est rebouché.")
    assert "Demande close" in page
    assert town.names_of(number)[-2:] == ["case.closed", "case.reply_written"]
    assert "Le trou est rebouché." in town.visitor().get(town.link(number))


def test_a_case_closed_by_a_colleague_is_not_closed_and_told_again(town: Town) -> None:
    number = town.open_case()
    first, second = town.agent(), town.agent("patrice.lenoir")
    action = f"{path(number)}/clore"
    page = second.get(action)
    do(first, number, "clore", issue="resolved", message="Le trou est rebouché.")
    answer = second.send(page, action, issue="resolved", message="C’est fait.")
    assert answer.status_code == 409
    assert "Julien Moreau a clos cette demande" in answer.text and "C’est fait." in answer.text
    assert second.send(answer.text, action).status_code == 303
    assert town.names_of(number).count("case.closed") == 1
    assert town.names_of(number).count("case.reply_written") == 1


@pytest.mark.parametrize("message", ["", "Le trou est rebouché."])
def test_two_clicks_close_and_tell_once(town: Town, message: str) -> None:
    number = town.open_case()
    agent = town.agent()
    action = f"{path(number)}/clore"
    page = agent.get(action)
    for _ in range(2):
        assert agent.send(page, action, issue="resolved", message=message).status_code == 303
    assert town.names_of(number).count("case.closed") == 1
    assert town.names_of(number).count("case.reply_written") == bool(message)


def test_a_duplicate_names_its_main_case_and_a_redirection_its_body(town: Town) -> None:
    main, number = town.open_case(), town.open_case("Le même trou")
    agent = town.agent()
    assert "Donnez la référence" in do(agent, number, "clore", 422, issue="duplicate", principale="2026-999999")
    assert "Choisissez" in do(agent, number, "clore", 422, issue="redirected", organisme="")
    do(agent, number, "clore", issue="duplicate", principale=main)
    assert town.case(number).outcome == "duplicate"
    assert number in agent.get(path(main))


def test_a_hidden_case_cannot_be_named_as_the_main_one(town: Town) -> None:
    number, hidden = town.open_case(), town.open_case("Aide", type="SOC-AIDE")
    assert "Donnez la référence" in do(town.agent(), number, "clore", 422, issue="duplicate", principale=hidden)
    assert "Donnez la référence" in do(town.agent(), number, "lier", 422, reference=hidden)


def test_a_closed_case_is_opened_again(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    do(agent, number, "clore", issue="resolved")
    assert "Rouverte" in do(agent, number, "rouvrir", texte="Le trou est revenu.")


def test_linked_cases_know_each_other(town: Town) -> None:
    number, other = town.open_case(), town.open_case("Un autre trou")
    agent = town.agent()
    assert other in do(agent, number, "lier", reference=other)
    assert number in agent.get(path(other))


def test_a_case_seen_but_not_handled_is_not_written_to_by_a_link(town: Town) -> None:
    number, other = town.open_case(type=""), town.open_case("Un trou")
    counter = town.agent("camille.rousselet")
    action = f"{path(number)}/lier"
    before = town.names_of(other)
    page = do(counter, number, "lier", reference=other)
    assert other in page and town.id_of(other) in town.case(number).links
    assert town.names_of(other) == before
    answer = counter.fill(action, action, reference=other, delier="oui")
    assert answer.status_code == 303
    assert town.case(number).links == frozenset() and town.names_of(other) == before


def test_a_case_that_may_not_be_seen_is_named_nowhere(town: Town) -> None:
    number, hidden = town.open_case(), town.open_case("Aide", type="SOC-AIDE")
    hidden_id = town.id_of(hidden)
    town.do(LinkCase(case_id=town.id_of(number), other=hidden_id))
    town.do(UnlinkCase(case_id=town.id_of(number), other=hidden_id))
    agent, last = town.agent(), len(town.names_of(number))
    for page in ("", f"/faits/{last - 1}", f"/faits/{last}"):
        shown = agent.get(path(number) + page)
        assert hidden_id not in shown and hidden not in shown


def test_a_difficulty_may_be_declared_without_a_name(town: Town) -> None:
    number = town.open_case()
    page = do(town.agent(), number, "difficulte", motif="overload", texte="Trop de dossiers", anonyme="oui")
    assert "Un agent, sans son nom" in page
    last = town.office.log.history(town.id_of(number))[-1]
    assert (last.event.NAME, last.by) == ("case.difficulty_declared", "agent:")


def test_a_renewed_link_closes_the_old_one(town: Town) -> None:
    number = town.open_case()
    old = town.link(number)
    do(town.agent(), number, "renouveler-lien")
    assert town.link(number) != old
    town.visitor().get(old, status=404)
    town.visitor().get(town.link(number))


@pytest.mark.parametrize("deed", [deed.slug for deed in deeds.ALL])
def test_no_action_is_open_to_who_may_only_look(town: Town, deed: str) -> None:
    number = town.open_case()
    before = town.names_of(number)
    looker = town.agent("pauline.noiret")
    looker.get(f"{path(number)}/{deed}", status=403)
    token = re.search(r'name="csrf_token" value="([^"]+)"', looker.get("/agent/demandes?agent=tous"))
    assert token
    answer = looker.client.post(f"{path(number)}/{deed}", data={"csrf_token": token[1], "cle": "0" * 32})
    assert answer.status_code == 403
    assert town.names_of(number) == before


@pytest.mark.parametrize("deed", ["note", "repondre", "difficulte"])
def test_what_is_written_on_an_erased_persons_case_is_kept_for_the_town(town: Town, deed: str) -> None:
    number = town.open_case()
    town.office.erasure.erase(town.case(number).requester, by="system:operator")
    words = {"texte": "Dossier relu.", "nature": "answer", "motif": "overload"}
    files = {} if deed == "difficulte" else {"pieces": (BytesIO(PNG), "trou.png")}
    page = do(town.agent(), number, deed, **words, **files)
    assert "Dossier relu." in page and ("trou.jpg" in page) == bool(files)


# --- somebody was faster -----------------------------------------------------------------------------------------


def test_a_reply_meets_a_new_message_and_keeps_its_text(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    write(town, number, "Un cycliste est tombé.")
    answer = agent.send(page, f"{path(number)}/repondre", texte="Nous passerons en mai.")
    assert answer.status_code == 409
    assert "Cette demande a changé pendant votre saisie" in answer.text
    assert "Claire Lefèvre" in answer.text and "Message de l’usager" in answer.text
    assert "Nous passerons en mai." in answer.text and "Envoyer quand même" in answer.text
    assert agent.send(answer.text, f"{path(number)}/repondre").status_code == 303
    assert town.names_of(number).count("case.reply_written") == 1


def test_a_reply_meets_a_closure_and_may_reopen(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"), by=town.by("patrice.lenoir"))
    answer = agent.send(page, f"{path(number)}/repondre", texte="Nous passerons en mai.")
    assert answer.status_code == 409
    assert "Patrice Lenoir a clos cette demande" in answer.text
    assert "Rouvrir et répondre" in answer.text
    assert agent.send(answer.text, f"{path(number)}/repondre").status_code == 303
    assert town.names_of(number)[-1] == "case.reply_written"
    assert town.case(number).status == "reopened"


def test_a_case_taken_meanwhile_says_by_whom(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    town.do(AssignCase(case_id=town.id_of(number), agent=town.by_name["patrice.lenoir"].id),
            by=town.by("patrice.lenoir"))  # fmt: skip
    answer = agent.send(page, f"{path(number)}/attribuer")
    assert answer.status_code == 409
    assert "attribuée à Patrice Lenoir" in answer.text and "Garder la valeur actuelle" in answer.text


def test_a_note_is_added_whatever_happened_and_says_so(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(f"{path(number)}?composer=note")
    write(town, number, "Un cycliste est tombé.")
    assert agent.send(page, f"{path(number)}/note", texte="Vu.").status_code == 303
    assert "1 fait arrivé pendant votre saisie a été ajouté au fil." in agent.get(path(number))


def test_two_changes_of_different_things_merge(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    form = agent.get(f"{path(number)}/attribuer")
    qualify = QualifyCase(case_id=town.id_of(number), type="VOI-CHAUSSEE", priority="high")
    town.do(qualify, by=town.by("patrice.lenoir"))
    answer = agent.send(form, f"{path(number)}/attribuer", agent=town.by_name["julien.moreau"].id)
    assert answer.status_code == 303
    case = town.case(number)
    assert (case.priority, case.agent) == ("high", town.by_name["julien.moreau"].id)


def test_a_form_without_its_key_is_not_understood(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    page = agent.get(path(number))
    assert agent.send(page, f"{path(number)}/repondre", texte="Bonjour", cle="nimporte").status_code == 400
