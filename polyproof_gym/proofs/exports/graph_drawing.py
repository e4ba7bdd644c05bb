"""The graph of a stable set problem, drawn for pages."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from polyproof_gym.problems import Problem
from polyproof_gym.problems.graph_places import vertex_places
from polyproof_gym.problems.stable_set import is_stable_set
from polyproof_gym.proofs.exports.unicode import Unicode

MAX_VERTICES, MAX_EDGES = 100, 1500
"""Larger graphs are not drawn."""

MAX_LABELS, MAX_LABEL = 45, 4
"""Vertices of graphs with more of them have no labels, nor have those of which a name has more characters."""

MANY_EDGES = 120
"""More edges than that are drawn fainter."""

SIZE = 320.0
"""Width and height in pixels."""


def is_drawable(problem: Problem) -> bool:
    """Whether a problem is about a graph that can be drawn."""
    is_small = problem.num_variables <= MAX_VERTICES and problem.ring.num_exclusive <= MAX_EDGES
    return is_small and is_stable_set(problem)


def graph_svg(problem: Problem, notation: Unicode) -> str:
    """The graph as an inline SVG, with the numbers of vertices as ``data-vertex`` and ``data-edge``.

    Args:
        problem: A stable set problem.
        notation: How the vertices are called.
    """
    count = f"{problem.num_variables} vertices and {problem.ring.num_exclusive} edges"
    return (
        f'<svg class="vertices" viewBox="0 0 {SIZE:.0f} {SIZE:.0f}" role="img" aria-label="The graph: {count}">\n'
        + "\n".join(_pieces(problem, notation))
        + "\n</svg>"
    )


def _pieces(problem: Problem, notation: Unicode) -> Iterator[str]:
    radius = min(15.0, max(4.0, 52 / math.sqrt(problem.num_variables)))
    places = radius + 4 + vertex_places(problem.ring.exclusion_matrix) * (SIZE - 2 * radius - 8)
    yield '<g class="many">' if problem.ring.num_exclusive > MANY_EDGES else "<g>"
    for i, j in problem.ring.exclusive_pairs().tolist():
        (x1, y1), (x2, y2) = places[[i, j]]
        yield f'<line data-edge="{i} {j}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
    yield "</g>"
    labels = [notation.name(name) for name in problem.variables]
    is_labelled = len(labels) <= MAX_LABELS and max(map(len, labels)) <= MAX_LABEL
    for i, (x, y) in enumerate(places):
        label = f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(labels[i])}</text>' if is_labelled else ""
        circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
        yield f'<g class="vertex" data-vertex="{i}"><title>{escape(labels[i])}</title>{circle}{label}</g>'
