"""Reasons: what they establish, and that the checker establishes the same from what a proof file says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import InvalidProof, Problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import make_problem
from polyproof_gym.problems.json_form import problem_to_json
from polyproof_gym.proofs import Gap, ProofState, Reason, Renamed, Square, Times, TimesLine, certify, checker
from polyproof_gym.proofs.reasons import reason_from_json
from tests.flat import load_flat

PROBLEMS = ("motzkin", "petersen", "random-polynomial:n=3,degree=2,terms=6,boolean=1", "integer")

SYMMETRIES = {"motzkin": (1, 0), "petersen": (1, 2, 3, 4, 0, 6, 7, 8, 9, 5)}
"""A permutation of the variables that maps the problem to itself."""


def problem_of(spec: str) -> Problem:
    if spec == "integer":
        return polynomial("a*b - t", box={"a": (-3, 4), "b": (2, 12), "t": (0, "1/2")}, integer=["a", "b"])
    return make_problem(spec)


def roots(problem: Problem) -> st.SearchStrategy[Polynomial]:
    """Polynomials with whole coefficients."""
    variables = st.lists(st.integers(0, problem.num_variables - 1), max_size=3)
    terms = st.lists(st.tuples(variables, st.integers(-(10**7), 10**7)), max_size=4)
    return terms.map(lambda given: Polynomial.of(problem.ring, given))


def reasons(problem: Problem, known: int, symmetry: tuple[int, ...] | None = None) -> st.SearchStrategy[Reason]:
    """Reasons that fit a memory with so many inequalities."""
    line = st.integers(0, known - 1)
    return st.one_of(
        st.builds(Times, line, st.integers(0, problem.num_variables - 1), st.booleans()),
        st.builds(TimesLine, line, line),
        st.builds(Square, roots(problem), st.none() | line),
        *(st.builds(Gap.of, st.just(problem), st.just(i), st.integers(-20, 20)) for i in sorted(problem.integer)),
        *([st.builds(Renamed, line, st.just(symmetry))] if symmetry else []),
    )


@pytest.mark.parametrize("spec", PROBLEMS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_checker_derives_what_the_reasons_do(spec: str, data: st.DataObject) -> None:
    problem = problem_of(spec)
    axioms = [f"axiom {k}" for k in range(len(problem.axioms))]
    lines = list(problem.axioms)
    texts: list[str] = []
    for _ in range(data.draw(st.integers(1, 5))):
        reason = data.draw(reasons(problem, len(lines), SYMMETRIES.get(spec)))
        text = reason.to_json()
        assert reason_from_json(text, problem) == reason
        lines.append(reason.conclude(problem.ring, [lines[parent] for parent in reason.parents]))
        texts.append(text)
    replayed = checker._Problem(json.loads(json.dumps(problem_to_json(problem, 2))), checker.MAX_WORK, 2)
    replayed.replay(axioms + texts, 2)
    assert list(replayed.lines.values()) == [dict(line.terms) for line in lines]


def test_version_1_has_products_with_variables_only() -> None:
    problem = make_problem("motzkin")
    state = ProofState(problem)
    state.derive(Times(0, 1, complement=True))
    assert certify(state).to_json()["version"] == 1
    for text in ("times line 0 of line 0", "square 1*x_0", "square 1*x_0 times line 0", "line 0 renamed by (0 1)"):
        for version in (1, 2):
            replayed = checker._Problem(problem_to_json(problem, version), checker.MAX_WORK, version)
            if version == 1:
                with pytest.raises(checker.Rejected, match="line 1: expected a reason"):
                    replayed.replay(["axiom 0", text], version)
            else:
                replayed.replay(["axiom 0", text], version)


def test_a_proof_with_squares_is_read_as_it_was_written(tmp_path: Path) -> None:
    problem = make_problem("random-polynomial:n=2,degree=2,terms=5")
    state = ProofState(problem)
    x, y = (Polynomial.variable(problem.ring, i) for i in range(2))
    state.derive(Square(x - 2 * y, 0))
    state.derive(Square(3 * x * x - 2))
    state.derive(TimesLine(len(state.memory) - 1, 1))
    proof = certify(state)
    proof.save(tmp_path / "proof.json")
    again = load_flat(tmp_path / "proof.json")
    assert (again.reasons, again.bound) == (proof.reasons, proof.bound)


def test_gaps_are_of_integer_variables() -> None:
    problem = problem_of("integer")
    Gap.of(problem, 0, -2).require(problem)
    for gap in (Gap(2, 0, (0, 1)), Gap(0, 1, (0, 4)), Gap(7, 0, (0, 1))):
        with pytest.raises(InvalidProof, match=f"variable {gap.variable} may have values between whole numbers"):
            gap.require(problem)
    for text in ("gap 0 of x_2", "gap 0 of x_9", "gap of x_0", "gap 1/2 of x_0", "gap 0 of line 0"):
        with pytest.raises(InvalidProof):
            reason_from_json(text, problem)


@pytest.mark.parametrize(
    "text",
    ["", "square", "square ", "square x_0", "square 1*x_0 +1", "square 1*x_9", "square 1 times line -1", "axiom 99"],
)
def test_what_is_no_reason_is_refused(text: str) -> None:
    with pytest.raises(InvalidProof):
        reason_from_json(text, make_problem("motzkin"))


@pytest.mark.parametrize("sign", ["- ", "+ -", "- -", "+ +", "+ - ", "-"])
def test_terms_of_a_square_have_one_sign_for_both_readers(sign: str) -> None:
    problem = make_problem("motzkin")
    text = f"square -1*x_0 {sign}2*x_1"
    alone = checker._Problem(problem_to_json(problem, 2), checker.MAX_WORK, 2)
    if sign in ("- ", "+ -"):
        x, y = (Polynomial.variable(problem.ring, i) for i in range(2))
        alone.replay([text], 2)
        assert alone.lines[0] == dict(((x + y * 2) * (x + y * 2)).terms)
        assert reason_from_json(text, problem) == Square(-(x + y * 2))
    else:
        with pytest.raises(checker.Rejected, match="expected"):
            alone.replay([text], 2)
        with pytest.raises(InvalidProof):
            reason_from_json(text, problem)


def test_roots_have_whole_coefficients_in_the_ring_of_the_problem() -> None:
    problem, other = make_problem("motzkin"), make_problem("petersen")
    x = Polynomial.variable(problem.ring, 0)
    Square(x - 1).require(problem)
    for root in (x * Fraction(1, 2), Polynomial.variable(other.ring, 0)):
        with pytest.raises(InvalidProof, match="whole coefficients"):
            Square(root).require(problem)
