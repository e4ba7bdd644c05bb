from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput, ProofState, make_problem, polynomial
from polyproof_gym.problems.cases import Split
from polyproof_gym.proofs import FEATURES, Times
from polyproof_gym.proofs.rules import Splits, make_rules
from tests.polyproof_gym.envs.helpers import mixed_problem


def test_a_split_is_an_action_for_every_variable() -> None:
    state = ProofState(mixed_problem(), max_steps=3, rules=["products", "splits"])
    splits = [state.split_action(i) for i in range(3)]
    first = state.num_actions - 3
    assert splits == [first, first + 1, first + 2]
    assert [state.split_variable(action) for action in range(first - 1, first + 3)] == [None, 0, 1, 2]
    assert state.action_mask()[first:].all()
    assert state.find_action(Times(0, 0, False)) == 0
    assert state.split_action(3) is None


def test_without_the_rule_nothing_is_split() -> None:
    state = ProofState(mixed_problem(), max_steps=3)
    assert state.split_action(0) is None
    assert all(state.split_variable(action) is None for action in range(-1, state.num_actions + 3))


def test_a_split_that_is_chosen_ends_the_proof_as_a_whole() -> None:
    state = ProofState(mixed_problem(), max_steps=3, rules=["products", "splits"])
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert state.chosen_split is None
    action, lines = state.split_action(2), len(state.memory)
    assert action is not None
    assert state.apply(action) == lines - 1
    assert state.chosen_split == Split(2, 0)
    assert (len(state.memory), state.steps_left) == (lines, 0)
    assert not state.action_mask().any()
    for other in (0, action):
        with pytest.raises(ValueError, match="not valid"):
            state.apply(other)


def test_splits_may_be_forbidden() -> None:
    state = ProofState(mixed_problem(), max_steps=3, rules=["splits", "products"])
    state.forbid_splits()
    assert not state.action_mask()[:3].any()
    assert state.action_mask()[3:].any()
    with pytest.raises(ValueError, match="not valid"):
        state.apply(1)
    assert not state.widened(state.limits).action_mask()[:3].any()
    alone = ProofState(mixed_problem(), rules=["splits"])
    alone.forbid_splits()
    assert alone.limits_that_exclude() == ()


def test_a_split_derives_nothing() -> None:
    state = ProofState(mixed_problem(), max_steps=3, rules=["splits", "products"])
    splits = np.arange(3)
    assert not state.expectations()[:3].any()
    assert not state.closed()[:3].any()
    assert not state.absent_shares(splits).any()
    assert all(not values.any() for values in state.extents(splits))
    assert not state.features(splits).any()
    assert state.features(splits).shape == (3, len(FEATURES))
    assert not set(splits.tolist()) & set(state.most_violated().tolist())
    for ask in (state.reason, state.conclusion):
        with pytest.raises(ValueError, match="derives nothing"):
            ask(1)
    state.forbid_splits()
    for of_actions in (state.absent_shares, state.extents, state.features):
        with pytest.raises(ValueError, match="not valid"):
            of_actions(splits)


@pytest.mark.parametrize(
    ("text", "box", "integer", "expected"),
    [
        # Where the pseudo-moments lie, or rather, near it with a small denominator and not near the ends.
        ("x^2 - x", [(-1, 1)], [], None),
        ("x", [(0, 1)], [], Split(0, Fraction(1, 4))),
        ("-x", [(0, 100)], [], Split(0, 80)),
        ("a^2 - 5*a", [(0, 9)], ["a"], None),
        ("-a", [(0, 9)], ["a"], Split(0, 8)),
    ],
)
def test_where_a_variable_is_split(
    text: str, box: list[tuple[int, int]], integer: list[str], expected: Split | None
) -> None:
    state = ProofState(polynomial(text, box=box, integer=integer), rules=["splits"])
    state.apply(0)
    split = state.chosen_split
    assert split is not None
    assert expected is None or split == expected
    low, high = box[0]
    if integer:
        assert isinstance(split.value, int)
        assert low <= split.value < high
    else:
        assert low < split.value < high


def test_what_cannot_be_split_is_masked() -> None:
    tiny = polynomial("x + 10^12*y", box={"x": (0, 1), "y": (1, "1000000000001/1000000000000")}, variables="x y")
    assert ProofState(tiny, rules=["splits"]).action_mask().tolist() == [True, False]
    state = ProofState(make_problem("cycle:n=5"), num_variables=7, rules=["splits"])
    assert state.action_mask().tolist() == [True] * 5 + [False] * 2


@pytest.mark.parametrize("name", ["splits", "splits:leaves=7"])
def test_the_name_makes_the_rule_again(name: str) -> None:
    (rule,) = make_rules(name)
    assert rule.name == name


@pytest.mark.parametrize("leaves", [1, 257, "3", 2.5, True])
def test_limits_that_cannot_be_are_bad_input(leaves: int) -> None:
    with pytest.raises(BadInput, match="leaves of splits"):
        Splits(leaves)
