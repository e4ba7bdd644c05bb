from polyproof_gym import ProofState, make_problem, polynomial
from polyproof_gym.polynomials import ONE, Polynomial
from polyproof_gym.proofs import Square, Times, TimesLine
from polyproof_gym.proofs.squares import Block, Coordinates, Localisers
from polyproof_gym.proofs.squares.deriving import SquareDeriver


def test_a_localiser_is_derived_once_and_shared() -> None:
    problem = make_problem("motzkin")
    deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
    u, v = (Polynomial.variable(problem.ring, i) for i in range(2))
    block = Block((0, 1), u * (1 - u), (ONE, (0,)))
    deriver.derive(block, u - v)
    deriver.derive(block, u + v)
    deriver.derive(block, u + v)
    memory = deriver.state.memory
    assert [*map(type, memory.reasons[4:])] == [Times, Square, Square]
    assert deriver.num_squares == 2
    assert memory[5] == (u - v) ** 2 * u * (1 - u)


def test_a_localiser_alone_is_derived_without_a_square() -> None:
    problem = polynomial("x + y", box=[(0, 1)] * 2, variables=["x", "y"], constraints=["x + y >= 1/2", "x >= y"])
    deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
    product = problem.axioms[4] * problem.axioms[5]
    deriver.derive(Block((4, 5), product, (ONE,)), Polynomial.constant(problem.ring, 1))
    assert deriver.state.memory.reasons[-1] == TimesLine(4, 5)
    assert deriver.num_squares == 0


def test_what_is_zero_is_left_out() -> None:
    problem = make_problem("cycle:n=5")
    i, j = sorted(problem.ring.exclusive)[0]
    deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
    before = len(deriver.state.memory)
    u = Polynomial.variable(problem.ring, i)
    deriver.derive(Block((problem.axioms.index(u),), u, (ONE, (j,))), Polynomial.variable(problem.ring, j))
    assert len(deriver.state.memory) == before


def test_equations_are_multiplied_by_monomials_with_either_sign() -> None:
    problem = polynomial("x*y", box=[(0, 1)] * 2, variables=["x", "y"], constraints=["x + y == 1"])
    coordinates = Coordinates(problem.ring)
    _, equations = Localisers(coordinates, problem.minimised, problem.axioms).blocks(2, [(0, 1)])
    deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
    deriver.derive_equations(equations)
    memory = deriver.state.memory
    assert len(memory) == 6 + 4
    assert all(-memory[k] in memory for k in range(4, len(memory)))
