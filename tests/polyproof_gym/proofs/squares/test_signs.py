from __future__ import annotations

from polyproof_gym import Problem, make_problem, polynomial
from polyproof_gym.proofs.squares import Coordinates, Localisers


def sizes(problem: Problem, degree: int) -> list[tuple[tuple[int, ...], int]]:
    """The axioms of every block's localiser, and the number of its monomials."""
    localisers = Localisers(Coordinates(problem.ring), problem.minimised, problem.axioms)
    blocks, _ = localisers.blocks(degree, [tuple(range(problem.num_variables))])
    return [(block.axioms, len(block.basis)) for block in blocks]


def on_box(text: str, **settings: object) -> Problem:
    return polynomial(text, box=[(-1, 1)] * 2, variables=["x", "y"], **settings)  # type: ignore[arg-type]


def test_monomials_that_change_their_signs_alike_stay_together() -> None:
    found = sizes(on_box("x^4 + y^4 - x*y"), 4)
    assert [size for axioms, size in found if not axioms] == [4, 2]  # 1, x^2, x*y, y^2; and x, y
    assert [size for axioms, size in found if len(axioms) == 2 and axioms[0] // 2 == axioms[1] // 2] == [1, 2] * 2


def test_localisers_that_change_keep_all_monomials_that_they_bring_together() -> None:
    found = sizes(on_box("x^4 + y^4"), 4)
    assert [size for axioms, size in found if not axioms] == [3, 1, 1, 1]
    assert [size for axioms, size in found if len(axioms) == 1] == [2, 1] * 4  # 1 and x times 1 + x; y alone


def test_constraints_must_stay_the_same_and_equations_but_for_their_sign() -> None:
    assert [size for axioms, size in sizes(on_box("x^2 + y^2", constraints=["x + y >= 1"]), 2) if not axioms] == [3]
    equation = on_box("x^2 + y^2", constraints=["x^2*y == y^3"])
    assert [size for axioms, size in sizes(equation, 4) if not axioms] == [3, 1, 1, 1]


def test_boolean_variables_may_change_all_at_once_in_a_cut() -> None:
    cut = polynomial("a + b - 2*a*b + b + c - 2*b*c", boolean=["a", "b", "c"], sense="max")
    assert [size for axioms, size in sizes(cut, 2) if not axioms] == [1, 3]


def test_exclusive_variables_have_no_signs() -> None:
    assert [size for axioms, size in sizes(make_problem("cycle:n=5"), 2) if not axioms] == [6]
