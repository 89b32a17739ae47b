"""Is a right catalogue adopted as it is meant, and a wrong one refused with the line of every fault?"""

from datetime import date
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from gru.domain.clocks import SpecialDay
from gru.domain.town import PAUSE_RULES, Catalogue
from gru.office.town_hall import SAMPLE, WrongCatalogue, read_catalogue, read_folder, read_templates
from gru.office.town_hall.addresses import read_streets

TEXT = (SAMPLE / "catalogue.yaml").read_text("utf-8")
TEMPLATES = read_templates(SAMPLE / "templates")
TYPE = "- code: VOI-ECLAIR\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_folder(SAMPLE).catalogue


def faults(text: str, templates: dict[str, str] | None = None) -> list[tuple[int, str]]:
    with pytest.raises(WrongCatalogue) as refused:
        read_catalogue(text, templates or TEMPLATES)
    return [(fault.line, fault.code) for fault in refused.value.faults]


def changed(old: str, new: str, after: str = "") -> tuple[str, int]:
    """The sample catalogue with `old` replaced where it first stands after `after`, and that line."""
    at = TEXT.index(old, TEXT.index(after))
    return TEXT[:at] + new + TEXT[at + len(old) :], TEXT[:at].count("\n") + 1


# --- a right one -------------------------------------------------------------------------------------------------


def test_the_sample_catalogue_is_complete(catalogue: Catalogue) -> None:
    counted = {name: len(getattr(catalogue, name)) for name in ("types", "departments", "sites", "roles", "letters")}
    assert counted == {"types": 40, "departments": 17, "sites": 6, "roles": 6, "letters": 26}
    assert (catalogue.reception, catalogue.virtual_site) == ("DRU", "EN-LIGNE")


def test_the_same_catalogue_always_gives_the_same_content(catalogue: Catalogue) -> None:
    one, two = read_catalogue(TEXT, TEMPLATES), read_catalogue(TEXT, dict(reversed(TEMPLATES.items())))
    assert (one.raw, one.digest) == (two.raw, two.digest)
    folder = read_folder(SAMPLE)
    assert folder.digest == read_folder(SAMPLE).digest
    assert msgspec.json.decode(folder.raw, type=Catalogue) == catalogue


def test_another_template_is_another_content() -> None:
    other = {**TEMPLATES, "cloture": TEMPLATES["cloture"] + "\n"}
    assert read_catalogue(TEXT, other).digest != read_catalogue(TEXT, TEMPLATES).digest


def test_a_catalogue_without_templates_takes_those_of_the_sample() -> None:
    assert read_catalogue(TEXT).digest == read_catalogue(TEXT, TEMPLATES).digest


def test_a_question_may_wait_only_for_an_answer_another_question_has() -> None:
    for wrong in ("{field: nature_acte, values: [divorce]}", "{field: nulle_part, values: [naissance]}",
                  "{field: nature_acte, values: []}"):  # fmt: skip
        text = TEXT.replace("{field: nature_acte, values: [naissance, mariage]}", wrong)
        assert text != TEXT
        with pytest.raises(WrongCatalogue) as caught:
            read_catalogue(text, TEMPLATES)
        assert [fault.code for fault in caught.value.faults] == ["bad_condition"]


# --- the address file --------------------------------------------------------------------------------------------

STREETS = (SAMPLE / "streets.csv").read_text("utf-8")


def test_the_towns_streets_come_with_its_folder(catalogue: Catalogue) -> None:
    assert len(catalogue.streets) == 152
    assert catalogue.streets[0].name == "place de la République"


@pytest.mark.parametrize(
    "line",
    [
        "rue Perdue,NIX,1,9,50.2,3.0,50.2,3.0",
        "rue Perdue,CEN,9,1,50.2,3.0,50.2,3.0",
        "rue Perdue,CEN,un,9,50.2,3.0,50.2,3.0",
        "rue Perdue,CEN,1,9,950.2,3.0,50.2,3.0",
        "rue Perdue,CEN,1,9",
        ",CEN,1,9,50.2,3.0,50.2,3.0",
    ],
)
def test_a_wrong_line_of_the_address_file_refuses_it_whole_with_its_number(catalogue: Catalogue, line: str) -> None:
    with pytest.raises(WrongCatalogue) as caught:
        read_streets(f"{STREETS.rstrip()}\n{line}\n", catalogue.districts)
    assert [(fault.code, fault.line) for fault in caught.value.faults] == [("bad_street", 154)]


def test_an_address_file_with_other_columns_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(WrongCatalogue):
        read_streets("rue,numero\nrue Haute,1\n", catalogue.districts)


def test_public_holidays_and_closures_are_concluded_into_the_calendars(catalogue: Catalogue) -> None:
    offices = catalogue.calendars["bureaux"]
    bridge, ascension = date(2027, 5, 7), date(2027, 5, 6)
    assert {bridge, ascension} <= set(offices.closed)
    assert ascension in offices.holidays
    assert bridge not in offices.holidays
    assert (offices.holidays[0], offices.holidays[-1]) == (date(2020, 1, 1), date(2035, 12, 25))
    assert offices.exceptions[0] == SpecialDay(date(2026, 6, 18), ((510, 720),))
    assert bridge not in catalogue.calendars["tranquillite"].closed


def test_the_zone_decides_the_holidays() -> None:
    text, _ = changed("holiday_zone: metropole", "holiday_zone: alsace-moselle")
    good_friday = date(2027, 3, 26)
    assert good_friday in read_catalogue(text).catalogue.calendars["bureaux"].holidays
    assert good_friday not in read_catalogue(TEXT).catalogue.calendars["bureaux"].holidays


def test_a_special_day_without_hours_is_closed() -> None:
    text, _ = changed('label: "Journée des agents", hours: ["08:30-12:00"]', 'label: "Inventaire"')
    assert read_catalogue(text).catalogue.calendars["bureaux"].exceptions[0].slots == ()


@pytest.mark.parametrize("rule", PAUSE_RULES)
def test_a_catalogue_says_which_waits_stop_the_towns_clock(rule: str) -> None:
    text, _ = changed("pauses: indispensable", f"pauses: {rule}")
    assert read_catalogue(text, TEMPLATES).catalogue.pauses == rule


def test_where_nothing_is_said_the_wait_for_an_indispensable_document_does() -> None:
    text, _ = changed("  pauses: indispensable\n", "")
    content = read_catalogue(text, TEMPLATES)
    assert content.digest == read_catalogue(TEXT, TEMPLATES).digest
    stored = msgspec.json.decode(content.raw)
    del stored["pauses"]
    assert msgspec.json.decode(msgspec.json.encode(stored), type=Catalogue) == content.catalogue


def test_a_folder_is_read_with_its_own_templates(tmp_path: Path) -> None:
    copytree(SAMPLE, tmp_path / "town")
    (tmp_path / "town" / "templates" / "cloture.txt").write_text("Objet : Fini\n\n{{ cloture.resume }}\n", "utf-8")
    content = read_folder(tmp_path / "town")
    assert content.catalogue.templates["cloture"].startswith("Objet : Fini")


# --- a wrong one -------------------------------------------------------------------------------------------------

WRONG = {
    "an unknown department": ("department: VOI\n", "department: VOIRIE\n", TYPE, "unknown_reference"),
    "an unknown field": ("fields: [description,", "fields: [descripsion,", TYPE, "unknown_reference"),
    "an unknown document": ("documents: []", "documents: [passeport]", TYPE, "unknown_reference"),
    "an unknown calendar": ("calendar: technique}", "calendar: nuit}", "departments:", "unknown_reference"),
    "an unknown calendar of a closure": ("technique, ccas]}", "nuit, ccas]}", "closures:", "unknown_reference"),
    "an unknown district": ("district: SUD", "district: SUED", "sites:", "unknown_reference"),
    "an unknown body": ("[{body: DEP,", "[{body: ETAT,", "types:", "unknown_reference"),
    "an unknown department of a mailbox": ("department: POP}", "department: NIX}", "mailboxes:", "unknown_reference"),
    "an unknown reception": ("reception: DRU", "reception: NIX", "", "unknown_reference"),
    "a bad unit": ("resolve: 5 jo", "resolve: 5 semaines", TYPE, "bad_amount"),
    "no time at all": ("resolve: 5 jo", "resolve: 0 jo", TYPE, "bad_amount"),
    "a word for a number": ("resolve: 5 jo", "resolve: cinq", TYPE, "bad_amount"),
    "a duplicate code": (TYPE, "- code: VOI-CHAUSSEE\n", "", "duplicate_code"),
    "a duplicate mailbox": ("address: voirie@", "address: mairie@", "mailboxes:", "duplicate_code"),
    "a missing label": ('  label: "Éclairage public en panne"\n', "", TYPE, "missing"),
    "an empty label": ('label: "Éclairage public en panne"', 'label: ""', TYPE, "missing"),
    "a value that is nothing": ("slug: eclairage-public", "slug: ~", TYPE, "missing"),
    "a bad page address": ("slug: eclairage-public", "slug: Éclairage public", TYPE, "bad_slug"),
    "hours that end before they begin": ('"13:30-17:30"]', '"17:30-13:30"]', "", "bad_hours"),
    "hours that overlap": ('"13:30-17:30"]', '"11:30-17:30"]', "", "bad_hours"),
    "hours nobody can read": ('"13:30-17:30"]', '"après-midi"]', "", "bad_hours"),
    "an unknown weekday": ("{mon-fri:", "{lun-ven:", "calendars:", "bad_hours"),
    "hours that never open": ('{mon-fri: ["08:00-19:00"]}', "{}", "", "never_open"),
    "bad hours of a special day": ('hours: ["08:30-12:00"], cal', 'hours: ["8-12"], cal', "special", "bad_hours"),
    "empty synonyms": ('synonyms: ["lampadaire", ', 'synonyms: ["", ', TYPE, "no_synonyms"),
    "a required field nobody asks": ("required: [description]", "required: [montant]", TYPE, "required_unasked"),
    "too many steps": ('steps: ["', 'steps: ["a", "b", "c", "', TYPE, "bad_steps"),
    "an unknown key": ("  open311: true", "  open312: true", TYPE, "unknown_key"),
    "an unknown key of the whole": ("privacy: {", "privasy: 1\nprivacy: {", "", "unknown_key"),
    "a key said twice": ("  location: required", "  slug: lampes\n  location: required", TYPE, "twice"),
    "an unknown kind": ("kind: report", "kind: signalement", TYPE, "unknown_value"),
    "an unknown channel": ("facebook: {ack", "minitel: {ack", "commitments:", "unknown_value"),
    "an unknown channel of a type": ("channels: [counter]", "channels: [guichet]", "types:", "unknown_value"),
    "an unknown rule for pauses": ("pauses: indispensable", "pauses: toujours", "commitments:", "unknown_value"),
    "an unknown right": ("rights: [figures_all]", "rights: [fly]", "", "unknown_value"),
    "an unknown answer that means danger": ("value: oui", "value: peut-être", TYPE, "unknown_value"),
    "an unknown holiday zone": ("holiday_zone: metropole", "holiday_zone: lune", "", "unknown_value"),
    "an unknown time zone": ("timezone: Europe/Paris", "timezone: Europe/Lutece", "", "bad_timezone"),
    "a flag that is none": ("open311: true", "open311: peut-être", TYPE, "not_a_flag"),
    "a number that is none": ("population: 42000", "population: beaucoup", "", "not_a_number"),
    "a day that is none": ("day: 2026-05-15", "day: 2026-05-45", "", "not_a_day"),
    "a day out of reach": ("day: 2026-05-15", "day: 2046-05-15", "", "year_out_of_reach"),
    "a list that is none": ("fields: [description, numero_support", "fields: description #", TYPE, "not_a_list"),
    "a mapping that is none": ("legal: {regime: none, status: analysis}", "legal: non", TYPE, "not_a_mapping"),
    "an address that is none": ("email: voirie@val-des-tilleuls.example", "email: voirie", "", "bad_address"),
    "a time to keep that is none": ("retention: P2Y", "retention: longtemps", TYPE, "bad_retention"),
    "a choice without choices": ("datatype: string", "datatype: singlevaluelist", "fields:", "no_choice"),
    "a legal limit in opening hours": ("delay: P1M", "delay: 5 h", "- code: JUR-CADA", "legal_hours"),
    "a special regime without its delay": ("delay: P1M, ", "", "- code: JUR-RGPD", "special_without_delay"),
    "a regime without a delay": ('accord", delay: P2M,', 'accord",', "", "regime_without_delay"),
    "a secret type that is published": ("survey: false", "survey: false\n  open311: true", "- code: TRP-VOISIN", ""),
    "a secret type with a survey": ("survey: false", "survey: true", "- code: TRP-VOISIN", "secret_surveyed"),
    "no sentence for what comes next": ("  next_step:", "  #", TYPE, "missing"),
    "a missing priority": ("  - {code: high, label: Haute}\n", "", "", "missing_code"),
    "a right nobody has": ("handle, erase]", "handle]", "", "right_nobody_has"),
    "a page two types share": ("slug: eclairage-public", "slug: tag-graffiti", TYPE, "duplicate_slug"),
    "a template that is missing": ("closing: cloture", "closing: fermeture", "", "unknown_template"),
    "a letter without its template": ("  closing: cloture\n", "", "", "missing"),
}  # fmt: skip
ELSEWHERE = {
    "a missing label": TYPE,
    "no sentence for what comes next": TYPE,
    "a special regime without its delay": "  legal: {regime: special, extension",
    "a missing priority": "priorities:\n",
    "a right nobody has": "roles:\n",
    "a page two types share": "types:\n",
    "a letter without its template": "letters:\n",
    "an unknown key of the whole": "privasy:",
    "a key said twice": "  slug: lampes",
    "a secret type that is published": "  open311: true\n  confidentiality: secret",
    "a list that is none": "  fields: description #",
}
"""Where the line of a fault is not that of the change: a missing thing is noted where it should stand."""


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_catalogue_is_refused_with_the_line_of_its_fault(what: str) -> None:
    old, new, after, code = WRONG[what]
    text, line = changed(old, new, after)
    if what in ELSEWHERE:
        line = text[: text.index(ELSEWHERE[what])].count("\n") + 1
    assert (line, code or "secret_published") in faults(text)


def test_every_fault_is_found_at_once_in_the_order_of_the_lines() -> None:
    text = TEXT.replace("population: 42000", "population: x").replace("kind: grievance", "kind: cri")
    assert [code for _, code in faults(text)] == ["not_a_number", "unknown_value"]


def test_a_fault_is_said_in_a_sentence_with_what_was_written() -> None:
    text, line = changed("department: VOI\n", "department: VOIRIE\n", TYPE)
    with pytest.raises(WrongCatalogue) as refused:
        read_catalogue(text)
    fault = refused.value.faults[0]
    assert fault.sentence == "There is no department “VOIRIE” in the catalogue."
    assert fault.values == {"key": "department", "value": "VOIRIE"}
    assert str(refused.value) == f"The catalogue has 1 fault(s).\nline {line}: {fault.sentence}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "empty")]),
        ("- a\n- b", [(1, "not_a_mapping")]),
        ("town:\n  name: a: b", [(2, "not_yaml")]),
        ("town:\n  name: 'a\x00'", [(1, "not_yaml")]),
        ("a: &x [1]\nb: *x", [(1, "alias")]),
    ],
)
def test_what_is_no_catalogue_at_all_is_refused(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(text) == expected


def test_an_empty_mapping_says_what_is_missing_once_for_each_part() -> None:
    found = faults("{}")
    assert {code for _, code in found} == {"missing", "missing_code", "right_nobody_has"}
    assert len([code for _, code in found if code == "missing"]) == 13


@pytest.mark.parametrize(
    "template",
    [
        "Objet : Fini\n\n{{ demande.nummero }}",
        "Objet : Fini\n\n{{ dossier.numero }}",
        "Objet : Fini\n\n{% if %}",
        'Objet : Fini\n\n{% include "absent.txt" %}',
        'Objet : Fini\n\n{% include "cloture.txt" %}',
        "Objet : Fini\n\n{{ 1 / 0 }}",
        "Objet : Fini\n\n{{ ''.__class__.__mro__ }}",
        "Objet : Fini\n\n{{ demande.numero.nom }}",
        "Objet : Fini\n\n{% for x in demande.lieu %}{{ x.y }}{% endfor %}",
    ],
)
def test_a_letter_that_cannot_be_written_is_a_fault_of_the_line_that_names_it(template: str) -> None:
    line = TEXT[: TEXT.index("  closing: cloture")].count("\n") + 1
    assert faults(TEXT, {**TEMPLATES, "cloture": template}) == [(line, "bad_template")]
