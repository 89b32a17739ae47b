"""Is each picture named, well-formed, free of style, and true to its numbers?"""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from gru.web.charts import (
    Ahead,
    Arrow,
    Bar,
    Bin,
    Dot,
    Line,
    Mark,
    Node,
    Panel,
    Span,
    StepCurve,
    columns,
    control,
    directed_graph,
    dot_rows,
    forecast_band,
    histogram,
    in_and_out,
    spans,
    stacked_bars,
    step_curves,
)
from gru.web.charts.layers import laid_out
from gru.web.charts.svg import WIDTH, Scale, apart, ticks, written

NASTY = 'La <voirie> & "l’état civil"'
WEEKS = ("3 mars", "", "17 mars")
STEPS = ((0.0, 90.0, 80.0, 95.0), (4.0, 40.0, 30.0, 50.0), (9.0, 0.0, None, None))
NODES = (Node("Q", "À qualifier", "0,4 j"), Node("A", NASTY), Node("P", "En instruction"), Node("E", "Close"))
ARROWS = (
    *(Arrow("Q", "A", 90, "90"), Arrow("A", "P", 80, "80"), Arrow("P", "A", 9, "9"), Arrow("P", "E", 70, "70")),
    *(Arrow("Q", "E", 3, "3"), Arrow("P", "P", 2, "2"), Arrow("P", "gone", 2, "2")),
)
PICTURES = {
    "stacked_bars": stacked_bars(NASTY, "f", [Bar(NASTY, (3, 0, 1), "4")], ("s1", "s2", "bad")),
    "stacked_bars of nothing": stacked_bars("t", "f", [], ("s1",)),
    "columns": columns(NASTY, "f", WEEKS, (Line("l1", (50.0, None, 3.0), NASTY),), ("n = 1",), 90.0, 100.0),
    "columns of nothing": columns("t", "f", (), ()),
    "in_and_out": in_and_out(NASTY, "f", WEEKS, Line("l1", (5.0, 0.0, 7.0), "in"), Line("l2", (1.0, 2.0, 3.0), NASTY),
                             Line("fig-stockline", (9.0, 8.0, 12.0), "stock"), ("a", NASTY)),
    "forecast_band": forecast_band(NASTY, "f", WEEKS, Line("l1", (5.0, 6.0)), (Ahead(5, 2, 8),) * 6, ("a", NASTY)),
    "forecast_band of nothing": forecast_band("t", "f", (), Line("l1", ()), (), ("a", "b")),
    "histogram": histogram(NASTY, "f", (Bin(3, "0"), Bin(0), Bin(9, NASTY)), (Mark(1.2, NASTY), Mark(99, "x")), NASTY),
    "histogram of nothing": histogram("t", "f", (), (), "jours"),
    "step_curves": step_curves(NASTY, "f", (StepCurve(NASTY, "l1", STEPS, (9, 5, 1)),), (0, 5, 10), ("a", "b", NASTY)),
    "step_curves of nobody": step_curves("t", "f", (StepCurve("a", "l1", (), (0, 0)),), (0, 5), ("a", "b", "c")),
    "dot_rows": dot_rows(NASTY, "f", (Panel(NASTY, (Dot(NASTY, 4.0, 5.5), Dot("b", None, None))),), (5, NASTY), " j"),
    "control": control(NASTY, "f", WEEKS, (5.0, 6.0, 20.0), (2.0, 6.0, 9.0), ("a", "b", NASTY), (2,), ((1, NASTY),)),
    "control of nothing": control("t", "f", (), (), (0.0, 0.0, 0.0), ("a", "b", "c")),
    "spans": spans(NASTY, "f", (Span(NASTY, 4.0, 1.0, 12.0, NASTY), Span("b", 0.0, 0.0, 0.0)), " %"),
    "spans of nothing": spans("t", "f", ()),
    "directed_graph": directed_graph(NASTY, "f", NODES, ARROWS),
    "directed_graph of nothing": directed_graph("t", "f", (), ()),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_named_and_well_formed(name: str) -> None:
    root = ElementTree.fromstring(str(PICTURES[name]))
    assert root.get("role") == "img"
    assert root[0].tag == "title" and root[0].text and root[0].text.endswith(". f")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_takes_its_looks_from_the_stylesheet_alone(name: str) -> None:
    drawn = str(PICTURES[name])
    assert "style" not in drawn and "#" not in re.sub(r"url\(#h[0-9a-f]{8}\)", "", drawn).replace("&#", "")
    assert "<voirie>" not in drawn


@pytest.mark.parametrize("name", PICTURES)
def test_no_coordinate_is_lost(name: str) -> None:
    for value in re.findall(r'[ ](?:x|y|cx|cy|width|height|d)="([^"]*)"', str(PICTURES[name])):
        assert "nan" not in value and "inf" not in value and "e" not in value


def test_two_pictures_of_one_page_share_no_pattern() -> None:
    names = re.findall(r'id="(h[0-9a-f]+)"', "".join(str(picture) for picture in PICTURES.values()))
    assert len(set(names)) == len(names) == 2, "only what is hatched defines it"


def test_a_line_is_lifted_where_nothing_was_counted() -> None:
    drawn = str(columns("t", "f", ("a", "b", "c"), (Line("l1", (10.0, None, 20.0)),)))
    path = re.search(r'class="l1" d="([^"]+)"', drawn)
    assert path and path[1].count("M") == 2 and "L" not in path[1]


def numbers(picture: Markup, css: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<rect class="{css}"[^>]* {name}="([\d.]+)"', str(picture))]


def test_bars_are_as_high_as_their_counts() -> None:
    heights = numbers(histogram("t", "f", (Bin(10), Bin(20), Bin(5)), (), "j"), "s1", "height")
    assert heights == pytest.approx([84, 168, 42])


def test_parts_are_as_wide_as_their_numbers_and_the_late_one_is_hatched() -> None:
    picture = stacked_bars("t", "f", [Bar("a", (30.0, 10.0), "40")], ("s1", "bad"))
    wide, late = numbers(picture, "s1 fig-part", "width"), numbers(picture, "bad fig-part", "width")
    assert wide[0] == pytest.approx(3 * late[0], rel=1e-3)
    assert str(picture).count('fill="url(#h') == 1


def test_a_curve_ends_where_nobody_is_left_and_its_band_before() -> None:
    drawn = str(PICTURES["step_curves"])
    curve = re.search(r'class="l1" d="(M[^"]+)"', drawn)
    band = re.search(r'class="fig-band s1" d="(M[^"]+)"', drawn)
    assert curve and curve[1].endswith("V236"), "none are left at the end"
    assert band and "V236" not in band[1]


def test_a_value_beyond_the_limits_has_a_shape_of_its_own() -> None:
    drawn = str(PICTURES["control"])
    assert drawn.count('class="bad"') == 1 and drawn.count("<circle") == 2


def test_the_ticks_are_round_and_reach_the_highest() -> None:
    for highest in (0.03, 0.7, 1, 2, 3, 7, 10, 24, 25, 99, 100, 101, 12345, 1e6):
        found = ticks(highest)
        assert found[0] == 0 and found[-1] >= highest * 0.999 and len(found) <= 6
    assert ticks(3) == (0, 1, 2, 3), "nobody counts half a request"
    assert ticks(0) == (0, 1)
    assert [written(v) for v in (0, 2500.0, 0.25)] == ["0", "2\u202f500", "0,25"]


def test_words_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    placed = apart([100, 100, 101, 10], 14, 0, 120)
    assert all(b - a >= 14 for a, b in pairwise(sorted(placed)))
    assert max(placed) <= 120
    assert Scale(0, 0, 0, 10)(0) == 0


def test_what_follows_stands_below_and_waits_stand_side_by_side() -> None:
    joined = [
        ("Q", "P", 90),
        ("P", "R", 20),
        ("R", "P", 20),
        ("P", "T", 9),
        ("P", "N", 70),
        ("Q", "N", 1),
        ("R", "N", 2),
    ]
    layout = laid_out(("Q", "P", "R", "T", "N"), joined, dict.fromkeys("QPRTN", 0.18), 0.05)
    assert layout.layer == {"Q": 0, "P": 1, "R": 2, "T": 2, "N": 2}
    assert layout.depth == 3
    places = sorted(layout.place[code] for code in "RTN")
    assert all(b - a >= 0.18 for a, b in pairwise(places)), "boxes do not cover each other"
    assert [layer for layer, _ in layout.bends["Q", "N"]] == [1]
    assert layout.bends["P", "R"] == ()


def test_an_arrow_that_goes_back_is_dashed_and_one_to_itself_or_to_nothing_is_left_out() -> None:
    drawn = str(PICTURES["directed_graph"])
    assert drawn.count("fig-back") == 1
    assert drawn.count('class="fig-head"') == 5
    for x, wide in re.findall(r'class="fig-node" x="([\d.]+)" y="[\d.]+" width="(\d+)"', drawn):
        assert float(x) >= 0 and float(x) + float(wide) <= WIDTH


def test_a_share_lies_between_its_bounds() -> None:
    drawn = str(spans("t", "f", (Span("a", 50.0, 25.0, 100.0),)))
    bar = re.search(r'class="ret-span" d="M([\d.]+) [\d.]+H([\d.]+)"', drawn)
    share = re.search(r'class="ret-share" cx="([\d.]+)"|cx="([\d.]+)"[^>]*class="ret-share"', drawn)
    assert bar and share
    low, high = float(bar[1]), float(bar[2])
    middle = float(share[1] or share[2])
    assert low < middle < high and (middle - low) * 2 == pytest.approx(high - middle, abs=0.5)
