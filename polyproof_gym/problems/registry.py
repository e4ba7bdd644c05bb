"""Problems by name: the registry, and spec strings such as ``"cycle:n=9"``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from polyproof_gym.arguments import shown
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import box_polynomial, graphs, robust_margin, stable_set
from polyproof_gym.problems.files import ENDINGS
from polyproof_gym.problems.generators import RandomPolynomial, RandomStableSet
from polyproof_gym.problems.graph_forms import is_graph
from polyproof_gym.problems.problem import Problem, ProblemGenerator, is_generator
from polyproof_gym.specs import Spec, format_spec, unknown


@dataclass(frozen=True)
class Entry:
    """A name that spec strings can use.

    Attributes:
        name: The name.
        family: The kind of problem it gives.
        parameters: The keys that may follow the name, with their defaults (``None``: none, the key is required).
        types: The type of each parameter's value.
        build: From the values to a problem or a generator; raises ``BadInput`` on values out of range.
        example: A spec string of this name that is quick to prove something about.
        is_random: Whether it gives a generator, of whose held-out problems ``index=...`` names one.
    """

    name: str
    family: str
    parameters: Mapping[str, Any]
    types: Mapping[str, type]
    build: Callable[..., Problem | ProblemGenerator]
    example: str
    is_random: bool = False

    @property
    def settings(self) -> Mapping[str, type]:
        """All keys that may follow the name, ``index`` included, with the types of their values."""
        return {**self.types, **({"index": int} if self.is_random else {})}


def _graph_entry(name: str, builder: Callable[..., graphs.NamedGraph], example: str) -> Entry:
    keys = list(inspect.signature(builder).parameters)

    def build(**values: int) -> Problem:
        spec = format_spec(name, values)
        graph, optimum = builder(**values)
        return stable_set.stable_set(graph, name=spec, optimum=optimum)

    return Entry(name, stable_set.FAMILY, dict.fromkeys(keys), dict.fromkeys(keys, int), build, example)


def _random_stable_set(n: int, n_min: int, n_max: int, p_min: float, p_max: float, max_weight: int) -> RandomStableSet:
    low, high = (n, n) if n else (n_min, n_max)
    if not low or not high or (n and (n_min or n_max)):
        raise BadInput("expected n, or n_min and n_max")
    return RandomStableSet(low, high, p_min, p_max, max_weight)


def _entries() -> Iterator[Entry]:
    yield _graph_entry("cycle", graphs.cycle, "cycle:n=5")
    yield _graph_entry("cycle-complement", graphs.cycle_complement, "cycle-complement:n=7")
    yield _graph_entry("path", graphs.path, "path:n=6")
    yield _graph_entry("wheel", graphs.wheel, "wheel:n=6")
    yield _graph_entry("complete", graphs.complete, "complete:n=6")
    yield _graph_entry("complete-bipartite", graphs.complete_bipartite, "complete-bipartite:a=2,b=3")
    yield _graph_entry("grid", graphs.grid, "grid:rows=3,columns=3")
    yield _graph_entry("circulant", graphs.circulant, "circulant:n=8,j=2")
    yield _graph_entry("paley", graphs.paley, "paley:q=13")
    yield _graph_entry("kneser", graphs.kneser, "kneser:n=6,k=2")
    yield _graph_entry("johnson", graphs.johnson, "johnson:n=5,k=2")
    yield _graph_entry("hamming", graphs.hamming, "hamming:d=3,q=2")
    yield _graph_entry("mycielski", graphs.mycielski, "mycielski:k=4")
    for name in ("petersen", "dodecahedral", "icosahedral", "octahedral", "frucht", "heawood", "karate"):
        yield _graph_entry(name, getattr(graphs, name), name)
    yield Entry(
        "random-stable-set",
        stable_set.FAMILY,
        {"n": 0, "n_min": 0, "n_max": 0, "p_min": 0.5, "p_max": 1.0, "max_weight": 1},
        {"n": int, "n_min": int, "n_max": int, "p_min": float, "p_max": float, "max_weight": int},
        _random_stable_set,
        "random-stable-set:n=10",
        is_random=True,
    )
    yield Entry(
        "random-polynomial",
        box_polynomial.FAMILY,
        {"n": 3, "degree": 3, "terms": 8, "boolean": 0},
        {"n": int, "degree": int, "terms": int, "boolean": int},
        RandomPolynomial,
        "random-polynomial:n=3,degree=3,terms=8",
        is_random=True,
    )
    yield Entry(
        robust_margin.FAMILY,
        robust_margin.FAMILY,
        robust_margin.DEFAULTS,
        {key: type(default) for key, default in robust_margin.DEFAULTS.items()},
        robust_margin.RandomRobustMargin,
        "robust-margin:latent=4,radius=0.3",
        is_random=True,
    )
    for name in box_polynomial.NAMED_POLYNOMIALS:
        yield Entry(name, box_polynomial.FAMILY, {}, {}, partial(box_polynomial.named_polynomial, name), name)


REGISTRY: dict[str, Entry] = {entry.name: entry for entry in _entries()}
"""Every name that a spec string can begin with."""


def _parse_spec(text: str) -> tuple[Entry, dict[str, Any], int | None]:
    spec = Spec.of(text)
    entry = REGISTRY.get(spec.name)
    if entry is None:
        if spec.name.lower().endswith(ENDINGS):
            raise BadInput(f"unknown problem {shown(spec.name)}; a file is read by polyproof_gym.load_problem")
        raise unknown("problem", spec.name, REGISTRY, "`polyproof problems` lists all")
    values = spec.values(entry.settings)
    index = values.pop("index", None)
    missing = [k for k, default in entry.parameters.items() if default is None and k not in values]
    if missing:
        raise BadInput(f"{spec.name}: expected {', '.join(f'{k}=...' for k in missing)}, as in {entry.example!r}")
    return entry, {**entry.parameters, **values}, index


def make_source(given: Any) -> Problem | ProblemGenerator:
    """The problem or the generator of problems that something stands for.

    Args:
        given: A spec string, which gives a generator where it names a random family without ``index``; a problem or a
            generator, which stand for themselves; or a graph in any form that :func:`stable_set` takes.

    Raises:
        BadInput: If the name is unknown (with the closest match), a setting is unknown, missing or out of range, or the
            graph cannot be used; or if what is given is none of these.
    """
    if isinstance(given, Problem):
        return given
    if isinstance(given, str):
        return _named_source(given)
    if is_generator(given):
        return cast("ProblemGenerator", given)
    if is_graph(given):
        return stable_set.stable_set(given)
    raise BadInput(
        f"expected a problem: a name such as 'cycle:n=9', a Problem, a generator or a graph, got {shown(given)}"
    )


def _named_source(spec: str) -> Problem | ProblemGenerator:
    """The problem or the generator that a spec string names."""
    entry, values, index = _parse_spec(spec)
    try:
        source = entry.build(**values)
        if isinstance(source, Problem) or index is None:
            return source
        return source.held_out(index)
    except BadInput as error:
        raise BadInput(f"{entry.name}: {error}") from None


def is_called_rightly(problem: Problem) -> bool:
    """Whether a problem's name is a spec string that makes just this problem: from a file, it may be any text."""
    try:
        return make_problem(problem.name).states_the_same(problem)
    except BadInput:
        return False


def make_problem(given: Any) -> Problem:
    """The problem that something stands for: ``"petersen"``, ``"cycle:n=9"``, ``"random-stable-set:n=25,index=3"``.

    A random family gives its held-out problem number ``index``, by default number 0: the same for everyone.

    Args:
        given: A spec string, a problem, a generator or a graph, as for :func:`make_source`.

    Raises:
        BadInput: As in :func:`make_source`.
    """
    source = make_source(given)
    return source if isinstance(source, Problem) else source.held_out(0)
