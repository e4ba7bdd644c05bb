"""Problems by name: the registry, and spec strings such as ``"cycle:n=9"``."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import box_polynomial, graphs, stable_set
from polyproof_gym.problems.generators import RandomPolynomial, RandomStableSet
from polyproof_gym.problems.problem import Problem, ProblemGenerator


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
    """

    name: str
    family: str
    parameters: Mapping[str, Any]
    types: Mapping[str, type]
    build: Callable[..., Problem | ProblemGenerator]
    example: str


def _graph_entry(name: str, builder: Callable[..., graphs.NamedGraph], example: str) -> Entry:
    keys = list(inspect.signature(builder).parameters)

    def build(**values: int) -> Problem:
        spec = format_spec(name, values)
        graph, optimum = builder(**values)
        return stable_set.stable_set(graph, name=spec, optimum=optimum)

    return Entry(name, stable_set.FAMILY, dict.fromkeys(keys), dict.fromkeys(keys, int), build, example)


def _random_stable_set(n: int, n_min: int, n_max: int, p_min: float, p_max: float) -> RandomStableSet:
    low, high = (n, n) if n else (n_min, n_max)
    if not low or not high or (n and (n_min or n_max)):
        raise BadInput("expected n, or n_min and n_max")
    return RandomStableSet(low, high, p_min, p_max)


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
        {"n": 0, "n_min": 0, "n_max": 0, "p_min": 0.5, "p_max": 1.0},
        {"n": int, "n_min": int, "n_max": int, "p_min": float, "p_max": float},
        _random_stable_set,
        "random-stable-set:n=10",
    )
    yield Entry(
        "random-polynomial",
        box_polynomial.FAMILY,
        {"n": 3, "degree": 3, "terms": 8},
        {"n": int, "degree": int, "terms": int},
        RandomPolynomial,
        "random-polynomial:n=3,degree=3,terms=8",
    )
    for name in box_polynomial.NAMED_POLYNOMIALS:
        yield Entry(name, box_polynomial.FAMILY, {}, {}, partial(box_polynomial.named_polynomial, name), name)


REGISTRY: dict[str, Entry] = {entry.name: entry for entry in _entries()}
"""Every name that a spec string can begin with."""


def format_spec(name: str, values: Mapping[str, Any]) -> str:
    """The spec string ``NAME:key=value,...``."""
    return name + (":" + ",".join(f"{key}={value}" for key, value in values.items()) if values else "")


def _parse_spec(spec: str) -> tuple[Entry, dict[str, Any], int | None]:
    name, _, settings = spec.strip().partition(":")
    entry = REGISTRY.get(name)
    if entry is None:
        close = difflib.get_close_matches(name.lower(), REGISTRY, n=1)
        hint = f", did you mean {close[0]!r}?" if close else "; `polyproof problems` lists all"
        raise BadInput(f"unknown problem {name!r}{hint}")
    is_random = entry.build in (_random_stable_set, RandomPolynomial)
    types = {**entry.types, **({"index": int} if is_random else {})}
    values: dict[str, Any] = {}
    for setting in filter(None, settings.split(",")):
        key, equals, text = (part.strip() for part in setting.partition("="))
        if key not in types or not equals:
            keys = ", ".join(f"{k}=..." for k in types) or "no settings"
            raise BadInput(f"{name}: expected {keys}, got {setting!r}")
        if key in values:
            raise BadInput(f"{name}: expected {key!r} once, got it twice")
        try:
            values[key] = types[key](text) if len(text) < 30 else int("too long")
        except ValueError:
            kind = "whole number" if types[key] is int else "number"
            raise BadInput(f"{name}: expected a {kind} for {key!r}, got {text[:40]!r}") from None
    index = values.pop("index", None)
    missing = [k for k, default in entry.parameters.items() if default is None and k not in values]
    if missing:
        raise BadInput(f"{name}: expected {', '.join(f'{k}=...' for k in missing)}, as in {entry.example!r}")
    return entry, {**entry.parameters, **values}, index


def make_source(spec: str) -> Problem | ProblemGenerator:
    """The problem that a spec string names, or the generator where it names a random family without ``index``.

    Raises:
        BadInput: If the name is unknown (with the closest match), or a setting is unknown, missing or out of range.
    """
    entry, values, index = _parse_spec(spec)
    try:
        source = entry.build(**values)
        if isinstance(source, Problem) or index is None:
            return source
        return source.held_out(index)
    except BadInput as error:
        raise BadInput(f"{entry.name}: {error}") from None


def make_problem(spec: str) -> Problem:
    """The problem that a spec string names: ``"petersen"``, ``"cycle:n=9"``, ``"random-stable-set:n=25,index=3"``.

    A random family gives its held-out problem number ``index``, by default number 0: the same for everyone.

    Raises:
        BadInput: If the name is unknown (with the closest match), or a setting is unknown, missing or out of range.
    """
    source = make_source(spec)
    return source if isinstance(source, Problem) else source.held_out(0)
