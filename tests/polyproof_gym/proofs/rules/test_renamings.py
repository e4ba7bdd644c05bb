"""Images of lines under symmetries, chosen one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import make_problem, relabelled
from polyproof_gym.problems.symmetry import Permutation
from polyproof_gym.proofs import Axiom, Renamed, Times, certify
from polyproof_gym.proofs.exports import EXPORTERS
from polyproof_gym.proofs.rules import Renamings, make_rules
from tests.flat import prove
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import assert_follows_from_reasons

pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")

RULES = ("products", "symmetries")


def whole_numbers() -> Problem:
    return polyproof_gym.polynomial(
        "x*y + y*z + z*x - 2*x*y*z",
        box={name: (-1, 3) for name in "xyz"},
        integer=[*"xyz"],
        constraints=["x + y + z >= 1", "x^2 <= 3 + y", "y^2 <= 3 + z", "z^2 <= 3 + x"],
    )


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "complete": lambda: make_problem("complete:n=6"),
    "motzkin": lambda: make_problem("motzkin"),
    "whole numbers": whole_numbers,
}


def num_products(state: ProofState) -> int:
    return state.capacity * state.num_variables * 2


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_said_of_images_is_what_renaming_gives(name: str) -> None:
    state = ProofState(PROBLEMS[name](), max_steps=16, rules=["products", "symmetries:generators=3"])
    rng = np.random.default_rng(0)
    first, known = num_products(state), min(3, len(state.problem.symmetries.generators))
    renamed = 0
    for _ in range(16):
        actions = [first + j * 3 + k for j in range(state.capacity) for k in range(known)]
        assert_follows_from_reasons(state, actions, rng)
        assert not np.delete(state.action_mask()[first:], [action - first for action in actions]).any()
        valid = np.flatnonzero(state.action_mask())
        late = valid[valid >= first]
        action = int(rng.choice(late if len(late) and rng.random() < 0.7 else valid))
        conclusion = state.conclusion(action)
        assert state.memory[state.apply(action)] == conclusion
        renamed += action >= first
    assert renamed > 3
    certify(state).verify()


def test_an_image_is_the_line_with_the_variables_renamed() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=20, rules=RULES)
    edge = state.derive(Times(1, 1, complement=True))  # 1 - x0 - x1
    first = num_products(state)
    assert state.num_actions == first + state.capacity * 8
    generators = state.problem.symmetries.generators
    for k, generator in enumerate(generators):
        action = first + edge * 8 + k
        assert state.reason(action) == Renamed(edge, generator)
        assert state.find_action(Renamed(edge, generator)) == action
        image = {(): 1, (generator[0],): -1, (generator[1],): -1}
        assert state.conclusion(action).terms == image
        assert state.action_mask()[action] == ({generator[0], generator[1]} != {0, 1})
    with pytest.raises(IndexError):
        state.reason(first + edge * 8 + len(generators))
    unknown = next(p for p in permutations(range(5)) if p not in generators)
    assert state.find_action(Renamed(edge, unknown)) is None
    assert state.find_action(Times(edge, 2, complement=False)) == edge * 10 + 4


def test_generators_lead_to_the_whole_orbit() -> None:
    state = ProofState(make_problem("petersen"), max_steps=50, rules=["symmetries"])
    assert not state.action_mask().any()  # the images of axioms are axioms
    i, j = min(state.problem.ring.exclusive)
    state.derive(Times(2 * i + 1, j, complement=True))
    while state.action_mask().any():
        state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert state.steps == 15
    assert state.bound == pytest.approx(5)
    certify(state).verify()


@pytest.mark.parametrize("agent", ["dual-guided", "greedy", "random"])
def test_agents_use_images(agent: str) -> None:
    proof = prove("paley:q=13", agent, max_steps=60, rules=[*RULES])
    proof.verify()
    assert any(isinstance(reason, Renamed) for reason in proof.reasons) or proof.bound > 13 / 3


def test_a_problem_without_symmetries_has_none_but_the_products() -> None:
    state = ProofState(make_problem("frucht"), max_steps=4, rules=RULES)
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert state.num_actions == num_products(state) + 8 * state.capacity
    assert not state.action_mask()[num_products(state) :].any()


def conjugates(problem: Problem, renamed: Problem) -> bool:
    """Whether the generators of the same problem in other words are, in these words and in order, its generators."""
    number = {variable: i for i, variable in enumerate(problem.variables)}
    names = [number[variable] for variable in renamed.variables]
    place = {variable: i for i, variable in enumerate(names)}

    def in_given_words(permutation: Permutation) -> Permutation:
        return tuple(names[permutation[place[i]]] for i in range(len(names)))

    ours = problem.symmetries.generators
    theirs = [in_given_words(permutation) for permutation in renamed.symmetries.generators]
    return any(
        all([order[i] for i in g] == [h[i] for i in order] for g, h in zip(ours, theirs, strict=True))
        for order in permutations(range(len(names)))
        if order in problem.symmetries
    )


@pytest.mark.parametrize("spec", ["cycle:n=6", "complete:n=5", "octahedral", "motzkin", "hamming:d=3,q=2", "whole"])
@pytest.mark.parametrize("seed", range(3))
def test_other_names_change_the_actions_by_a_symmetry_at_most(spec: str, seed: int) -> None:
    problem = whole_numbers() if spec == "whole" else make_problem(spec)
    assert problem.symmetries.generators
    other = relabelled(problem, np.random.default_rng(seed))
    assert len(other.symmetries.generators) == len(problem.symmetries.generators)
    assert conjugates(problem, other)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_random_proofs_hold(seed: int) -> None:
    """Soundness: whatever is derived holds at points of the set, and the checker agrees with the bound."""
    rng = np.random.default_rng(seed)
    problem = PROBLEMS["whole numbers"]()
    proof = prove(problem, "random", max_steps=25, seed=seed, rules="products,constraints,symmetries")
    proof.verify()
    for _ in range(30):
        point = [Fraction(int(k), 4) for k in rng.integers(0, 5, 3)]
        if all(axiom.evaluate(point) >= 0 for axiom in problem.axioms):
            assert all(line.evaluate(point) >= 0 for line in proof.lines)


def proof_with_images() -> polyproof_gym.Proof:
    """A pentagon's edges, all images of one, and their combination: at most 5/2."""
    state = ProofState(make_problem("cycle:n=5"), max_steps=20, rules=RULES)
    state.apply(state.action(Times(1, 1, complement=True)))
    while state.action_mask()[num_products(state) :].any():
        state.apply(num_products(state) + int(np.flatnonzero(state.action_mask()[num_products(state) :])[0]))
    return certify(state)


def test_the_checker_and_the_exports_know_what_comes_out(tmp_path: Path) -> None:
    proof = proof_with_images()
    assert proof.bound == Fraction(5, 2)
    assert sum(isinstance(reason, Renamed) for reason in proof.reasons) == 4
    proof.save(tmp_path / "proof.json")
    polyproof_gym.load_proof(tmp_path / "proof.json").verify()
    assert {type(reason) for reason in proof.reasons} == {Axiom, Times, Renamed}
    for name, write in EXPORTERS.items():
        assert ("renamed" in write(proof)) == (name in ("text", "latex", "html")), name


def test_the_number_of_generators_is_a_setting() -> None:
    for rule in (Renamings(), Renamings(3)):
        (again,) = make_rules(rule.name)
        assert isinstance(again, Renamings)
        assert (again.width, again.name) == (rule.width, rule.name)
    with pytest.raises(BadInput, match="from 1 to 1000 as generators"):
        make_rules("symmetries:generators=0")
    with pytest.raises(BadInput, match="rule symmetries: expected at most 625000 inequalities"):
        ProofState(make_problem("cycle:n=5"), max_steps=10**6, rules=["symmetries"])
    few = ProofState(make_problem("complete:n=6"), max_steps=5, rules=["symmetries:generators=2"])
    assert few.num_actions == 2 * few.capacity


def test_without_the_package_it_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    for make in (lambda: PolyProofEnv("cycle:n=5", rules=RULES), lambda: prove("cycle:n=5", rules=RULES)):
        with pytest.raises(BadInput, match=r"pip install 'polyproof-gym\[symmetry\]'") as caught:
            make()
        assert "\n" not in str(caught.value)


# In the environment --------------------------------------------------------------------------------------------------


def test_all_problems_of_a_generator_have_the_same_actions() -> None:
    env = PolyProofEnv("random-stable-set:n=6", max_steps=6, rules=["products", "symmetries:generators=2"])
    actions = env.capacity * (6 * 2 + 2)
    assert env.action_space == gym.spaces.Discrete(actions)
    counts = set()
    for seed in range(12):
        observation, info = env.reset(seed=seed)
        assert observation["action_mask"].shape == (actions,)
        counts.add(len(env.state.problem.symmetries.generators))
        _, _, _, _, info = env.step(int(np.flatnonzero(info["action_mask"])[-1]))
        assert not info["invalid_action"]
    assert min(counts) < 2 < max(counts)


def test_an_action_beyond_the_generators_is_invalid() -> None:
    env = PolyProofEnv("random-stable-set:n=6", max_steps=6, rules=["symmetries"])
    env.reset(options={"problem": "cycle:n=6"})
    for action in range(8):
        _, reward, _, _, info = env.step(action)
        assert info["invalid_action"]
        assert reward == 0


def test_the_rule_is_a_value_without_a_state() -> None:
    rule = Renamings()
    before = dict(vars(rule))
    for _ in range(2):
        state = ProofState(make_problem("cycle:n=5"), max_steps=5, rules=["products", rule])
        state.apply(int(np.flatnonzero(state.action_mask())[0]))
        state.action_mask()
    assert vars(rule) == before
