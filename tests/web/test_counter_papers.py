"""Is what is handed over complete, printed again on demand, and worth nothing to who did not show who he is?"""

import re
from typing import Any

import pytest

from gru.domain import events as e
from gru.domain.references import link_token, tracking_code
from gru.domain.town import RequestType
from gru.office.papers import qr_svg
from gru.web.counter import receipts
from tests.web.conftest import Town
from tests.web.counters import at_the_counter, enter, faults_of, number_of


def kind_of(town: Town, regime: str, **more: Any) -> RequestType:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    wanted = {"confidentiality": "normal", "location": "none"} | more
    return next(k for k in kinds if k.legal.regime == regime and all(getattr(k, n) == v for n, v in wanted.items()))


def code_of(town: Town, number: str) -> str:
    case = town.case(number)
    return tracking_code(town.office.settings.secret, case.id, case.link_generation)


def sheet_of(town: Town, number: str) -> Any:
    with town.app.test_request_context():
        return receipts.receipt_sheet(town.case(number))


def test_the_receipt_bears_every_mention_of_the_law(town: Town) -> None:
    """R112-5: date of reception; department, its postal address and telephone; what is missing and until when; what
    silence means and from which day; and where a refusal can be turned against."""
    kind = kind_of(town, "rejection", electronic="open")
    documents = kind.documents
    number = number_of(
        enter(at_the_counter(town), type=kind.code, lieu="", pieces_de=kind.code, recus=documents[:1], originaux="oui")
    )
    sheet, case = sheet_of(town, number), town.case(number)
    words, back = "\n".join(sheet.lines), "\n".join(sheet.back)
    department = town.office.town.in_force(town.clock.at).departments[case.department]
    assert "Reçu le mercredi 18 mars 2026 à 10 h 42 au guichet" in words
    for said in (department.name, department.address, department.phone, kind.label, "Hôtel de ville", number):
        assert said in words
    assert "Sans réponse le lundi 18 mai 2026" in words and "demande considérée comme refusée" in words
    assert "tribunal administratif" in back
    assert "Pour : A. I." in words and "Ahmed" not in words + back
    labels = [town.office.town.in_force(town.clock.at).documents[code].label for code in documents]
    for label in labels[1:]:
        assert f"[ ] {label}" in words
    if len(labels) > 1:
        assert "À apporter avant le vendredi 17 avril 2026" in words
    assert (sheet.number, sheet.code) == (number, code_of(town, number))


def test_silence_that_accepts_says_so_and_names_the_attestation(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    kind = next(k for k in kinds if k.legal.regime == "acceptance" and k.confidentiality == "normal")
    number = number_of(enter(at_the_counter(town), type=kind.code))
    words = "\n".join(sheet_of(town, number).lines)
    assert "considérée comme acceptée" in words and "L. 232-3" in words


def test_the_code_leads_to_the_tracking_page_and_so_does_the_picture(town: Town) -> None:
    number = number_of(enter(at_the_counter(town)))
    case = town.case(number)
    answer = town.visitor().fill("/suivi", "/suivi", reference=number, code=code_of(town, number))
    token = link_token(town.office.settings.secret, case.id, 1)
    assert answer.location == f"/suivi/{number}/{token}"
    assert sheet_of(town, number).qr == qr_svg(f"http://127.0.0.1:8000/suivi/{number}/{token}")


@pytest.mark.parametrize("format", ["a6", "80mm"])
def test_the_paper_is_a_tagged_pdf_shown_by_the_browser(town: Town, format: str) -> None:
    visitor = at_the_counter(town)
    number = number_of(enter(visitor))
    for _ in range(2):
        answer = visitor.client.get(f"/guichet/recepisse/{number}/pdf/{format}")
        assert answer.data.startswith(b"%PDF-") and b"/StructTreeRoot" in answer.data
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'inline; filename="recepisse-{number}.pdf"'
    assert visitor.client.get(f"/guichet/recepisse/{number}/pdf/a3").status_code == 404


def test_printing_again_changes_nothing(town: Town) -> None:
    visitor = at_the_counter(town)
    number = number_of(enter(visitor))
    head = town.office.log.head()
    visitor.get(f"/guichet/recepisse/{number}")
    visitor.client.get(f"/guichet/recepisse/{number}/pdf/a6")
    assert town.office.log.head() == head


def test_a_lost_code_is_replaced_once_somebody_has_shown_who_he_is(town: Town) -> None:
    visitor = at_the_counter(town)
    number = number_of(enter(visitor))
    before, link = code_of(town, number), town.link(number)
    path, action = f"/guichet/recepisse/{number}", f"/guichet/recepisse/{number}/nouveau-code"
    for wrong in ({}, {"piece": "id_card"}, {"vue": "oui"}, {"piece": "carte de fidélité", "vue": "oui"}):
        faults_of(visitor.fill(path, action, **wrong))
    assert code_of(town, number) == before
    page = visitor.get(path)
    for _ in range(2):
        assert visitor.send(page, action, piece="passport", vue="oui").status_code == 303
    facts = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.LinksRenewed)]
    assert facts == [e.LinksRenewed(generation=2, identity="passport")]
    assert code_of(town, number) != before and code_of(town, number) in visitor.get(path)
    assert before not in "\n".join(sheet_of(town, number).lines)
    assert town.visitor().client.get(link).status_code == 404
    assert "Passeport" in town.agent("camille.rousselet").get(f"/agent/demandes/{number}")


def test_who_took_a_secret_request_down_prints_its_receipt_that_day_and_nobody_else_does(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    secret = next(k.code for k in kinds if k.confidentiality == "secret" and k.location != "required")
    visitor = at_the_counter(town)
    number = number_of(enter(visitor, type=secret, contact="retrait"))
    path = f"/guichet/recepisse/{number}"
    page = visitor.get(path)
    assert "nouveau-code" not in page and "Voir la demande" not in page
    assert visitor.client.get(f"{path}/pdf/a6").data.startswith(b"%PDF-")
    town.agent("patrice.lenoir").get(path, status=403)
    assert visitor.client.post(f"{path}/nouveau-code", data={}).status_code == 400
    town.clock.pass_(hours=13)
    at_the_counter(town).get(path, status=403)


def test_a_receipt_of_no_case_is_not_found(town: Town) -> None:
    for number in ("2026-999999", "x", "2026-00000"):
        at_the_counter(town).get(f"/guichet/recepisse/{number}", status=404)


def test_what_somebody_calls_himself_is_never_a_command_of_the_typesetter(town: Town) -> None:
    visitor = at_the_counter(town)
    words = '#eval("1") $x$ *gras* \\ "\' ]; #panic() @ref <l> // /* \0 \u202e'
    number = number_of(enter(visitor, nom=words, texte=words))
    assert visitor.client.get(f"/guichet/recepisse/{number}/pdf/a6").data.startswith(b"%PDF-")


def test_the_page_goes_back_by_itself_and_frees_the_post(town: Town) -> None:
    visitor = at_the_counter(town)
    answer = enter(visitor)
    page = visitor.get(answer.location)
    assert re.search(r'data-receipt="[0-9a-f]{32}" data-idle="180" data-home="/guichet"', page)
