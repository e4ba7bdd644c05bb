from __future__ import annotations

from itertools import pairwise

import pytest

from agents import Search
from polyproof_gym import Proof
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom
from polyproof_gym.proofs.replay import replay, with_detours
from tests.polyproof_gym.proofs.exports.examples import MAKERS, example

EMPTY = {name for name in MAKERS if example(name).status == "infeasible"}


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in EMPTY])
def test_the_last_bound_is_no_worse_than_that_of_the_proof(name: str) -> None:
    proof = example(name)
    bounds = []
    for number, (line, state) in enumerate(replay(proof)):
        assert (line is None) == (number == 0)
        bounds.append(proof.problem.sign * state.bound)
    assert len(bounds) == proof.num_derivations + 1
    assert all(after >= before - 1e-9 for before, after in pairwise(bounds))
    assert bounds[-1] >= proof.problem.sign * float(proof.combination_bound) - 1e-6


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_a_contradiction_can_be_replayed(name: str) -> None:
    *_, (_, state) = replay(example(name))
    assert state.is_contradictory


def test_detours_are_kept_and_prove_the_same() -> None:
    search = Search(make_problem("petersen"), "dual-guided", max_steps=60)
    proof = search.run()
    assert isinstance(proof, Proof)
    whole = with_detours(proof, search.state.memory)
    whole.verify()
    assert whole.bound == proof.bound
    assert whole.num_derivations == search.state.steps > proof.num_derivations
    used = {parent for reason in whole.reasons for parent in reason.parents} | set(whole.multipliers)
    assert all(j in used for j, reason in enumerate(whole.reasons) if isinstance(reason, Axiom))


def test_a_proof_from_elsewhere_stays_as_it_is() -> None:
    search = Search(make_problem("petersen"), "dual-guided", max_steps=3)
    search.run()
    proof = example("petersen")
    assert with_detours(proof, search.state.memory) is proof
