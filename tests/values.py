"""Values of every kind that callers may give, for tests that whatever is no use is refused in one line."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from polyproof_gym.arguments import shown
from polyproof_gym.problems import Problem, RandomStableSet, make_problem


def identifier(value: object) -> str:
    """A value as the name of a test, the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", shown(value))


class Unshowable:
    """Raises when it is shown."""

    def __repr__(self) -> str:
        raise RuntimeError("not to be shown")


class Incomparable:
    """Raises when it is compared."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not to be compared")


class Unindexed:
    """Raises when it is taken for a whole number, a truth value or a float."""

    def __index__(self) -> int:
        raise RuntimeError("not a number")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")

    def __float__(self) -> float:
        raise RuntimeError("not a number")


class Closed:
    """Raises when it is iterated over, measured or asked for a member that it has not."""

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("not to be looked into")

    def __len__(self) -> int:
        raise RuntimeError("not to be measured")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


class Endless:
    """Never comes to an end."""

    def __iter__(self) -> Iterator[tuple[int, int]]:
        while True:
            yield 0, 1


class Text(str):
    """A text of another class."""

    __slots__ = ()


def weighted_path(weight: Any) -> Any:
    """A path of three vertices, one of which has a weight."""
    graph = nx.path_graph(3)
    graph.nodes[1]["weight"] = weight
    return graph


NUMBERS = [
    *(0, 1, 2, 3, -1, 5, 10**6, 2**31, 2**63, 10**20, 10**5000, -(10**5000)),
    *(0.0, 1.0, 2.5, -0.5, float("nan"), float("inf"), -float("inf"), 1e300, 5e-324, 1j),
    *(Decimal("0.1"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e999999")),
    *(Fraction(1, 3), Fraction(10**400, 7)),
    *(np.int8(3), np.int64(5), np.uint64(2**64 - 1), np.float16(0.1), np.float32(0.1), np.float64(2), np.longdouble(1)),
    *(np.float64("nan"), np.complex128(1), np.bool_(True), np.bool_(False), True, False),
]

TEXTS = [
    *("", "petersen", "cycle:n=5", "cycle:n=99999999", "random-stable-set:n=5", "random-stable-set:n=5,index=2"),
    *("incumbent", "gap", "ansi", "human", "max", "dual-guided", "greedy:width=3", "NextStep", "spawn"),
    *("1/2", "-104/5", "nan", "1e999999999", "x" * 10_000, "a\nb", "\x1b[31m", "\u202e", "\ud800", "\x00"),
    *("absent.col", "absent.json", "/dev/null", ".", "/", Text("petersen"), np.str_("petersen")),
]

ARRAYS = [
    *(np.array(5), np.array([1]), np.array([]), np.zeros((3, 3)), np.eye(3), np.ones((2, 3)), np.zeros((2, 2, 2))),
    *(np.array([[0, 1], [1, 0]]), np.array([[0, np.nan], [np.nan, 0]]), np.array([[0, 1], [1, 2], [2, 0]])),
    *(np.array([["a", "b"]]), np.array([None]), np.array([(1, 2.0)], dtype="i4,f8"), np.zeros((2001, 2001), np.bool_)),
    *(sparse.csr_matrix(np.array([[0, 1], [1, 0]])), sparse.coo_matrix((3, 2)), sparse.eye(3)),
    *(sparse.csr_matrix((3000, 3000)), sparse.csr_array(np.array([[0.0, np.nan], [np.nan, 0]]))),
]

COLLECTIONS = [
    *([], (), {}, set(), frozenset(), [[]], [()], [None], [1, 2, 3], range(10**12), Endless()),
    *([[0, 1], [1, 0]], [[1, 0], [0, 1]], [(0, 1), (1, 2)], {("a", "b")}, [(0, 1, 2)], [([], 1)], [[0, 1], [1]]),
    *({0: [1], 1: []}, {0: [5]}, {"a": "b"}, {0: None}, {"problem": "petersen"}, {"problem": None}, {"x": 1}),
]

GRAPHS = [
    *(nx.Graph(), nx.path_graph(3), nx.DiGraph([(0, 1)]), nx.MultiGraph([(0, 1), (0, 1)]), nx.Graph([(0, 0)])),
    *(nx.empty_graph(3000), nx.Graph([(Incomparable(), Unshowable())])),
    *map(weighted_path, (float("nan"), -1, "heavy", np.float32(0.5), np.int64(3), True, None, [1], Unshowable())),
]

OBJECTS = [
    *(None, Ellipsis, NotImplemented, object(), object, int, Problem, RandomStableSet, len, sys, ValueError("x")),
    *(
        b"",
        b"petersen",
        bytearray(b"x"),
        memoryview(b"xx"),
        np.datetime64("2020-01-01"),
        Path("absent"),
        Path("/dev/null"),
    ),
    *(Unshowable(), Incomparable(), Unindexed(), Closed(), make_problem("petersen"), RandomStableSet(4, 6)),
]

KNOWN = [*NUMBERS, *TEXTS, *ARRAYS, *COLLECTIONS, *GRAPHS, *OBJECTS]


def _known(number: int) -> Any:
    return KNOWN[number]


ATOMS = st.one_of(
    st.integers(0, len(KNOWN) - 1).map(_known),  # and not sampled_from, which shows them all
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
)

VALUES: st.SearchStrategy[Any] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers(-2, 5)), inner, max_size=3),
    ),
    max_leaves=6,
)
"""Anything."""


def drawn(rng: random.Random, depth: int = 0) -> Any:
    """Anything, drawn at random: many times as quick as :data:`VALUES`, for tests with many."""
    kind = rng.random()
    if kind < 0.8 or depth > 2:
        return rng.choice(KNOWN)
    if kind < 0.85:
        return [drawn(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind < 0.89:
        return drawn(rng, depth + 1), drawn(rng, depth + 1)
    if kind < 0.93:
        return {rng.choice(("a", "problem", 0, 1)): drawn(rng, depth + 1) for _ in range(rng.randrange(3))}
    if kind < 0.96:
        return rng.randrange(-(10**20), 10**20) // 10 ** rng.randrange(20)
    if kind < 0.98:
        return rng.uniform(-1, 1) * 10.0 ** rng.randrange(-10, 300)
    return "".join(rng.choice("abcxyz0123456789:=,.^*/\n\x00\u202e n-") for _ in range(rng.randrange(25)))
