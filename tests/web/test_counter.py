"""Does what somebody says at the counter, on the telephone or on paper become a case, once, with nothing lost?"""

import re
from datetime import timedelta
from io import BytesIO

import pytest

from gru.domain import events as e
from gru.domain.case import CloseCase, StartWait
from gru.storage.people import Person
from tests.web.conftest import CLAIRE, Town
from tests.web.counters import FORM, RIGHT, at_the_counter, enter, faults_of, number_of

CLAIRES_PHONE = "06 39 98 17 42"


def opened(town: Town, number: str) -> e.CaseOpened:
    event = town.office.log.history(town.id_of(number))[0].event
    assert isinstance(event, e.CaseOpened)
    return event


def test_one_screen_makes_a_case_with_its_type_its_person_and_its_promises(town: Town) -> None:
    number = number_of(enter(at_the_counter(town)))
    case, fact = town.case(number), opened(town, number)
    assert (case.type, case.department, case.channel, case.site) == ("VOI-CHAUSSEE", "VOI", "counter", "HDV")
    assert (fact.assisted, fact.consent, fact.reply_channel, fact.late_reason) == (True, True, "phone", "")
    assert {"acknowledge", "first_response", "resolve"} <= set(case.commitments)
    person = town.office.archive.people([case.requester])[case.requester]
    assert person and (person.name, person.phone) == ("Ahmed Invente", "06 39 98 45 67")
    assert town.office.log.history(case.id)[0].by == town.by("camille.rousselet")


def test_the_paper_handed_over_is_the_acknowledgement_of_the_law_and_keeps_the_promise(town: Town) -> None:
    case = town.case(number_of(enter(at_the_counter(town))))
    (reply,) = case.replies.values()
    assert (reply.kind, reply.channel, reply.state, reply.human) == ("acknowledgement", "counter", "sent", False)
    assert case.commitments["acknowledge"].kept_at == town.clock.at
    assert case.commitments["first_response"].kept_at is None


def test_the_same_entry_sent_twice_is_one_case(town: Town) -> None:
    visitor = at_the_counter(town)
    page = visitor.get(FORM)
    first, again = enter(visitor, page), enter(visitor, page)
    assert number_of(first) == number_of(again)
    assert len([n for n in town.names_of(number_of(first)) if n == "case.reply_written"]) == 1


def test_what_a_colleague_sends_is_the_case_of_who_typed_it(town: Town) -> None:
    """A post kept it; whoever sends it afterwards makes no second case."""
    camille = town.by_name["camille.rousselet"].id
    page = at_the_counter(town).get(FORM)
    key = re.search(r'name="cle" value="([0-9a-f]{32})"', page)
    assert key
    first = number_of(enter(at_the_counter(town), cle=key[1]))
    nadia = town.agent("nadia.benali")
    assert number_of(enter(nadia, cle=key[1], saisi_par=camille)) == first
    assert number_of(enter(nadia, cle=key[1])) != first
    assert enter(nadia, cle=key[1], saisi_par="personne").status_code == 400


def test_a_second_entry_of_a_new_page_is_a_second_case(town: Town) -> None:
    visitor = at_the_counter(town)
    assert number_of(enter(visitor)) != number_of(enter(visitor))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mots": "", "type": None}, "mots"),
        ({"mots": "xylophone quantique", "type": None}, "mots"),
        ({"texte": "  "}, "texte"),
        ({"lieu": ""}, "lieu"),
        ({"site": "MQS"}, "site"),
        ({"tel": "12"}, "tel"),
        ({"email": "pas une adresse"}, "email"),
        ({"contact": None}, "contact"),
        ({"contact": "email"}, "email"),
        ({"contact": "courrier"}, "adresse"),
        ({"tel": "", "contact": "telephone"}, "tel"),
        ({"consentement": None}, "consentement"),
        ({"recu_le": "hier"}, "recu_le"),
        ({"recu_le": "2026-03-19T10:00"}, "recu_le"),
        ({"recu_le": "1996-03-18T10:00", "raison": "opened_later"}, "recu_le"),
        ({"recu_le": "2025-03-17T10:00", "raison": "network_loss"}, "recu_le"),
        ({"recu_le": "2026-03-17T10:00"}, "raison"),
        ({"recu_le": "2026-03-17T10:00", "raison": "parce que"}, "raison"),
        ({"nom": "x" * 301}, "nom"),
        ({"texte": "x" * 20_001}, "texte"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    town: Town, changed: dict[str, str], field: str
) -> None:
    before = town.office.log.head()
    answer = enter(at_the_counter(town), **changed)
    assert field in faults_of(answer)
    kept = {"texte": "Un trou devant chez moi.", "nom": "Ahmed Invente"} | changed
    for name in ("texte", "nom"):
        assert (kept[name] or "").strip()[:200] in answer.text
    assert f'id="{field}"' in answer.text
    assert "<title>Erreur" in answer.text
    assert town.office.log.head() == before


def test_a_key_no_page_handed_out_is_refused(town: Town) -> None:
    for key in ("", "0" * 32, "../../etc", "f" * 32):
        assert enter(at_the_counter(town), cle=key).status_code == 400


def test_who_wants_to_leave_nothing_of_himself_may_where_nobody_need_be_known(town: Town) -> None:
    nothing = {"tel": "", "nom": "", "anonyme": "oui", "consentement": None, "contact": "aucun"}
    kinds = town.office.town.in_force(town.clock.at).types
    free = next(kind for kind in kinds.values() if kind.identification == "none")
    number = number_of(enter(at_the_counter(town), type=free.code, **nothing))
    assert opened(town, number).requester == ""
    bound = next(kind for kind in kinds.values() if kind.identification == "contact")
    assert "anonyme" in faults_of(enter(at_the_counter(town), type=bound.code, **nothing))


def test_words_alone_find_the_type_and_another_request_is_left_to_the_reception(town: Town) -> None:
    visitor = at_the_counter(town)
    assert town.case(number_of(enter(visitor, type=None, mots="nid de poule"))).type == "VOI-CHAUSSEE"
    other = town.case(number_of(enter(visitor, type="autre", mots="tout autre chose")))
    assert (other.type, other.department) == ("", "DRU")


def test_a_person_known_by_telephone_is_recognised_and_his_cases_are_shown(town: Town) -> None:
    before = town.open_case()
    answer = enter(at_the_counter(town), tel=CLAIRES_PHONE, nom="", faire="apercu")
    assert answer.status_code == 200
    assert f"Personne connue\u00a0: {CLAIRE}, 1 demande" in answer.text
    assert before in answer.text and "même personne" in answer.text
    number = number_of(enter(at_the_counter(town), tel=CLAIRES_PHONE, nom=""))
    assert town.case(number).requester == town.case(before).requester


def test_somebody_else_of_the_same_telephone_is_somebody_else(town: Town) -> None:
    claire = town.case(town.open_case()).requester
    visitor = at_the_counter(town)
    son = town.case(number_of(enter(visitor, tel=CLAIRES_PHONE, nom="Paul Lefèvre"))).requester
    picked = town.case(number_of(enter(visitor, tel=CLAIRES_PHONE, nom="", personne="autre"))).requester
    assert len({claire, son, picked}) == 3
    again = town.case(number_of(enter(visitor, tel=CLAIRES_PHONE, nom="", personne=son))).requester
    assert again == son


def test_a_person_cannot_be_picked_whom_the_telephone_does_not_lead_to(town: Town) -> None:
    stranger = town.office.archive.save_person(Person(name="Odette Secrète", phone="0639980000"))
    case = town.case(number_of(enter(at_the_counter(town), personne=stranger)))
    assert case.requester != stranger


def test_what_is_known_of_a_person_is_completed_never_overwritten(town: Town) -> None:
    claire = town.case(town.open_case()).requester
    enter(at_the_counter(town), tel=CLAIRES_PHONE, nom="", email="claire.autre@exemple.fr", adresse="3 rue X, 59999 Y")
    person = town.office.archive.people([claire])[claire]
    assert person
    assert (person.name, person.email, person.address) == (CLAIRE, "claire.lefevre@exemple.fr", "3 rue X, 59999 Y")
    assert person.also == ("claire.autre@exemple.fr",)


def test_the_same_request_joins_the_case_that_is_open(town: Town) -> None:
    before = town.open_case()
    visitor = at_the_counter(town)
    page = visitor.get(FORM)
    for _ in range(2):
        number_of(enter(visitor, page, tel=CLAIRES_PHONE, nom="", texte="Le trou grandit.", faire=f"ajouter:{before}"))
    assert town.names_of(before).count("case.message_received") == 1
    assert town.names_of(before)[-1] == "case.message_received"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mots": "", "texte": " "}, "texte"),
        ({"texte": "x" * 20_001}, "texte"),
        ({"nom": "x" * 301}, "nom"),
        ({"adresse": "x" * 301}, "adresse"),
        ({"tel": "12"}, "tel"),
        ({"email": "pas une adresse"}, "email"),
        ({"recu_le": "zzz"}, "recu_le"),
        ({"recu_le": "2027-01-01T00:00"}, "recu_le"),
        ({"recu_le": "1971-01-01T00:00"}, "recu_le"),
        ({"recu_le": "2026-03-18T10:41"}, "recu_le"),
    ],
)
def test_what_joins_a_case_is_looked_at_as_what_opens_one_is(town: Town, changed: dict[str, str], field: str) -> None:
    before = town.open_case()
    facts = town.names_of(before)
    town.clock.pass_(hours=1)
    answer = enter(at_the_counter(town), faire=f"ajouter:{before}", **changed)
    assert faults_of(answer) == [field]
    for name, kept in (RIGHT | changed).items():
        if name in ("mots", "texte", "nom", "adresse", "tel", "email", "recu_le"):
            assert kept.strip()[:200] in answer.text
    assert town.names_of(before) == facts
    assert not town.office.archive.find_people("pas une adresse", "12")


def test_what_is_not_used_is_not_asked_of_who_adds_to_a_case(town: Town) -> None:
    before = town.open_case()
    less = {"lieu": "", "contact": None, "consentement": None, "tel": CLAIRES_PHONE, "nom": ""}
    number_of(enter(at_the_counter(town), faire=f"ajouter:{before}", **less))
    assert town.names_of(before)[-1] == "case.message_received"


def test_what_was_brought_in_the_minute_of_the_reception_joins_it(town: Town) -> None:
    """The field knows no seconds."""
    town.clock.pass_(seconds=31)
    before = town.open_case()
    town.clock.pass_(hours=1)
    number_of(enter(at_the_counter(town), faire=f"ajouter:{before}", recu_le="2026-03-18T10:42"))
    added = town.office.log.history(town.id_of(before))[-1].event
    assert isinstance(added, e.MessageReceived) and added.received_at == town.case(before).received_at


def test_a_late_addition_ends_a_wait_when_it_was_received(town: Town) -> None:
    before = town.open_case()
    wait = StartWait(case_id=town.id_of(before), wait_id="ab" * 16, party="resident", reason="precision")
    town.do(wait, by=town.by("julien.moreau"))
    town.clock.pass_(days=3)
    number_of(enter(at_the_counter(town), faire=f"ajouter:{before}", recu_le="2026-03-20T10:42", raison="other"))
    ended = next(r.event for r in town.office.log.history(town.id_of(before)) if isinstance(r.event, e.WaitEnded))
    assert ended.ended_at == town.clock.at - timedelta(days=1)


def test_what_is_said_to_be_different_is_offered_no_more_and_nothing_typed_is_lost(town: Town) -> None:
    before, other = town.open_case(), town.open_case()
    visitor = at_the_counter(town)
    answer = enter(visitor, tel=CLAIRES_PHONE, nom="", faire=f"different:{before}")
    assert answer.status_code == 200 and "Un trou devant chez moi." in answer.text
    assert f"ajouter:{before}" not in answer.text and f"ajouter:{other}" in answer.text
    again = enter(visitor, answer.text, tel=CLAIRES_PHONE, nom="", faire="apercu")
    assert f"ajouter:{before}" not in again.text and f"ajouter:{other}" in again.text
    number_of(enter(visitor, answer.text, tel=CLAIRES_PHONE, nom=""))
    strange = enter(visitor, faire='different:"><script>', ecarte=["<b>"] * 200)
    assert strange.status_code == 200 and "<script>" not in strange.text.split("<main", 1)[1]


def test_nothing_is_added_to_a_case_the_agent_does_not_see(town: Town) -> None:
    secret = town.open_case(type=_secret(town))
    facts = town.names_of(secret)
    for number in (secret, "2026-999999", "x"):
        assert "mots" in faults_of(enter(at_the_counter(town), faire=f"ajouter:{number}"))
    assert town.names_of(secret) == facts


def _secret(town: Town) -> str:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    return next(kind.code for kind in kinds if kind.confidentiality == "secret")


def test_a_case_the_agent_does_not_see_is_no_duplicate_of_anything(town: Town) -> None:
    hidden = town.open_case(type=_secret(town))
    answer = enter(at_the_counter(town), tel=CLAIRES_PHONE, nom="", faire="apercu")
    assert hidden not in answer.text


def test_who_is_known_from_what_the_agent_may_not_see_is_known_by_his_name_only(town: Town) -> None:
    """A telephone or an address alone must not tell who stands behind it."""
    hidden = town.case(town.open_case(type=_secret(town))).requester
    visitor = at_the_counter(town)
    for nobody in ({"tel": CLAIRES_PHONE}, {"email": "claire.lefevre@exemple.fr"}, {"personne": hidden}):
        answer = enter(visitor, **{"tel": "", "nom": "", "faire": "apercu"} | nobody)
        assert CLAIRE not in answer.text and "Personne connue" not in answer.text
    assert town.case(number_of(enter(visitor, tel=CLAIRES_PHONE, nom="", personne=hidden))).requester != hidden
    named = enter(visitor, tel=CLAIRES_PHONE, nom="claire lefevre", faire="apercu")
    assert f"{CLAIRE}, 0 demande" in named.text
    assert town.case(number_of(enter(visitor, tel=CLAIRES_PHONE, nom=CLAIRE))).requester == hidden
    assert CLAIRE in enter(visitor, tel=CLAIRES_PHONE, nom="", faire="apercu").text


def test_a_screen_that_faces_the_public_shows_no_title_of_a_secret_case(town: Town) -> None:
    hidden = town.open_case("Aide au loyer refusée deux fois", type="SOC-AIDE")
    assert town.case(hidden).confidentiality == "secret"
    answer = enter(at_the_counter(town, "catherine.ollivier"), tel=CLAIRES_PHONE, nom="", faire="apercu")
    assert f"ajouter:{hidden}" in answer.text and "Demande confidentielle" in answer.text
    assert "Aide au loyer" not in answer.text


def test_a_closed_case_is_not_open_already(town: Town) -> None:
    number = town.open_case()
    town.do(CloseCase(case_id=town.id_of(number), outcome="resolved"))
    assert number not in enter(at_the_counter(town), tel=CLAIRES_PHONE, nom="", faire="apercu").text


def test_the_same_kind_at_the_same_place_is_shown_whoever_asked_for_thirty_days(town: Town) -> None:
    visitor = at_the_counter(town)
    before = number_of(enter(visitor))
    answer = enter(visitor, tel="", nom="Quelqu’un d’autre", faire="apercu")
    assert before in answer.text and "à 0\u00a0m" in answer.text
    town.clock.pass_(days=31)
    assert before not in enter(at_the_counter(town), tel="", nom="", faire="apercu").text


def test_a_late_entry_says_why_and_is_judged_from_when_it_was_received(town: Town) -> None:
    number = number_of(enter(at_the_counter(town), recu_le="2026-03-17T15:30", raison="network_loss"))
    fact = opened(town, number)
    assert fact.late_reason == "network_loss"
    assert fact.received_at == town.clock.at - timedelta(hours=19, minutes=12)
    assert "Coupure du réseau" in at_the_counter(town).get(f"/agent/demandes/{number}")


def test_a_letter_found_after_months_bears_a_number_of_its_year_and_its_pages_open(town: Town) -> None:
    visitor = at_the_counter(town)
    number = number_of(enter(visitor, recu_le="2025-03-18T10:00", raison="opened_later"))
    assert number.startswith("2025-")
    visitor.get(f"/guichet/recepisse/{number}")
    visitor.get(f"/agent/demandes/{number}")
    town.visitor().get(town.link(number))


def test_a_year_mistyped_is_said_with_what_to_do(town: Town) -> None:
    answer = enter(at_the_counter(town), recu_le="1996-03-18T10:00", raison="opened_later")
    assert "Cette date remonte à plus d’un an. Vérifiez l’année." in answer.text
    assert "saisissez-la au mardi 18 mars 2025" in answer.text


def test_a_post_whose_clock_is_ahead_loses_nothing_it_kept(town: Town) -> None:
    number = number_of(enter(at_the_counter(town), recu_le="2026-03-18T10:55", raison="network_loss"))
    assert opened(town, number).received_at == town.clock.at


def test_who_called_is_acknowledged_as_he_wishes(town: Town) -> None:
    visitor = at_the_counter(town)
    by_mail = town.case(number_of(enter(visitor, canal="telephone", contact="email", email="a@exemple.fr")))
    assert [(r.kind, r.channel, r.state) for r in by_mail.replies.values()] == [("acknowledgement", "email", "written")]
    by_phone = town.case(number_of(enter(visitor, canal="telephone")))
    assert by_phone.channel == "phone" and not by_phone.replies


def test_who_wrote_on_paper_needs_no_consent_and_is_answered_on_paper(town: Town) -> None:
    case = town.case(
        number_of(
            enter(at_the_counter(town), canal="courrier", consentement=None, contact="courrier",
                  adresse="3 rue des Lilas, 59999 Val-des-Tilleuls", recu_le="2026-03-16T09:00", raison="opened_later")
        )
    )  # fmt: skip
    assert (case.channel, case.reply_channel) == ("post", "post")
    (letter,) = case.replies.values()
    assert (letter.kind, letter.channel, letter.state) == ("acknowledgement", "post", "written")


def test_documents_shown_are_noted_only_when_they_were_on_the_screen(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    kind = next(k for k in kinds if len(k.documents) > 1 and k.confidentiality == "normal" and k.location == "none")
    visitor = at_the_counter(town)
    unseen = town.case(number_of(enter(visitor, type=kind.code, recus=[kind.documents[0]])))
    assert unseen.documents is None
    seen = town.case(
        number_of(
            enter(visitor, type=kind.code, pieces_de=kind.code, recus=[kind.documents[0], "inventée"], originaux="oui")
        )
    )
    assert seen.documents is not None
    assert seen.documents.received == (kind.documents[0],)
    assert seen.documents.missing == kind.documents[1:]
    assert seen.documents.originals_returned and seen.documents.before is not None


def test_what_was_scanned_lies_in_the_case_and_what_is_no_picture_does_not(town: Town) -> None:
    visitor = at_the_counter(town)
    scan = (BytesIO(b"%PDF-1.7 scan"), "justificatif.pdf")
    number = number_of(enter(visitor, pieces=scan))
    assert [file.media_type for file in opened(town, number).files] == ["application/pdf"]
    assert faults_of(enter(visitor, pieces=(BytesIO(b"MZ\x90"), "virus.pdf"))) == ["pieces"]


def test_another_request_of_the_same_person_keeps_the_person_and_nothing_else(town: Town) -> None:
    visitor = at_the_counter(town)
    number = number_of(enter(visitor))
    page = visitor.get(f"{FORM}?meme={number}")
    assert 'value="Ahmed Invente"' in page and "Un trou devant chez moi." not in page
    second = number_of(enter(visitor, page, tel="06 39 98 45 67", nom=""))
    assert town.case(second).requester == town.case(number).requester


def test_nobody_is_filled_in_from_a_case_the_agent_may_not_see(town: Town) -> None:
    number = town.open_case(type=_secret(town), name="Odette Secrète", email="odette@exemple.fr")
    assert "Odette" not in at_the_counter(town).get(f"{FORM}?meme={number}")


def test_strange_words_stay_words(town: Town) -> None:
    words = "<script>alert(1)</script> {{ 7*7 }} \0 \"'‮"
    answer = enter(at_the_counter(town), mots=words, texte=words, lieu=words, nom=words, faire="apercu")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    number = number_of(enter(at_the_counter(town), texte=words, lieu=words, nom=words))
    assert "<script>alert" not in at_the_counter(town).get(f"/guichet/recepisse/{number}")


def test_who_may_not_register_has_no_counter(town: Town) -> None:
    for path in (FORM, "/guichet/file", "/guichet/courriers", "/guichet/sur-place", "/guichet/relais"):
        assert "Votre rôle ne donne pas accès" in town.agent("isabelle.fournier").get(path, status=403)


def test_an_entry_sent_after_the_session_ended_waits_behind_the_login(town: Town) -> None:
    visitor = at_the_counter(town)
    page = visitor.get(FORM)
    town.office.access.revoke_all(town.by_name["camille.rousselet"].id)
    answer = enter(visitor, page)
    assert answer.status_code == 401
    town.office.access.set_password(
        town.by_name["camille.rousselet"].id, "camille@ville.example", "un mot de passe long"
    )
    again = visitor.send(answer.text, "/connexion", identifiant="camille@ville.example",
                         mot_de_passe="un mot de passe long")  # fmt: skip
    assert "Un trou devant chez moi." in again.text
    number_of(visitor.send(again.text, FORM))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"contact": "courrier", "adresse": "3 rue des Lilas, 59999 X"}, "Envoyer par courrier à Ahmed Invente"),
        ({"contact": "telephone"}, "préfère le téléphone"),
        ({"contact": "retrait"}, "viendra chercher la réponse à l’accueil"),
        ({"contact": "aucun"}, "Cette personne ne souhaite pas être prévenue."),
    ],
)
def test_whoever_answers_reads_how_the_person_wished_to_be_told(town: Town, wish: dict[str, str], said: str) -> None:
    number = number_of(enter(at_the_counter(town), type="REL-INFO", lieu="", **wish))
    page = town.agent("camille.rousselet").get(f"/agent/demandes/{number}")
    assert said in page
