from polyproof_gym import make_problem, polynomial
from polyproof_gym.proofs.squares import cliques


def test_a_chain_has_the_cliques_of_neighbours() -> None:
    problem = polynomial("x1*x2 + x2*x3 + x3*x4", box=[(0, 1)] * 4)
    assert cliques(problem.minimised, []) == [(0, 1), (1, 2), (2, 3)]


def test_cycles_are_made_chordal() -> None:
    problem = polynomial("x1*x2 + x2*x3 + x3*x4 + x4*x1", box=[(0, 1)] * 4)
    found = cliques(problem.minimised, [])
    assert sorted(map(len, found)) == [3, 3]
    assert {i for clique in found for i in clique} == {0, 1, 2, 3}


def test_variables_of_one_constraint_belong_together() -> None:
    problem = polynomial("x1 + x2 + x3", box=[(0, 1)] * 3)
    assert cliques(problem.minimised, [frozenset({0, 2})]) == [(0, 2), (1,)]


def test_dense_problems_have_one_clique() -> None:
    assert cliques(make_problem("choi-lam").minimised, []) == [(0, 1, 2)]
