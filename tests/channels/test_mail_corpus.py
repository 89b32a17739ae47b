"""How much of what a corpus of real mails demands does the reader meet?"""

import importlib.util
import json
import time
from pathlib import Path
from typing import Any

import pytest

from gru.channels.email.inspect import inspect
from gru.channels.email.mime import read
from gru.channels.email.quotes import fold

OPTIONAL = {"unpacked_attachments", "case_ref", "duplicate_of"}


def scored(corpus: Path, folder: str) -> tuple[float, float, list[str]]:
    """(share of expectations met, share of mails without a miss, the misses); the corpus' own judge decides."""
    place = corpus / folder
    judge = importlib.util.spec_from_file_location("score_mail", corpus / "score_mail.py")
    assert judge is not None and judge.loader is not None
    rules: Any = importlib.util.module_from_spec(judge)
    judge.loader.exec_module(rules)
    met, judged, clean, misses = 0, 0, 0, []
    messages = json.loads((place / "index.json").read_text(encoding="utf-8"))["messages"]
    for message in messages:
        result = json.loads(json.dumps(inspect(message["file"], (place / message["file"]).read_bytes())))
        verdicts = [
            (field, holds)
            for field, holds, _, _ in rules.checks(message["expect"], result)
            if holds is not None and field not in OPTIONAL
        ]
        met, judged = met + sum(holds for _, holds in verdicts), judged + len(verdicts)
        clean += all(holds for _, holds in verdicts)
        misses += [f"{message['file']}: {field}" for field, holds in verdicts if not holds]
    return met / judged, clean / len(messages), misses


def test_nearly_all_that_the_test_mails_of_other_software_demand_is_met(corpus: Path) -> None:
    expectations, mails, misses = scored(corpus, "mail")
    assert expectations >= 0.995, misses
    assert mails >= 0.97, misses


def test_every_mail_of_the_sample_town_is_read_as_it_was_meant(corpus: Path) -> None:
    assert scored(corpus, "scenario") == (1, 1, [])


def test_folding_keeps_every_word_of_every_mail(corpus: Path) -> None:
    for path in sorted(corpus.glob("*/*.eml")):
        mail = read(path.read_bytes())
        whole = f"{mail.text}\n\n{mail.quoted}"
        folded = fold(whole, mail.subject)
        assert sorted(f"{folded.text} {folded.quoted}".split()) == sorted(whole.split()), path


def test_a_hundred_mails_take_less_than_a_fifth_of_a_second(corpus: Path) -> None:
    raws = [path.read_bytes() for path in sorted((corpus / "scenario").glob("*.eml"))]
    if not raws:
        pytest.fail("no mails in the scenario")
    before = time.process_time()
    for number in range(100):
        read(raws[number % len(raws)])
    assert time.process_time() - before < 0.2
