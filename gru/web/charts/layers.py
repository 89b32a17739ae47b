"""Where does each node of a graph stand, so that what follows stands below what it mostly follows?

Layers from above: a node stands under the one from which most come to it, among those named before it. Arrows over
several layers pass by a point in each. In each layer all stand in the order of the mean place of those they are
joined to (four sweeps of the barycentre), which leaves few crossings.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Joined = tuple[str, str, int]
"""From, to, how often."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layer and the place (a share of the width) of each node, and the places where each arrow passes between."""

    layer: Mapping[str, int]
    place: Mapping[str, float]
    bends: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]
    depth: int


def laid_out(nodes: Sequence[str], joined: Sequence[Joined], width: Mapping[str, float], thin: float) -> Layout:
    """The places of the nodes in shares of the width; `width` says how much of it each needs, `thin` an arrow."""
    layer = _layers(nodes, joined)
    depth = max(layer.values(), default=0) + 1
    rows: list[list[str]] = [[] for _ in range(depth)]
    for node in nodes:
        rows[layer[node]].append(node)
    edges: list[tuple[str, str]] = []
    passing: dict[tuple[str, str], list[str]] = {}
    for start, end, _ in joined:
        between = _between(layer[start], layer[end])
        passed = [f"{start}>{end}@{number}" for number in between]
        passing[start, end] = passed
        for number, name in zip(between, passed, strict=True):
            rows[number].append(name)
        chain = [start, *passed, end]
        edges += itertools.pairwise(chain)
    place = _places(rows, width, thin)
    for _ in range(4):
        rows = [_ordered(row, edges, place) for row in rows]
        place = _places(rows, width, thin)
    heights = {name: number for number, row in enumerate(rows) for name in row}
    bends = {pair: tuple((heights[name], place[name]) for name in passed) for pair, passed in passing.items()}
    return Layout(layer, {node: place[node] for node in nodes}, bends, depth)


def _layers(nodes: Sequence[str], joined: Sequence[Joined]) -> dict[str, int]:
    rank = {node: number for number, node in enumerate(nodes)}
    layer: dict[str, int] = {}
    for node in nodes:
        before = [(n, -rank[start], start) for start, end, n in joined if end == node and rank[start] < rank[node]]
        layer[node] = layer[max(before)[2]] + 1 if before else 0
    return layer


def _between(start: int, end: int) -> list[int]:
    return list(range(start + 1, end)) if start < end else list(range(start - 1, end, -1))


def _ordered(row: Sequence[str], edges: Sequence[tuple[str, str]], place: Mapping[str, float]) -> list[str]:
    def wished(name: str) -> float:
        near = [place[b if a == name else a] for a, b in edges if name in (a, b) and a != b]
        return sum(near) / len(near) if near else place[name]

    return sorted(row, key=lambda name: (wished(name), place[name]))


def _places(rows: Sequence[Sequence[str]], width: Mapping[str, float], thin: float) -> dict[str, float]:
    """Each row in the middle of the width, its members side by side with equal room between them."""
    place: dict[str, float] = {}
    for row in rows:
        needed = [width.get(name, thin) for name in row]
        gap = max(0.0, min(0.09, (1 - sum(needed)) / (len(row) + 1)))
        whole = sum(needed) + gap * (len(row) - 1)
        x = (1 - whole) / 2
        for name, wide in zip(row, needed, strict=True):
            place[name] = x + wide / 2
            x += wide + gap
    return place
