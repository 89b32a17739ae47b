"""Does every letter say what it must, with French dates, and never more than was given?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gru.domain.case import Case
from gru.domain.case.parts import Commitment, LegalDate
from gru.domain.clocks import Amount, Calendar, parse_week
from gru.domain.errors import BadInput
from gru.domain.references import link_token
from gru.domain.town import Town, town_of
from gru.office.letters import (
    Answer,
    CaseFacts,
    Closing,
    Item,
    Letter,
    Letters,
    Supplement,
    UnfilledField,
    draft,
    first_hole,
    french,
    letter,
    problem_with,
    problem_with_draft,
    split_subject,
)
from gru.office.letters.examples import examples
from gru.storage.people import Person
from tests.domain.towns import sample_content

CATALOGUE = sample_content().catalogue
TOWN = town_of(CATALOGUE, 3, datetime(2026, 1, 1, tzinfo=UTC))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


RECEIVED = paris("2026-12-23 10:42")
WITHOUT_SUBJECT = {"counter_receipt", "queue_ticket", "facebook_public", "facebook_private"}
FACTS = CaseFacts(
    number="2026-000123",
    received_at=RECEIVED,
    now=RECEIVED,
    type="ODP-DEMEN",
    name="Nadia Fictive",
    civility="Madame",
    message="Je voudrais réserver deux places au 14 rue des Acacias.",
    place="14 rue des Acacias",
    proven=True,
    due={"resolve": paris("2027-01-06 19:00")},
    legal={"acknowledgement": paris("2027-01-09 00:00"), "silence": paris("2027-02-24 00:00")},
    tracking_url="https://suivi.example/2026-000123/secret",
)


def written(use: str, facts: CaseFacts = FACTS, town: Town = TOWN) -> Letter:
    return letter(town, town.letters[use], facts)


def with_template(text: str) -> Town:
    return msgspec.structs.replace(TOWN, templates={"essai": text})


# --- every template ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", sorted(TOWN.letters))
def test_every_letter_is_written_for_every_example(use: str) -> None:
    assert problem_with(TOWN, use) == ""
    for town, facts in examples(TOWN, use):
        text = letter(town, town.letters[use], facts).whole
        assert not any(mark in text for mark in ("None", "()", "{{", "{%", "{#", "meilleurs délais", "\n\n\n\n", " ,"))


def test_every_template_file_serves_a_use_or_is_included() -> None:
    included = {"_contact", "_pied_rgpd", "_voies_recours"}
    ready = {reply.template for reply in TOWN.replies.values()}
    assert set(TOWN.templates) == set(TOWN.letters.values()) | ready | included


@pytest.mark.parametrize("name", sorted(reply.template for reply in TOWN.replies.values()))
def test_every_ready_reply_can_be_begun_and_marks_what_is_missing(name: str) -> None:
    assert problem_with_draft(TOWN, name) == ""
    for town, facts in examples(TOWN, "answer"):
        text = draft(town, name, facts).whole
        assert first_hole(text) and not any(mark in text for mark in ("None", "{{", "{%"))


def test_a_draft_shows_an_unfilled_field_and_refuses_one_that_does_not_exist() -> None:
    town, facts = next(examples(TOWN, "answer"))
    nobody = replace(facts, agent="")
    assert first_hole(draft(town, "modele_fait", nobody).text) == "ce qui a été fait"
    assert "[à compléter : votre nom]" in draft(town, "modele_fait", nobody).text
    wrong = msgspec.structs.replace(town, templates={**town.templates, "faux": "{{ demande.nimporte }}"})
    with pytest.raises(UnfilledField, match=r"demande\.nimporte"):
        draft(wrong, "faux", facts)


@pytest.mark.parametrize("use", sorted(set(TOWN.letters) - WITHOUT_SUBJECT))
def test_every_letter_but_prints_and_facebook_has_a_subject(use: str) -> None:
    town, facts = next(examples(TOWN, use))
    assert letter(town, town.letters[use], facts).subject


@pytest.mark.parametrize("use", [use for use in TOWN.letters if use.startswith("acknowledgement/")])
def test_an_acknowledgement_names_the_department_its_telephone_and_address_and_the_day_of_receipt(use: str) -> None:
    town, facts = next(examples(TOWN, use))
    kind = next(iter(town.types.values()))
    department = town.departments[kind.department]
    text = letter(town, town.letters[use], facts).text
    for mention in (department.name, department.phone, department.address, "mercredi 23 décembre 2026"):
        assert mention in text


# --- what a letter says ------------------------------------------------------------------------------------------


def test_the_receipt_says_when_the_message_came_and_until_when_the_acknowledgement_will() -> None:
    receipt = written("receipt")
    assert receipt.subject == "Nous avons reçu votre message - 2026-000123"
    assert receipt.text.startswith(
        "Bonjour,\n\nNous avons bien reçu votre message le mercredi 23 décembre 2026 à 10 h 42."
    )
    assert "Au plus tard le vendredi 8 janvier 2027" in receipt.text
    assert "https://suivi.example/2026-000123/secret\n" in receipt.text
    assert (receipt.template, receipt.version) == ("accuse_enregistrement", 3)


def test_the_receipt_quotes_a_proven_sender() -> None:
    assert "Copie de votre message :\nJe voudrais réserver" in written("receipt").text


@pytest.mark.parametrize("use", sorted(TOWN.letters))
def test_nothing_an_unproven_sender_wrote_is_ever_repeated_to_him(use: str) -> None:
    for town, facts in examples(TOWN, use):
        unproven = replace(facts, proven=False, message="MOTS DU MESSAGE", place="LIEU DU MESSAGE")
        text = letter(town, town.letters[use], unproven).whole
        assert "MOTS DU MESSAGE" not in text
        assert "LIEU DU MESSAGE" not in text


def test_silence_that_refuses_is_announced_with_its_day_and_the_ways_of_appeal() -> None:
    text = written("acknowledgement/rejection").text
    assert "aucune réponse le mardi 23 février 2027, la loi considère que votre demande est refusée" in text
    assert "Vous avez deux mois à partir du jour où votre demande est considérée comme refusée" in text
    assert "le tribunal administratif de Chef-Lieu, 5 rue de la Loi" in text
    assert "Nous voulons vous répondre avant le mercredi 6 janvier 2027." in text


def test_silence_that_accepts_is_announced_with_the_attestation() -> None:
    text = written("acknowledgement/acceptance", replace(FACTS, type="EDU-INSC")).text
    assert "le mardi 23 février 2027, votre demande sera considérée comme acceptée" in text
    assert "article L. 232-3" in text
    assert "refusée" not in text


def test_an_incomplete_file_of_which_silence_accepts_names_no_day() -> None:
    asked = Supplement(indispensable=True, before=paris("2027-01-05 00:00"), items=(Item(label="Plan"),))
    facts = replace(FACTS, type="EDU-INSC", missing=("Livret de famille",), supplement=asked)
    text = written("acknowledgement/acceptance", facts).text
    assert "avant le lundi 4 janvier 2027 :\n- Livret de famille" in text
    assert "Le délai de réponse est de deux mois" in text
    assert "23 février" not in text


def test_a_refusal_counts_the_appeal_from_the_decision_and_names_the_authority_to_ask_first() -> None:
    answer = Answer(ground_fact="le document n'existe pas.", ground_law="CRPA, article L311-1.")
    facts = replace(
        FACTS, type="JUR-CADA", summary="le plan", answer=answer, signatory="D. Exemple", signatory_title="Maire"
    )
    text = written("refusal", facts).text
    assert "Vous devez d'abord écrire à : la Commission d'accès aux documents administratifs (CADA)" in text
    assert "deux mois à partir du jour où vous recevez cette décision" in text


def test_writing_to_the_mayor_does_not_extend_the_appeal_of_a_planning_permission() -> None:
    answer = Answer(ground_fact="la hauteur dépasse.", ground_law="PLU, article 10.")
    facts = replace(
        FACTS, type="URB-PC", summary="construire", answer=answer, signatory="D. Exemple", signatory_title="Maire"
    )
    assert "écrire au maire ne prolonge pas le délai" in written("refusal", facts).text


def test_a_reminder_to_a_department_does_not_say_what_a_secret_case_is_about() -> None:
    town, facts = next(examples(TOWN, "service_reminder"))
    kind = next(iter(town.types.values()))
    secret = msgspec.structs.replace(kind, confidentiality="secret")
    hidden = letter(msgspec.structs.replace(town, types={kind.code: secret}), "relance_service", facts).whole
    assert kind.label in letter(town, "relance_service", facts).whole
    assert kind.label not in hidden
    assert "demande confidentielle" in hidden


def test_a_case_of_another_department_names_that_one() -> None:
    assert "Voirie et éclairage public" in written("acknowledgement/rejection", replace(FACTS, department="VOI")).text


def test_a_nameless_person_is_greeted_without_a_name() -> None:
    facts = replace(
        FACTS, name="", civility="", closing=Closing(outcome="withdrawn", at=RECEIVED, reopen_before=RECEIVED)
    )
    assert written("closing", facts).text.startswith("Bonjour,\n")
    assert written("closing", replace(facts, name="Nadia Fictive")).text.startswith("Bonjour Nadia Fictive,\n")


def test_the_duration_of_keeping_is_that_of_the_type_or_the_towns_own() -> None:
    assert "gardées 5 ans après" in written("receipt").text
    assert "gardées 1 an après" in written("receipt", replace(FACTS, type="")).text


# --- what stops a letter -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "facts", "field"),
    [
        ("receipt", replace(FACTS, legal={}), "delais.ar_au_plus_tard"),
        ("acknowledgement/rejection", replace(FACTS, due={}), "delais.cible_resolution"),
        ("acknowledgement/rejection", replace(FACTS, type=""), "demande.type_libelle"),
        ("answer", FACTS, "demande.resume"),
        ("complement", FACTS, "complement.elements"),
        ("closing", FACTS, "cloture.resume"),
        ("queue_ticket", FACTS, "ticket.site"),
    ],
)
def test_a_field_nobody_filled_stops_the_letter_and_is_named(use: str, facts: CaseFacts, field: str) -> None:
    with pytest.raises(UnfilledField) as stopped:
        written(use, facts)
    assert stopped.value.values == {"field": field, "template": TOWN.letters[use]}
    assert field in str(stopped.value)


@pytest.mark.parametrize("field", ["demande.nummero", "usager.nom.court"])
def test_a_field_that_does_not_exist_is_named_even_where_it_is_only_asked_about(field: str) -> None:
    with pytest.raises(UnfilledField) as stopped:
        letter(with_template(f"{{% if {field} %}}oui{{% endif %}}"), "essai", FACTS)
    assert field.startswith(str(stopped.value.values["field"]))


def test_an_unfilled_field_may_be_asked_about_and_compared() -> None:
    town = with_template("{% if delais.premiere_reponse %}A{% endif %}{% if cloture.issue == 'x' %}B{% endif %}C")
    assert letter(town, "essai", FACTS).text == "C\n"


@pytest.mark.parametrize("joined", ["~ 'x'", "| upper", "+ 'x'", "| join(',')", ".court"])
def test_an_unfilled_field_cannot_slip_through_an_expression(joined: str) -> None:
    with pytest.raises((UnfilledField, BadInput)):
        letter(with_template(f"{{{{ retard.raison {joined} }}}}"), "essai", FACTS)


@pytest.mark.parametrize(
    "template",
    [
        "{{ demande.numero.__class__ }}",
        "{{ demande._values }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ liens.__init__.__globals__ }}",
        "{% for x in range(1000000) %}{% endfor %}",
        "{{ demande.pieces_recues.append('x') }}",
    ],
)
def test_a_template_reaches_nothing_but_its_fields(template: str) -> None:
    with pytest.raises((BadInput, UnfilledField)):
        letter(with_template(template), "essai", FACTS)


def test_what_a_resident_wrote_is_never_run() -> None:
    assert "{{ 7 * 7 }}" in written("receipt", replace(FACTS, message="{{ 7 * 7 }}")).text


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(BadInput, match="no template absent"):
        letter(TOWN, "absent", FACTS)


# --- words -------------------------------------------------------------------------------------------------------


def test_subject_and_text_are_put_together_and_taken_apart() -> None:
    receipt = written("receipt")
    assert receipt.whole.startswith("Objet : Nous avons reçu votre message - 2026-000123\n\nBonjour,")
    assert split_subject(receipt.whole) == (receipt.subject, receipt.text)
    assert split_subject("Bonjour,\n") == ("", "Bonjour,\n")


@pytest.mark.parametrize(
    ("instant", "day", "hour"),
    [
        ("2026-12-23 10:42", "mercredi 23 décembre 2026", "10 h 42"),
        ("2027-01-01 09:00", "vendredi 1er janvier 2027", "9 h"),
        ("2026-08-01 00:05", "samedi 1er août 2026", "0 h 05"),
        ("2026-08-11 17:00", "mardi 11 août 2026", "17 h"),
    ],
)
def test_days_and_hours_are_said_in_french_and_in_the_towns_time(instant: str, day: str, hour: str) -> None:
    calendar = TOWN.legal_calendar
    assert (french.day_of(calendar, paris(instant)), french.hour_of(calendar, paris(instant))) == (day, hour)


def test_a_limit_at_midnight_bears_the_day_that_ends() -> None:
    assert french.last_day_of(TOWN.legal_calendar, paris("2027-02-24 00:00")) == "mardi 23 février 2027"
    assert french.last_day_of(TOWN.legal_calendar, paris("2027-02-24 17:30")) == "mercredi 24 février 2027"


def test_a_town_overseas_reads_its_own_clock() -> None:
    calendar = Calendar(code="x", timezone="Indian/Reunion", week=parse_week({"mon-fri": ["08:00-16:00"]}))
    evening = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
    assert french.day_of(calendar, evening) == "vendredi 1er janvier 2027"
    assert french.hour_of(calendar, evening + timedelta(minutes=7)) == "1 h 07"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Amount(2, "month"), "deux mois"),
        (Amount(1, "jo"), "un jour ouvré"),
        (Amount(10, "jo"), "dix jours ouvrés"),
        (Amount(1, "h"), "une heure"),
        (Amount(45, "jc"), "45 jours"),
    ],
)
def test_a_length_of_time_is_said_in_words(amount: Amount, words: str) -> None:
    assert french.length_of(amount) == words


def test_times_to_keep_are_said_in_words() -> None:
    assert [french.kept_for(each) for each in ("P1Y", "P10Y", "P6M")] == ["1 an", "10 ans", "6 mois"]
    with pytest.raises(ValueError, match="no time to keep"):
        french.kept_for("toujours")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({"mon-fri": ["09:00-12:00", "13:30-17:00"]}, "lundi au vendredi, 9 h - 12 h et 13 h 30 - 17 h"),
        (
            {"mon-fri": ["09:00-12:00"], "wed": ["14:00-19:00"], "sat": ["09:00-12:00"]},
            "lundi au mardi, 9 h - 12 h ; mercredi, 14 h - 19 h ; jeudi au samedi, 9 h - 12 h",
        ),
        ({"mon": ["09:00-12:00"], "wed": ["09:00-12:00"]}, "lundi, 9 h - 12 h ; mercredi, 9 h - 12 h"),
        ({}, ""),
    ],
)
def test_opening_hours_are_said_in_words(hours: dict[str, list[str]], words: str) -> None:
    assert french.hours_of(parse_week(hours)) == words


# --- a letter about a case ---------------------------------------------------------------------------------------

CASE = Case(
    id="c" * 32,
    version=4,
    digest=b"",
    status="registered",
    channel="email",
    site="EN-LIGNE",
    received_at=RECEIVED,
    opened_at=RECEIVED + timedelta(seconds=9),
    town_version=3,
    department="TRP",
    reply_channel="email",
    number="2026-000123",
    type="ODP-DEMEN",
    regime="rejection",
    commitments={"resolve": Commitment(paris("2027-01-06 19:00"), RECEIVED, "rule", "bureaux")},
    legal={
        "acknowledgement": LegalDate(paris("2027-01-09 00:00"), "rejection"),
        "silence": LegalDate(paris("2027-02-24 00:00"), "rejection"),
    },
)
NADIA = Person(id="p" * 32, name="Nadia Fictive", email="nadia@exemple.example")
LETTERS = Letters(b"s" * 32, "https://ville.example/")


def test_the_receipt_of_a_case_leads_to_its_tracking_page_and_quotes_nothing_unless_told() -> None:
    link = f"https://ville.example/suivi/2026-000123/{link_token(b's' * 32, CASE.id, 1)}"
    receipt = LETTERS.receipt(TOWN, CASE, NADIA)
    assert link in receipt.text
    assert "Copie de votre message" not in receipt.text
    assert "Copie de votre message :\nBonjour à tous" in LETTERS.receipt(TOWN, CASE, None, "Bonjour à tous").text


def test_the_acknowledgement_of_a_case_is_that_of_its_regime_with_its_dates() -> None:
    acknowledgement = LETTERS.acknowledgement(TOWN, CASE, NADIA, RECEIVED)
    assert acknowledgement.template == "accuse_reception_svr"
    assert acknowledgement.text.startswith("Bonjour Nadia Fictive,")
    assert "mardi 23 février 2027" in acknowledgement.text


def test_what_the_caller_knows_besides_comes_into_the_facts_of_a_case() -> None:
    facts = LETTERS.facts(TOWN, CASE, None, RECEIVED, summary="réserver deux places")
    assert (facts.summary, facts.name, facts.department) == ("réserver deux places", "", "TRP")
    assert facts.agent_url == "https://ville.example/agent/demandes/2026-000123"
