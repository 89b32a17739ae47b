"""Does every sentence the pages may say exist, and is each said in its place?"""

import re
from pathlib import Path
from typing import get_args

import pytest

from gru.domain import clocks, errors
from gru.domain import events as e
from gru.domain.status import Status
from gru.web import labels
from gru.web.agents import deeds, facts, filters
from gru.web.i18n import NoSuchCopy, catalogue, decimal, known, number, t

WEB = Path(labels.__file__).parent
WRITTEN = sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html")])
SPACES = re.compile("[ \u00a0\u202f]")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(WEB)))
def test_every_key_a_page_names_is_in_the_catalogue(path: Path) -> None:
    prefixes = {key.split(".")[0] for key in catalogue()}
    said = re.findall(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""", path.read_text("utf-8"))
    keys = [key for key in said if key.split(".")[0] in prefixes and not key.endswith((".css", ".svg", ".html"))]
    assert [key for key in keys if not known(key)] == []


def test_every_code_of_the_domain_has_a_name() -> None:
    for table, codes in (
        (labels.OUTCOMES, get_args(e.Outcome)),
        (labels.COMMITMENTS, get_args(e.CommitmentKind)),
        (labels.PRIORITIES, get_args(e.Priority)),
        (labels.CONFIDENTIALITIES, get_args(e.Confidentiality)),
        (labels.PARTIES, get_args(e.Party)),
        (labels.LEGAL_CLOCKS, get_args(e.LegalClock)),
        (labels.REPLY_KINDS, get_args(e.ReplyKind)),
    ):
        assert set(table) == set(codes)
        assert all(known(key) for key in table.values())
    assert all(labels.status(code).text for code in get_args(Status))
    assert all(labels.channel(code).text for code in get_args(e.Channel))
    assert all(known(f"duree.{unit}") for unit in get_args(clocks.Unit))


def test_every_reason_for_which_a_reply_fails_or_is_withheld_has_its_words() -> None:
    source = "\n".join(path.read_text("utf-8") for path in WEB.parent.rglob("*.py"))
    failing = set(re.findall(r'Undeliverable\(\s*f?"[^"]*",\s*"(\w+)"', source)) | {"given_up"}
    failing |= set(re.findall(r'"(bounce_\w+)"', source))
    assert failing >= {"bad_address", "no_channel", "bounce_unproven"} and failing <= set(labels.FAILURES)
    withheld = set(re.findall(r'_withhold\(case, [\w"]+, "(\w+)"', source))
    withheld |= set(re.findall(r'WithholdReply\([^)]*reason="(\w+)"', source))
    assert withheld >= {"sender_asks_none", "given_up"} and withheld <= set(labels.WITHHELD)
    tables = (labels.FAILURES, labels.WITHHELD, labels.DEFECTS)
    assert [key for table in tables for key in table.values() if not known(key)] == []


def test_a_failure_is_told_in_words_with_the_servers_code() -> None:
    assert "550" in labels.failure("smtp_550") and "smtp" not in labels.failure("smtp_550")
    assert "adresse" in labels.failure("bad_address")
    assert labels.failure("of_a_later_version") == "of_a_later_version"


def test_defects_are_told_once_each_and_harmless_ones_not_at_all() -> None:
    assert labels.defects(("mbox-from", "bare-cr")) == ""
    assert labels.defects(("no-boundary", "broken-header")) == t("defaut.abime")


def test_every_fact_of_a_case_has_a_look_and_a_title() -> None:
    case_facts = {kind for name, kind in e.BY_NAME.items() if name.startswith("case.")}
    assert case_facts == set(facts.LOOKS)


def test_every_refusal_has_its_sentence() -> None:
    kinds: list[type[errors.Refused]] = [errors.Refused, *errors.Refused.__subclasses__()]
    codes = {kind.code for kind in kinds}
    assert [code for code in codes if not known(f"refus.{code}")] == []


def test_every_action_has_its_words() -> None:
    for deed in deeds.ALL:
        words = (deed.title, deed.button, deed.done, *((deed.text,) if deed.text else ()))
        assert [key for key in words if not known(key)] == [], deed.slug


def test_every_filter_has_a_name() -> None:
    assert all(known(key) for key in filters.NAMES.values())
    assert all(known(key) for _, _, key in filters.SORTS.values())


def test_a_missing_key_is_a_fault_not_a_hole_in_the_page() -> None:
    with pytest.raises(NoSuchCopy):
        t("nulle.part")


def test_zero_and_one_are_singular_in_french() -> None:
    assert t("commun.demandes", n=0) == "0 demande"
    assert t("commun.demandes", n=1) == "1 demande"
    assert t("commun.demandes", n=2) == "2 demandes"


def test_numbers_are_grouped_and_have_a_comma() -> None:
    assert SPACES.sub(" ", number(1234567)) == "1 234 567"
    assert decimal(12.34) == "12,3"


def test_no_sentence_has_a_breaking_space_before_a_high_sign_or_a_straight_apostrophe() -> None:
    wrong = [key for key, text in catalogue().items() if re.search(r" [;:!?»]|« |\w'\w", text)]
    assert wrong == []


def test_a_wait_says_on_whom_and_an_ending_that_is_none_of_ours_says_which() -> None:
    assert labels.status("waiting", "resident").text == "Attente usager"
    assert labels.status("closed", "", "redirected").text == "Réorientée"
    assert labels.status("closed", "", "resolved").text == "Close"
