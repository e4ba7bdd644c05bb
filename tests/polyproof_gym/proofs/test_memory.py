import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import ONE, Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, Memory, ProofState, Times
from tests.polyproof_gym.envs.helpers import exact_terms, multiply
from tests.polyproof_gym.polynomials.strategies import polynomials, rings

FREE = Ring(["x", "y"])
X, Y = (Polynomial.variable(FREE, i) for i in range(2))


def memory_of(*axioms: Polynomial, objective: Polynomial = X * Y) -> Memory:
    memory = Memory(axioms[0].ring if axioms else objective.ring, objective)
    for index, axiom in enumerate(axioms):
        memory.add(Axiom(index, axiom))
    return memory


def stored(memory: Memory, number: int) -> dict[tuple[int, ...], float]:
    """The float view of one column, multiplied by its scale."""
    rows, values = memory.column(number)
    return {memory.monomials[row]: value * memory.scales[number] for row, value in zip(rows, values, strict=True)}


def test_adding_gives_numbers_in_order() -> None:
    memory = Memory(FREE, X * Y)
    assert [memory.add(Axiom(i, p)) for i, p in enumerate([X, 1 - X, Y, 1 - Y])] == [0, 1, 2, 3]
    assert memory.add(Times(0, 1, complement=False)) == 4
    assert memory[4] == X * Y
    assert len(memory) == 5


def test_nothing_is_stored_twice() -> None:
    memory = memory_of(X, Y)
    number = memory.add(Times(0, 1, complement=False))
    assert memory.add(Times(1, 0, complement=False)) == number
    assert memory.add(Axiom(7, X)) == 0
    assert len(memory) == len(memory.reasons) == len(memory.scales) == 3
    assert memory.reasons[number] == Times(0, 1, complement=False)


def test_zero_is_refused_and_changes_nothing() -> None:
    ring = Ring(["x", "y"], idempotent=[0], exclusive=[(0, 1)])
    x = Polynomial.variable(ring, 0)
    memory = memory_of(x, objective=x)
    for reason in (Times(0, 0, complement=True), Times(0, 1, complement=False), Axiom(1, Polynomial(ring, {}))):
        with pytest.raises(ValueError, match="0 >= 0"):
            memory.add(reason)
    assert len(memory) == 1
    assert memory.starts.tolist() == [0, 1]


@pytest.mark.parametrize("coefficient", [Fraction(1, 2), 0.5, np.int64(3), np.float64(2.0)])
def test_coefficients_that_are_not_whole_numbers_are_refused(coefficient: Any) -> None:
    memory = memory_of(X)
    with pytest.raises(ValueError, match="type int"):
        memory.add(Axiom(1, Polynomial(FREE, {(0,): coefficient, (1,): 1, (1, 1): 1})))
    assert len(memory) == 1
    assert (1, 1) not in memory.row_of


def test_the_first_rows_are_one_and_the_monomials_of_the_objective() -> None:
    memory = Memory(FREE, X * Y * Y - 3 * X + 5)
    assert memory.monomials[0] == ONE
    assert set(memory.monomials) == {ONE, (0,), (0, 1, 1)}


def test_membership() -> None:
    memory = memory_of(X, 1 - X)
    assert X in memory
    assert Y not in memory
    assert memory.number_of(1 - X) == 1
    assert memory.number_of(2 * X) is None


def test_a_copy_is_independent_and_shares_what_never_changes() -> None:
    memory = memory_of(X, 1 - X, Y)
    twin = copy.deepcopy(memory)
    assert twin.add(Times(0, 0, complement=True)) == memory.add(Times(2, 1, complement=True)) == 3
    assert twin[3] == X - X * X
    assert memory[3] == Y - Y * Y
    assert (0, 0) in twin.row_of
    assert (0, 0) not in memory.row_of
    assert stored(twin, 3) == {(0,): 1.0, (0, 0): -1.0}
    assert stored(memory, 3) == {(1,): 1.0, (1, 1): -1.0}
    assert [twin.number_of(p) for p in (X - X * X, Y - Y * Y)] == [3, None]
    assert [memory.number_of(p) for p in (X - X * X, Y - Y * Y)] == [None, 3]
    assert twin[0] is memory[0]
    assert twin.reasons[0] is memory.reasons[0]


def test_ancestors_are_the_inequalities_and_all_they_follow_from() -> None:
    memory = memory_of(X, 1 - X, Y)
    first = memory.add(Times(0, 1, complement=True))
    other = memory.add(Times(1, 1, complement=True))
    second = memory.add(Times(first, 0, complement=True))
    assert memory.ancestors([second]) == [0, first, second]
    assert memory.ancestors([other, 2]) == [1, 2, other]
    assert memory.ancestors([second, first, 1]) == [0, 1, first, second]
    assert memory.ancestors([]) == []


def test_huge_coefficients_do_not_overflow() -> None:
    huge = 10**400
    memory = Memory(FREE, X)
    number = memory.add(Axiom(0, (10**300) * X + (10**299) * Y - 7))
    rows, values = memory.column(number)
    assert dict(zip((memory.monomials[row] for row in rows), values, strict=True)) == {
        (0,): 1.0,
        (1,): 0.1,
        ONE: pytest.approx(-7e-300),
    }
    number = memory.add(Axiom(1, Polynomial(FREE, {(0,): huge, (1,): -huge // 10})))
    assert memory.column(number)[1].tolist() == [1.0, -0.1]


def test_coefficients_near_two_to_the_power_of_sixty_four_stay_apart() -> None:
    memory = memory_of(X - 2**64, X - 2**64 - 1, 2**64 * X, objective=X)
    assert len(memory) == 3
    assert memory.number_of(X - 2**64 - 1) == 1
    assert X not in memory


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_columns_are_the_exact_polynomials_in_floats(data: st.DataObject) -> None:
    ring = data.draw(rings())
    memory = Memory(ring, data.draw(polynomials(ring)))
    added: dict[Polynomial, int] = {}
    for index, drawn in enumerate(data.draw(st.lists(polynomials(ring), max_size=6))):
        polynomial = drawn.primitive()
        if polynomial:
            number = memory.add(Axiom(index, polynomial))
            assert added.setdefault(polynomial, number) == number
    assert sorted(added.values()) == list(range(len(memory)))
    assert len(set(memory.monomials)) == len(memory.monomials)
    assert all(memory.monomials[row] == monomial for monomial, row in memory.row_of.items())
    for polynomial, number in added.items():
        assert memory[number] == polynomial
        exact = exact_terms(polynomial)
        assert memory.scales[number] == pytest.approx(float(max(map(abs, exact.values()))))
        assert np.abs(memory.column(number)[1]).max() == 1.0
        assert stored(memory, number) == pytest.approx({m: float(c) for m, c in exact.items()})


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_conclusions_are_the_products(data: st.DataObject) -> None:
    ring = data.draw(rings())
    memory = Memory(ring, Polynomial.constant(ring, 1))
    parent = data.draw(polynomials(ring).filter(bool)).primitive()
    memory.add(Axiom(0, parent))
    for i in range(ring.num_variables):
        for complement in (False, True):
            product = memory.conclusion(Times(0, i, complement))
            assert exact_terms(product) == multiply(exact_terms(parent), ring, i, complement)


def test_the_matrix_has_the_columns_one_after_the_other() -> None:
    state = ProofState(make_problem("caprasse"))
    rng = np.random.default_rng(0)
    for _ in range(40):
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    memory = state.memory
    assert memory.starts[0] == 0
    assert memory.starts[-1] == len(memory.rows) == len(memory.values)
    for number in range(len(memory)):
        begin, end = memory.starts[number : number + 2]
        rows, values = memory.column(number)
        assert memory.rows[begin:end].tolist() == rows.tolist()
        assert memory.values[begin:end].tolist() == values.tolist()
        assert len(rows) == len(memory[number])


def test_reasons_describe_and_renumber_themselves() -> None:
    ring = Ring(["a", "b"])
    product = Times(3, 1, complement=True)
    assert "b" in product.describe(ring)
    assert "3" in product.describe(ring)
    assert product.describe(ring) != Times(3, 1, complement=False).describe(ring)
    assert product.renumbered({3: 8}) == Times(8, 1, complement=True)
    assert product.parents == (3,)
    axiom = Axiom(5, Polynomial.variable(ring, 0))
    assert axiom.renumbered({}) == axiom
    assert axiom.parents == ()
    assert "5" in axiom.describe(ring)


def test_coefficients_beyond_the_range_of_floats_can_be_stored() -> None:
    memory = Memory(FREE, X)
    number = memory.add(Axiom(0, 10**400 * X - 1))
    assert memory.column(number)[1].tolist()[0] == 1.0
