"""What people call the named graphs."""

from __future__ import annotations

from typing import NamedTuple

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem, is_called_rightly
from polyproof_gym.specs import Spec

MAX_VERTICES = 200
"""Larger graphs have no name: to look whether it is theirs takes too long."""


class Name(NamedTuple):
    """The name of a graph.

    Attributes:
        word: A letter or a word.
        subscript: What stands beside it as a subscript, or nothing.
    """

    word: str
    subscript: str = ""


NAMES = {
    "cycle": Name("C", "{n}"),
    "path": Name("P", "{n}"),
    "complete": Name("K", "{n}"),
    "complete-bipartite": Name("K", "{a},{b}"),
    "kneser": Name("KG({n},{k})"),
    "johnson": Name("J({n},{k})"),
    "hamming": Name("H({d},{q})"),
    "paley": Name("Paley", "{q}"),
    "petersen": Name("Petersen"),
    "dodecahedral": Name("Dodecahedron"),
    "icosahedral": Name("Icosahedron"),
    "octahedral": Name("Octahedron"),
    "frucht": Name("Frucht"),
    "heawood": Name("Heawood"),
    "karate": Name("Karate"),
}
"""The names, with the settings of the specs in braces."""


def graph_name(problem: Problem) -> Name | None:
    """What the graph of a stable set problem is called; ``None`` without a name, or where a name is not the graph's.

    The weights are the graph's own as well: a bound on the weight of some of the vertices is none on their number.
    """
    if problem.num_variables > MAX_VERTICES:
        return None
    spec = Spec.of(problem.name)
    try:
        if spec.name not in NAMES or not is_called_rightly(problem):
            return None
        settings = spec.values(dict.fromkeys("abdknq", int))
        return Name(*(part.format(**settings) for part in NAMES[spec.name]))
    except (BadInput, KeyError):  # KeyError where a setting is left out
        return None
