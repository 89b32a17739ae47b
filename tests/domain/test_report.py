"""Is a report written by several people, frozen for ever, and corrected beside what was said?"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.domain import events as e
from gru.domain import report as r
from gru.domain.errors import BadInput, NotNow, Refused
from gru.domain.events import TextRef
from gru.domain.report.drafting import SECTIONS, SectionChanged
from gru.domain.report.words import filled, half_open

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ID = "a" * 32
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
ONE, TWO = TextRef("1" * 32, "d1"), TextRef("2" * 32, "d2")
BEGIN = r.BeginReport(stream=ID, first=FIRST, last=LAST)


@dataclass
class Story:
    """A stream, and what was recorded in it."""

    state: r.State | None = None
    facts: list[e.Event] = field(default_factory=list)

    def tell(self, *commands: r.Command) -> "Story":
        for command in commands:
            for event in r.decide(self.state, command):
                self.facts.append(event)
                recorded = e.Recorded(ID, len(self.facts), NOW, "agent:1", len(self.facts), b"", event)
                self.state = r.evolve(self.state, recorded)
        return self

    @property
    def report(self) -> r.Report:
        assert isinstance(self.state, r.Report)
        return self.state


def write(section: str = "keep", text: TextRef | None = ONE, seen: str = "", **more: Any) -> r.WriteSection:
    return r.WriteSection(stream=ID, section=section, text=text, seen=seen, **more)


def freeze(made_from: int, number: int = 1, digest: str = "d" * 64, today: date = date(2026, 3, 2)) -> r.FreezeReport:
    return r.FreezeReport(
        stream=ID, number=number, digest=digest, pdf="p" * 64, xlsx="x" * 64, cut=41, cut_at=NOW, town_version=1,
        made_from=made_from, today=today,
    )  # fmt: skip


def test_a_report_is_begun_written_and_frozen() -> None:
    story = Story().tell(BEGIN, write(names=("stock.ville.ouvertes",), values=("12",)), freeze(2))
    assert story.facts == [
        e.ReportBegun(first=FIRST, last=LAST),
        e.SectionWritten(section="keep", text=ONE, names=("stock.ville.ouvertes",), values=("12",)),
        e.ReportFrozen(number=1, digest="d" * 64, pdf="p" * 64, xlsx="x" * 64, cut=41, cut_at=NOW, town_version=1),
    ]
    assert not story.report.open and story.report.versions[0].digest == "d" * 64


def test_pressed_twice_nothing_happens_twice() -> None:
    story = Story().tell(BEGIN, BEGIN, write(), write(), freeze(2), freeze(2))
    assert len(story.facts) == 3


def test_the_second_of_two_who_write_one_section_is_told_and_those_of_two_sections_are_not() -> None:
    story = Story().tell(BEGIN, write("keep", ONE), write("decisions", TWO))
    with pytest.raises(SectionChanged):
        r.decide(story.state, write("keep", TWO, seen=""))
    assert len(r.decide(story.state, write("keep", TWO, seen=ONE.id))) == 1


def test_the_same_words_written_by_both_are_no_conflict() -> None:
    assert r.decide(Story().tell(BEGIN, write("keep", ONE)).state, write("keep", ONE, seen="")) == []


def test_a_figure_that_changed_is_written_anew_under_the_same_words() -> None:
    story = Story().tell(BEGIN, write(names=("a",), values=("1",)))
    assert r.decide(story.state, write(seen=ONE.id, names=("a",), values=("2",))) == [
        e.SectionWritten(section="keep", text=ONE, names=("a",), values=("2",))
    ]


def test_what_was_written_while_it_was_made_stops_the_freezing() -> None:
    story = Story().tell(BEGIN, write())
    with pytest.raises(SectionChanged):
        r.decide(story.state, freeze(made_from=1))


def test_a_period_that_is_not_over_is_not_frozen() -> None:
    with pytest.raises(NotNow) as refused:
        r.decide(Story().tell(BEGIN).state, freeze(1, today=LAST))
    assert refused.value.values["field"] == "period"


def test_a_frozen_report_is_corrected_in_a_second_version_and_the_first_stays() -> None:
    story = Story().tell(BEGIN, write(), freeze(2))
    with pytest.raises(NotNow):
        r.decide(story.state, write(text=TWO, seen=ONE.id))
    correct = r.BeginCorrection(stream=ID, number=2)
    story.tell(correct, correct, write(text=TWO, seen=ONE.id), freeze(5, number=2, digest="e" * 64))
    assert [one.digest[0] for one in story.report.versions] == ["d", "e"]
    assert story.facts[3] == e.CorrectionBegun(number=2)


def test_a_correction_is_made_of_the_last_frozen_version_only() -> None:
    for commands in ((BEGIN,), (BEGIN, freeze(1))):
        with pytest.raises(NotNow):
            r.decide(Story().tell(*commands).state, r.BeginCorrection(stream=ID, number=3))


def test_the_committee_is_written_to_once_about_each_version() -> None:
    posted = r.RecordPosted(stream=ID, number=0, readers=4)
    assert Story().tell(BEGIN, posted, posted).facts[1:] == [e.ReportPosted(number=0, readers=4)]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(LAST, FIRST, "last"), (FIRST, FIRST + timedelta(days=366), "period")],
)
def test_a_period_has_an_end_after_its_beginning_and_a_year_at_most(first: date, last: date, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        r.decide(None, r.BeginReport(stream=ID, first=first, last=last))
    assert refused.value.values["field"] == field


def test_nothing_is_written_in_a_report_that_was_never_begun_nor_in_a_section_that_is_none() -> None:
    with pytest.raises(NotNow):
        r.decide(None, write())
    with pytest.raises(BadInput):
        r.decide(Story().tell(BEGIN).state, write("footnote"))


# --- whatever is asked, in whatever order ------------------------------------------------------------------------

texts = st.sampled_from((None, ONE, TWO))
asked = st.lists(
    st.one_of(
        st.just(BEGIN),
        st.builds(write, section=st.sampled_from(SECTIONS[:3]), text=texts, seen=st.sampled_from(("", ONE.id, TWO.id))),
        st.builds(freeze, made_from=st.integers(1, 6), number=st.integers(1, 3), digest=st.sampled_from(("d", "e"))),
        st.builds(r.BeginCorrection, stream=st.just(ID), number=st.integers(1, 3)),
        st.builds(r.RecordPosted, stream=st.just(ID), number=st.integers(0, 2), readers=st.just(1)),
    ),
    max_size=14,
)


@given(asked)
def test_frozen_versions_are_numbered_from_one_and_never_change(commands: list[r.Command]) -> None:
    story, kept = Story(), ()
    for command in commands:
        try:
            story.tell(command)
        except Refused:
            continue
        if isinstance(story.state, r.Report):
            assert story.state.versions[: len(kept)] == kept
            kept = story.state.versions
            assert [one.number for one in kept] == list(range(1, len(kept) + 1))
            assert story.state.open == (story.state.number == len(kept) + 1)


@given(asked)
def test_what_was_decided_is_so_already(commands: list[r.Command]) -> None:
    story = Story()
    for command in commands:
        try:
            story.tell(command)
        except Refused:
            continue
        assert r.decide(story.state, command) == []


@given(asked)
def test_a_text_is_only_replaced_by_who_saw_it(commands: list[r.Command]) -> None:
    story = Story()
    for command in commands:
        before = story.report.sections if isinstance(story.state, r.Report) else {}
        try:
            story.tell(command)
        except Refused:
            continue
        if isinstance(command, r.WriteSection) and story.report.sections != before:
            there = before.get(command.section)
            assert command.seen == (there.seen if there else "")


# --- decisions ---------------------------------------------------------------------------------------------------


def test_a_decision_is_taken_once_and_may_be_struck_out() -> None:
    take = r.TakeDecision(stream=ID, title=ONE, effect=date(2026, 4, 1), departments=("VOI",))
    strike = r.StrikeDecision(stream=ID)
    assert Story().tell(take, take, strike, strike).facts == [
        e.DecisionTaken(title=ONE, effect=date(2026, 4, 1), departments=("VOI",)),
        e.DecisionStruck(),
    ]
    with pytest.raises(NotNow):
        r.decide(None, strike)


# --- words -------------------------------------------------------------------------------------------------------


def test_names_of_figures_are_found_in_the_text_once_each() -> None:
    text = "Sur {{ flux.ville.recues }}, {{respect.voirie.P80}} puis {{flux.ville.recues}}."
    assert r.names_in(text) == ("flux.ville.recues", "respect.voirie.p80")
    assert filled(text, lambda name: f"<{name}>") == (
        "Sur <flux.ville.recues>, <respect.voirie.p80> puis <flux.ville.recues>."
    )


@pytest.mark.parametrize("text", ["{{flux.ville", "flux}}", "{{a}} et {{"])
def test_braces_that_name_nothing_are_seen(text: str) -> None:
    assert half_open(text)
    assert not half_open("{{flux.ville.recues}} { }")


def test_what_looks_like_an_unknown_name_is_offered() -> None:
    known = ("respect.voirie.part", "respect.ville.part", "stock.ville.ouvertes")
    assert r.nearest("respect.voiri.part", known)[0] == "respect.voirie.part"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Une phrase sans point", 1),
        ("Il y en a 3,5 sur 10. Mme Le Goff a écrit. Et M. Haddad ?", 3),
        ("Le délai est de {{delais.ville.p80}}. Bien !", 2),
        ("Un.\nDeux.\n\nTrois", 3),
        ("Vraiment ?! Oui…", 2),
        ("Cf. l’art. 5 du règlement.", 1),
    ],
)
def test_sentences_are_counted_as_a_reader_counts_them(text: str, count: int) -> None:
    assert r.sentences(text) == count


@given(st.text(alphabet="ab .!?\n{}é…", max_size=60))
def test_any_text_has_some_number_of_sentences(text: str) -> None:
    assert 0 <= r.sentences(text) <= len(text)
