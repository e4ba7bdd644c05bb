"""Whatever is given to the public interface, it is of use or refused in one line."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents import make_agent
from agents.scoring.environment import CandidateChoices
from polyproof_gym import (
    BadInput,
    InvalidProof,
    Proof,
    ProofState,
    ResourceLimit,
    certify,
    load_problem,
    load_proof,
    make_problem,
    make_source,
    polynomial,
    problem_from_text,
    stable_set,
)
from polyproof_gym.envs import PolyProofEnv, PolyProofVectorEnv
from polyproof_gym.problems import Mixture, RandomPolynomial, RandomStableSet, relabelled
from polyproof_gym.proofs import shrink
from polyproof_gym.proofs.exports import EXPORTERS
from tests.flat import prove
from tests.values import VALUES, drawn

REFUSALS = (BadInput, InvalidProof, ResourceLimit, gym.error.Error)
"""What may be raised: the package's own errors, and those of Gymnasium for what it checks."""

MAX_MESSAGE = 5000
"""Paths are quoted as a whole."""


@cache
def environment() -> PolyProofEnv:
    env = PolyProofEnv("petersen", max_steps=5)
    env.reset(seed=0)
    return env


@cache
def candidate_choices() -> CandidateChoices:
    choices = CandidateChoices(PolyProofEnv("petersen", max_steps=5))
    choices.reset(seed=0)
    return choices


@cache
def environments() -> PolyProofVectorEnv:
    envs = PolyProofVectorEnv(2, num_workers=1, problem="petersen", max_steps=5)
    envs.reset(seed=0)
    return envs


@cache
def proof() -> Proof:
    return prove("cycle:n=5", max_steps=5)


def prove_with(**arguments: Any) -> None:
    """One step is enough to see that arguments are of use."""
    prove(**{"problem": "petersen", "on_step": lambda _: False, **arguments})


def prove_from(value: Any) -> None:
    prove_with(problem=value)


def named(function: Callable[..., Any], name: str, **fixed: Any) -> Callable[[Any], Any]:
    return lambda value: function(**fixed, **{name: value})


def closing(name: str) -> Callable[[Any], Any]:
    fixed = {"num_envs": 2, "num_workers": 1, "problem": "petersen", "max_steps": 3}
    return lambda value: PolyProofVectorEnv(**{**fixed, name: value}).close()


SMALL: dict[str, Any] = {"problem": "petersen", "max_steps": 3}

ENTRIES: dict[str, Callable[[Any], Any]] = {
    "make_problem": make_problem,
    "make_source": make_source,
    "load_problem": load_problem,
    "load_proof": load_proof,
    "stable_set": stable_set,
    "stable_set name": lambda value: stable_set([(0, 1)], name=value),
    "stable_set optimum": lambda value: stable_set([(0, 1)], optimum=value),
    "make_agent": make_agent,
    "prove problem": prove_from,
    **{
        f"prove {name}": named(prove_with, name)
        for name in ("agent", "max_steps", "target", "seed", "rounded", "max_degree", "max_terms")
    },
    **{
        f"gym.make {name}": named(lambda **given: gym.make("PolyProof-v0", **{**SMALL, **given}), name)
        for name in ("problem", "max_steps", "max_degree", "max_terms", "lp_features", "reward", "target", "rules")
    },
    "PolyProofEnv render_mode": lambda value: PolyProofEnv("petersen", render_mode=value),
    **{
        f"PolyProofVectorEnv {name}": closing(name)
        for name in ("num_envs", "problem", "autoreset_mode", "copy", "context", "render_mode")
    },
    "PolyProofVectorEnv num_workers": lambda value: PolyProofVectorEnv(1, num_workers=value, **SMALL).close(),
    "reset seed": lambda value: environment().reset(seed=value),
    "reset options": lambda value: environment().reset(options=value),
    "reset problem": lambda value: environment().reset(options={"problem": value}),
    "step": lambda value: environment().step(value),
    "candidates reset options": lambda value: candidate_choices().reset(options=value),
    "candidates reset max_steps": lambda value: candidate_choices().reset(options={"max_steps": value}),
    "candidates step": lambda value: candidate_choices().step(value),
    "decode_action": lambda value: environment().decode_action(value),
    "encode_action inequality": lambda value: environment().encode_action(value, 0, False),
    "encode_action variable": lambda value: environment().encode_action(0, value, False),
    "encode_action complement": lambda value: environment().encode_action(0, 0, value),
    "vector reset seed": lambda value: environments().reset(seed=value),
    "vector reset options": lambda value: environments().reset(options=value),
    "vector step": lambda value: environments().step(value),
    "ProofState problem": ProofState,
    **{
        f"ProofState {name}": named(ProofState, name, problem=make_problem("petersen"))
        for name in ("max_steps", "limits", "rules", "capacity", "num_variables")
    },
    "certify state": certify,
    "certify target": lambda value: certify(environment().state, target=value),
    "certify search": lambda value: certify(environment().state, search=value),
    "certify max_work": lambda value: certify(environment().state, max_work=value),
    "verify max_work": lambda value: proof().verify(value),
    "load_proof max_work": lambda value: load_proof("absent.json", max_work=value),
    "load_proof max_bytes": lambda value: load_proof("absent.json", max_bytes=value),
    "polynomial objective": lambda value: polynomial(value, box="unit"),
    "polynomial box": lambda value: polynomial("x + y", box=value),
    **{
        f"polynomial {name}": named(lambda **given: polynomial("x*y", **{"box": "unit", **given}), name)
        for name in ("sense", "constraints", "variables", "boolean", "exclusive", "name", "optimum")
    },
    "problem_from_text": problem_from_text,
    "problem_from_text name": lambda value: problem_from_text("min x\nbounds\n0 <= x <= 1", value),
    "shrink": shrink,
    "shrink seconds": lambda value: shrink(proof(), value),
    **{f"export {name}": export for name, export in EXPORTERS.items()},
    "relabelled problem": lambda value: relabelled(value, np.random.default_rng(0)),
    "relabelled rng": lambda value: relabelled(make_problem("petersen"), value),
    "RandomStableSet n_min": lambda value: RandomStableSet(value, 9),
    "RandomStableSet p_max": lambda value: RandomStableSet(3, 9, p_max=value),
    "RandomStableSet max_weight": lambda value: RandomStableSet(3, 9, max_weight=value),
    "RandomPolynomial degree": lambda value: RandomPolynomial(3, value, 5),
    "RandomPolynomial boolean": lambda value: RandomPolynomial(3, 2, 5, boolean=value),
    "Mixture": Mixture,
    "held_out": RandomStableSet(4, 6).held_out,
}


def check_use_or_refusal(entry: Callable[[Any], Any], value: Any) -> None:
    try:
        entry(value)
    except REFUSALS as error:
        message = str(error)
        assert message
        assert "\n" not in message
        assert len(message) < MAX_MESSAGE


@pytest.mark.parametrize("name", ENTRIES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_any_value_is_of_use_or_refused_in_one_line(name: str, value: Any) -> None:
    check_use_or_refusal(ENTRIES[name], value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_any_of_many_values_is_of_use_or_refused_in_one_line(name: str) -> None:
    rng = random.Random(name)
    for _ in range(10_000):
        check_use_or_refusal(ENTRIES[name], drawn(rng))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_a_proof_is_saved_or_the_path_refused(value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_use_or_refusal(
        proof().save, value if not isinstance(value, str | Path) or ".." not in str(value) else "proof.json"
    )


SPEC_PARTS = st.sampled_from(
    [
        *("cycle", "kneser", "hamming", "johnson", "mycielski", "grid", "paley", "complete", "random-polynomial"),
        *("random-stable-set", "petersen", "caprasse", "greedy", "planner", "dual-guided", "neighbourhood-search"),
        *(
            ":",
            ",",
            "=",
            "n",
            "k",
            "q",
            "d",
            "j",
            "a",
            "b",
            "rows",
            "columns",
            "index",
            "p_min",
            "terms",
            "degree",
            "max_weight",
            "boolean",
        ),
        *("n=", "k=", "level=", "width=", "rounds=", "0", "1", "2", "5", "60", "2000", "2001", "99999999999999999999"),
        *("-1", "0.5", "1e9", "nan", "inf", "٣", "½", " ", "\n", "_", "+", "x", "=="),
    ]
)

GENEROUS = st.sampled_from(
    [
        "kneser:n=60,k=30",
        "kneser:n=2000,k=1000",
        "johnson:n=2000,k=1000",
        "hamming:d=20,q=9",
        "hamming:d=11,q=2000",
        "mycielski:k=50",
        "mycielski:k=999999999",
        "grid:rows=1000000000,columns=1000000000",
        "complete-bipartite:a=999999999999999999,b=1",
        "circulant:n=999999999999999999,j=2",
        "paley:q=999999999999999989",
        "cycle:n=2001",
        "random-stable-set:n=2001",
        "random-polynomial:n=51,degree=8,terms=500",
        "static-sherali-adams:level=999999999",
        "greedy:width=9999999999",
    ]
)

SPECS = st.one_of(st.lists(SPEC_PARTS, max_size=9).map("".join), GENEROUS, st.text(max_size=30))


@settings(max_examples=300, deadline=None)
@given(spec=SPECS)
def test_any_spec_is_of_use_or_refused_in_one_line(spec: str) -> None:
    for make in (make_source, make_agent):
        check_use_or_refusal(make, spec)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(spec=SPECS)
def test_any_of_many_specs_is_of_use_or_refused_in_one_line(spec: str) -> None:
    for make in (make_source, make_agent):
        check_use_or_refusal(make, spec)


@given(spec=GENEROUS)
def test_what_is_too_large_is_refused_before_it_is_made(spec: str) -> None:
    make = make_agent if spec.startswith(("static", "greedy")) else make_source
    if "level" not in spec:  # how many products a level has depends on the problem
        with pytest.raises(BadInput, match="expected"):
            make(spec)
