"""Do the page, the PDF, the workbook and a history read again say the same figures of one frozen report?"""

import re
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
from werkzeug.test import TestResponse

from gru.domain.case import (
    AskSurvey,
    CaseCommand,
    CloseCase,
    RateCase,
    RecordSent,
    ReopenCase,
    StartWait,
    TransferCase,
    WriteReply,
)
from gru.domain.difficulty import REASONS, Raise
from gru.domain.errors import Refused
from gru.domain.events import TextRef
from gru.domain.references import new_id
from gru.office.figures import Cut
from gru.office.papers import Cell
from gru.storage.databases import snapshot
from gru.web.committee import frozen as kept
from gru.web.committee.document import composed
from gru.web.committee.frozen import FrozenReport
from gru.web.committee.live import counted_at
from gru.web.committee.views import told
from tests.web import pdf_text
from tests.web.conftest import Town, TownAfter
from tests.web.test_committee import WRITER, begun, frozen, meant, numbers_of_page, plain, report_of, values_of_sheets
from tests.web.test_committee import written as write

TYPES = ("VOI-CHAUSSEE", "ODP-DEMEN", "EDU-INSC")
BALANCE = ("stock.{}.debut", "flux.{}.recues", "flux.{}.rouvertes", "flux.{}.closes", "stock.{}.fin")
WORDS = TextRef("1" * 32, "d")


def live_through(town: Town, seed: int) -> None:
    """Two months of a small town, in the order of time: cases come, wait, go to and fro, are closed and come back."""
    luck, end = Random(seed), town.clock.at
    numbers: list[str] = []
    for minutes in sorted(luck.sample(range(60 * 24 * 70), 150)):
        town.clock.at = end - timedelta(days=70) + timedelta(minutes=minutes)
        if not numbers or luck.random() < 0.3:
            person = f"Usager {len(numbers)}"
            numbers.append(town.open_case(type=luck.choice(TYPES), name=person, email=f"u{len(numbers)}@exemple.fr"))
        else:
            _happen(town, town.id_of(luck.choice(numbers)), luck)
    town.clock.at = end
    town.office.projector.catch_up("later", seconds=30)


def _happen(town: Town, case: str, luck: Random) -> None:
    """Something that the case may refuse."""
    survey, department = new_id(town.clock.at, luck.randbytes(10)), luck.choice(("VOI", "ESV", "EDU"))
    wishes: list[list[CaseCommand]] = [
        [CloseCase(case_id=case, outcome="resolved")],
        [CloseCase(case_id=case, outcome="resolved")],
        [CloseCase(case_id=case, outcome="withdrawn")],
        [ReopenCase(case_id=case, reason="pas réglé")],
        [TransferCase(case_id=case, department=department, reason="compétence")],
        [StartWait(case_id=case, wait_id=survey, party="service", reason="avis")],
        [
            CloseCase(case_id=case, outcome="resolved"),
            AskSurvey(case_id=case),
            WriteReply(case_id=case, reply_id=survey, kind="survey", channel="email", text=WORDS, human=False),
            RecordSent(case_id=case, reply_id=survey, sent_at=town.clock.at),
            RateCase(case_id=case, score=luck.randrange(11)),
        ],
    ]
    for wish in luck.choice(wishes):
        try:
            town.do(wish, by=town.by("julien.moreau"))
        except Refused:
            break
    if luck.random() < 0.2:
        raised = Raise(stream=new_id(town.clock.at, luck.randbytes(10)), reason=luck.choice(REASONS), department="VOI")
        town.office.desk.execute(raised, by="agent:")


def _reported(town: Town, seed: int) -> str:
    live_through(town, seed)
    path = begun(town)
    write(town, path, keep="{{flux.ville.recues}} reçues, {{satisfaction.ville.part}} satisfaits.")
    frozen(town, path)
    for _ in range(3):
        town.open_case("Après")
    town.office.projector.catch_up("later", seconds=30)
    return path


SEEDS = (1, 2, 3)
HISTORIES = {seed: partial(_reported, seed=seed) for seed in SEEDS}


@pytest.fixture
def town_of_report(town_after: TownAfter, request: pytest.FixtureRequest) -> tuple[Town, str]:
    """A town with a random history, and the address of its report about February, frozen; it has gone on since."""
    return town_after(HISTORIES[getattr(request, "param", SEEDS[0])])


histories = pytest.mark.parametrize("town_of_report", SEEDS, indirect=True)


def file(town: Town, path: str) -> TestResponse:
    answer = town.agent(WRITER).client.get(path)
    assert answer.status_code == 200
    return answer


def frozen_value(town: Town, path: str) -> FrozenReport:
    return kept.read(town.office.committee.frozen(report_of(town, path).versions[0], "content"))


def rows_of(value: FrozenReport) -> list[tuple[Cell, ...]]:
    return [row for grid in value.document.grids() for row in grid.rows]


def test_the_page_shows_every_cell_that_was_frozen(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value, page = frozen_value(town, path), town.agent(WRITER).get(path)
    assert numbers_of_page(page) == [[plain(cell.text) for cell in row] for row in rows_of(value)]
    for figure in (one for chapter in value.document.chapters for one in chapter.figures):
        assert f'<p class="rap-value">{figure.value.text}</p>' in page


def test_the_pdf_says_every_figure_and_every_row_of_the_page(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value = frozen_value(town, path)
    said = pdf_text.bare(" ".join(pdf_text.pages(file(town, f"{path}.pdf").data)))
    assert rows_of(value)
    for row in rows_of(value):
        assert pdf_text.bare("".join(cell.text for cell in row)) in said, row
    for figure in (one for chapter in value.document.chapters for one in chapter.figures):
        assert pdf_text.bare(figure.value.text + figure.name + figure.sentence) in said
    for words in (*value.document.chapters[0].comment, *value.document.chapters[-1].parts[0].paragraphs):
        assert pdf_text.bare(words) in said


def test_the_workbook_holds_every_number_of_the_page(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value = frozen_value(town, path)
    figures = [one.value for chapter in value.document.chapters for one in chapter.figures]
    cells = [[one] for one in figures] + [list(row) for row in rows_of(value)]
    held = values_of_sheets(file(town, f"{path}.xlsx").data)
    assert held == [numbers for row in cells if (numbers := [_as_stored(cell) for cell in row if _is_number(cell)])]
    shown = [row for row in numbers_of_page(town.agent(WRITER).get(path)) if meant(row[1:])]
    assert len(shown) == len([row for row in rows_of(value) if any(cell.number is not None for cell in row)])


def _is_number(cell: Cell) -> bool:
    return cell.number is not None or cell.day is not None


def _as_stored(cell: Cell) -> float:
    if cell.day is not None:
        return float((datetime.combine(cell.day, datetime.min.time()) - datetime(1899, 12, 30)).days)
    assert cell.number is not None
    return round(cell.number / 100, 10) if cell.unit == "percent" else cell.number


@histories
def test_the_history_folded_anew_up_to_the_frozen_fact_gives_the_same_report(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value, report, office = frozen_value(town, path), report_of(town, path), town.office
    office.cuts.make(value.cut)
    with (
        town.app.test_request_context(path),
        office.cuts.opened(value.cut) as engine,
        snapshot(engine) as connection,
    ):
        policy, agents = office.town.in_force(value.cut_at), office.town.agents().values()
        again = counted_at(connection, Cut(value.cut, value.cut_at), policy, agents, value.first, value.last)
        assert {name: (one.value, one.of) for name, one in again.named.items()} == {
            name: (one.value, one.of) for name, one in value.figures.items()
        }
        assert composed(report, value.number, again, told(report)) == value.document


@histories
def test_what_came_less_what_went_is_the_change_in_every_frozen_report(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value = frozen_value(town, path)
    whose = {name.split(".")[1] for name in value.figures}
    assert len(whose) > 2
    balances = {one: [value.figures[name.format(one)].value or 0 for name in BALANCE] for one in whose}
    for start, came, back, gone, end in balances.values():
        assert start + came + back - gone == end
    whole = balances.pop("ville")
    assert [sum(parts) for parts in zip(*balances.values(), strict=True)] == whole
    line = next(words for words in value.document.chapters[-1].parts[0].paragraphs if words.startswith("Contrôle"))
    numbers = [int(re.sub(r"\s", "", found)) for found in re.findall(r"\d[\d\s]*(?= )", line)]
    assert numbers == whole and "Le compte tombe juste." in line


def test_the_pdf_leads_by_bookmarks_and_says_its_pictures_in_words(town_of_report: tuple[Town, str]) -> None:
    town, path = town_of_report
    value, content = frozen_value(town, path), file(town, f"{path}.pdf").data
    pictures = [part.picture.alt for chapter in value.document.chapters for part in chapter.parts if part.picture]
    assert pictures and sorted(pdf_text.alternatives(content)) == sorted(pictures)
    assert {chapter.title for chapter in value.document.chapters} <= set(pdf_text.bookmarks(content))
