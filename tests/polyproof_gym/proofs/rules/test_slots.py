from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

import polyproof_gym
from polyproof_gym import BadInput, ProofState
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs import Reason, Square, Times
from polyproof_gym.proofs.rules import Oracle, SlotRule
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import assert_follows_from_reasons, distances


class Lists(SlotRule[Reason]):
    """Fills the slots from one list after the other, and remembers what moments it was asked with."""

    name = "lists"

    def __init__(self, slots: int, lists: Sequence[Sequence[Reason]]) -> None:
        super().__init__(slots)
        self._lists = tuple(map(tuple, lists))

    def goals(self, moments: NDArray[np.float64]) -> Iterable[Reason]:
        first, *self._lists = self._lists or ((),)  # type: ignore[assignment]
        return first

    def next_step(self, goal: Reason) -> Reason:
        return goal

    def is_last(self, reason: Reason) -> bool:
        return isinstance(reason, Square)


def squares() -> tuple[Square, Square, Square]:
    ring = distances().ring
    x, y, z = (Polynomial.variable(ring, i) for i in range(3))
    return Square(x - y), Square(y - z), Square(x - z)


def test_slots_hold_the_first_goals_that_may_be_derived() -> None:
    xy, yz, xz = squares()
    known, zero = Times(0, 0, complement=True), Square(Polynomial(distances().ring, {}))
    state = ProofState(distances(), max_steps=9, rules=[Lists(2, [[zero, xy, yz, xz]])])
    state.derive(known)
    assert state.num_actions == state.num_slots == 2
    assert [state.reason(k) for k in range(2)] == [xy, yz]
    assert state.action_mask().all()
    assert state.find_action(yz) == 1
    assert state.find_action(xz) is None
    assert_follows_from_reasons(state, range(2), np.random.default_rng(0))


def test_slots_are_filled_anew_when_none_is_of_use() -> None:
    xy, yz, xz = squares()
    state = ProofState(distances(), max_steps=9, rules=[Lists(2, [[xy, yz], [xz], []])])
    state.apply(0)
    assert not state.action_mask()[0]
    assert state.reason(1) == yz
    state.apply(1)
    assert state.bound == pytest.approx(0, abs=1e-9)
    assert state.reason(0) == xz
    with pytest.raises(IndexError):
        state.reason(1)
    assert state.action_mask().tolist() == [True, False]


def test_a_step_that_prepares_for_its_goal_is_of_use_though_nothing_violates_it() -> None:
    xy, yz, _ = squares()
    state = ProofState(distances(), max_steps=9, rules=[Lists(2, [[Times(0, 1, complement=False), xy], [yz]])])
    state.apply(1)
    assert state.reason(0) == Times(0, 1, complement=False)
    assert state.action_mask().tolist() == [True, False]


def test_copies_fill_their_own_slots() -> None:
    xy, yz, xz = squares()
    state = ProofState(distances(), max_steps=9, rules=[Lists(1, [[xy], [yz], [xz]])])
    assert state.reason(0) == xy
    twin = copy.deepcopy(state)
    twin.apply(0)
    assert twin.reason(0) == yz
    assert state.reason(0) == xy
    assert isinstance(Lists(1, []).open(state._blocks._view), Oracle)


@pytest.mark.parametrize("slots", [0, -1, 10**6, 1.5, True])
def test_the_number_of_slots_is_checked(slots: int) -> None:
    with pytest.raises(BadInput, match="as slots"):
        Lists(slots, [])


def test_empty_slots_are_not_valid() -> None:
    state = ProofState(polyproof_gym.polynomial("x", box="unit"), max_steps=3, rules=["products", Lists(3, [])])
    assert not state.action_mask()[-3:].any()
    assert [*state.slot_terms()] == []
    assert state.expectations()[-3:].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="not valid"):
        state.apply(state.num_actions - 1)
