from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from agents import Search, make_agent, prove
from agents.planning.auto import AutoAgent
from agents.planning.cases import CasesAgent, CaseSearch
from experiments.executors import make_executor
from polyproof_gym import BadInput, Problem, ProofTree, make_problem, polynomial
from polyproof_gym.proofs import Leaf, ProofState
from tests.agents.planning.workers import Workers


def knapsack() -> Problem:
    return polynomial(
        "60*a + 100*b + 120*c + 80*d + 30*e + 75*f + 90*g + 45*h",
        sense="max",
        boolean="a b c d e f g h",
        constraints=["10*a + 20*b + 30*c + 15*d + 5*e + 12*f + 22*g + 9*h <= 60"],
    )


def two_valleys() -> Problem:
    """A quartic with two minima of different depth, on a box where products alone prove little."""
    return polynomial("(x^2 - 1)^2 + x/10 + 11/100 + (y - x)^2", box=[(-2, 2), (-2, 2)])


def test_boolean_variables_are_split_until_the_rounded_bound_is_optimal() -> None:
    proof = prove(knapsack(), "cases")
    proof.verify()
    assert proof.rounded
    assert proof.bound == proof.problem.incumbent
    assert proof.status == "optimal"


def test_a_bound_without_cases_is_rounded_too() -> None:
    proof = prove(polynomial("x + y + z", boolean="x y z", sense="max", constraints=["2*x + 2*y + 2*z <= 5"]), "cases")
    proof.verify()
    assert proof.num_leaves == 1
    assert proof.bound == 2
    assert proof.status == "optimal"


def test_splits_close_what_squares_leave_open() -> None:
    whole = prove(knapsack(), "squares:degree=2").bound
    proof = prove(knapsack(), "cases:leaves=12")
    proof.verify()
    assert isinstance(proof, ProofTree)
    assert proof.bound < whole
    assert 1 < proof.num_leaves <= 12


def test_a_minimum_is_proved_in_every_case() -> None:
    search = CaseSearch(two_valleys(), np.random.default_rng(0), 60, 20)
    while search.step():
        pass
    tree = search.tree()
    bound = search.root.proof.bound if tree is None else tree.bound
    incumbent = search.root.proof.problem.incumbent
    assert incumbent is not None
    assert incumbent - Fraction(1, 10**5) <= bound <= incumbent


def test_cases_without_points_prove_whatever_is_needed() -> None:
    """Above a split of x nothing satisfies the constraint, so that the bound is that of the case below."""
    problem = polynomial("x - y^2", sense="max", box=[(0, 1000), (0, 1)], constraints=["x^2 + y <= 4"], variables="x y")
    proof = prove(problem, "cases")
    proof.verify()
    assert 2 <= proof.bound <= Fraction(2001, 1000)


BEALE = "(3/2 - x + x*y)^2 + (9/4 - x + x*y^2)^2 + (21/8 - x + x*y^3)^2"


def beale() -> Problem:
    return polynomial(BEALE, box=[(-10, 10)] * 2)


def ex2_1_1() -> Problem:
    """A concave quadratic of MINLPLib."""
    return polynomial(
        "42*a + 44*b + 45*c + 47*d + 95/2*e - 50*(a^2 + b^2 + c^2 + d^2 + e^2)",
        box=[(0, 1)] * 5,
        constraints=["20*a + 12*b + 11*c + 7*d + 4*e <= 40"],
    )


@pytest.mark.parametrize(
    ("problem", "minimum", "most"),
    [
        (beale(), 0, 15),
        (ex2_1_1(), -17, 4),
        (make_problem("schwefel"), 0, 4),
        (make_problem("choi-lam"), 0, 4),
        (make_problem("robinson"), 0, 4),
    ],
    ids=["beale", "ex2_1_1", "schwefel", "choi-lam", "robinson"],
)
def test_few_cases_come_within_a_thousandth(problem: Problem, minimum: int, most: int) -> None:
    proof = prove(problem, "cases:seconds=100", target=minimum - Fraction(1, 1000))
    proof.verify()
    assert proof.status == "proved"
    assert proof.num_leaves <= most


@pytest.mark.parametrize(("problem", "minimum"), [(beale(), 0), (ex2_1_1(), -17)], ids=["beale", "ex2_1_1"])
def test_few_cases_meet_minima(problem: Problem, minimum: int) -> None:
    proof = prove(problem, "cases:seconds=100")
    proof.verify()
    assert proof.bound == minimum
    assert proof.num_leaves <= 20


def pooling() -> Problem:
    """Haverly's third pooling problem, with the quality of the pool as ``q``."""
    return polynomial(
        "-9*x - 15*y + 6*a + 13*b + 10*c + 10*d",
        box={"x": (0, 100), "y": (0, 200), **dict.fromkeys("abcdqvw", (0, 500))},
        constraints=[
            *("a + b == v + w", "x == c + v", "y == d + w"),
            *("q*v + 2*c <= 5/2*x", "q*w + 2*d <= 3/2*y", "q*v + q*w == 3*a + b"),
        ],
    )


def test_with_constraints_minima_at_simple_points_are_met_exactly() -> None:
    """Squares of the problem as a whole come within a millionth, which would do elsewhere."""
    proof = prove(pooling(), "cases:seconds=100")
    proof.verify()
    assert proof.bound == -750
    assert proof.status == "optimal"


def test_the_number_of_cases_is_limited_and_told() -> None:
    agent = CasesAgent(leaves=3)
    assert agent.name == "cases:leaves=3"
    search = Search(knapsack(), agent)
    proof = search.run()
    assert proof.search is not None
    assert proof.search.findings == {"leaves": proof.num_leaves}
    assert proof.num_leaves <= 3
    bounds = proof.search.bounds
    assert list(bounds) == sorted(bounds, reverse=True)  # of a maximum
    assert bounds[-1] == pytest.approx(float(proof.bound))


def test_a_stop_leaves_the_best_bound_so_far() -> None:
    search = Search(knapsack(), "cases")
    moves = []

    def stop_soon(state: ProofState) -> bool:
        moves.append(state.bound)
        return len(moves) < 2

    proof = search.run(stop_soon)
    proof.verify()
    assert proof.search is not None
    assert proof.search.stopped == "interrupted"


@pytest.mark.parametrize("settings", ["seconds=0", "leaves=0", "leaves=-1", "depth=3"])
def test_other_settings_are_refused(settings: str) -> None:
    with pytest.raises(BadInput):
        make_agent(f"cases:{settings}")


def test_the_tree_keeps_a_case_whole_where_its_halves_prove_less() -> None:
    proof = prove(knapsack(), "cases:leaves=6")
    assert isinstance(proof, ProofTree)
    assert all(isinstance(leaf, Leaf) for leaf in proof.leaves())
    values = [case.node.proof(case.case).combination_bound for case in proof.cases()]
    assert proof.combination_bound == max(values)


@pytest.mark.parametrize("max_steps", [0, 5])
def test_steps_do_not_count(max_steps: int) -> None:
    proof = prove("caprasse", "cases:leaves=2", max_steps=max_steps)
    proof.verify()
    assert proof.num_derivations > max_steps
    assert proof.search is not None
    assert proof.search.stopped == "agent"


# Cases that are explored elsewhere ------------------------------------------------------------------------------------


def two_hyperbolas() -> Problem:
    """``st_e08`` of MINLPLib: the minimum lies where two curves cross, and eight cases come near to it."""
    return polynomial("2*x + y", box=[(0, 1)] * 2, variables="x y", constraints=["16*x*y >= 1", "4*x^2 + 4*y^2 >= 1"])


def far_corner() -> Problem:
    """A maximum where two curves cross, on a large box."""
    return polynomial(
        "(x - 1)^2 + y^2",
        sense="max",
        box=[(0, 10000)] * 2,
        constraints=["x^2 + 6*y - 36 <= 0", "-4*x + y^2 - 2*y <= 0"],
    )


@pytest.mark.parametrize("problem", [two_hyperbolas(), far_corner()], ids=["hyperbolas", "corner"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_proof_is_the_same_whoever_explores_the_cases(problem: Problem, count: int) -> None:
    alone = prove(problem, "cases:seconds=1000")
    agent, workers = CasesAgent(seconds=1000), Workers(count)
    agent.work_with(workers)
    proof = prove(problem, agent)
    proof.verify()
    assert alone.num_leaves > 4
    assert proof.to_json() == alone.to_json()
    assert len(workers.tasks) >= 2 * (proof.num_leaves - 1)
    assert len({task.path for task in workers.tasks}) == len(workers.tasks)  # nothing is done twice
    assert proof.search is not None
    assert alone.search is not None
    assert proof.search.bounds == alone.search.bounds


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["processes", pytest.param("ray", marks=pytest.mark.ray)])
def test_sixteen_cases_of_beales_function_are_the_same_with_two_workers(executor: str) -> None:
    problem = polynomial(BEALE, box=[(-10, 40), (-10, 10)])
    alone = prove(problem, "cases:seconds=10000,leaves=16")
    agent = CasesAgent(seconds=10000, leaves=16)
    with make_executor(executor, 2) as workers:
        agent.work_with(workers.outcomes)
        shared = prove(problem, agent)
    assert shared.search is not None
    assert shared.search.findings == {"leaves": 16}
    assert shared.to_file() == alone.to_file()


def test_auto_has_its_cases_explored_as_well() -> None:
    agent, workers = AutoAgent(seconds=20), Workers(3)
    agent.work_with(workers)
    proof = prove(far_corner(), agent)
    proof.verify()
    assert proof.status == "optimal"
    assert len(workers.tasks) >= 2 * (proof.num_leaves - 1) > 0


def test_one_worker_explores_no_more_than_is_needed() -> None:
    agent, workers = CasesAgent(seconds=1000), Workers(1)
    agent.work_with(workers)
    proof = prove(two_hyperbolas(), agent)
    assert len(workers.tasks) == 2 * (proof.num_leaves - 1)


@pytest.mark.parametrize("last", [0, 1, 5])
def test_workers_that_are_gone_leave_the_best_proof_so_far(last: int) -> None:
    agent = CasesAgent(seconds=1000)
    agent.work_with(Workers(2, last))
    proof = prove(two_hyperbolas(), agent)
    proof.verify()
    assert proof.num_leaves == last // 2 + 1
    assert proof.bound <= prove(two_hyperbolas(), "cases:seconds=1000").bound


def test_the_search_goes_on_where_it_was_left() -> None:
    """What is explored beforehand counts later, and as few cases as are asked for are split."""
    search = CaseSearch(two_hyperbolas(), np.random.default_rng(0), 1000, 6, run_tasks=Workers(4))
    leaves = [search.num_leaves]
    while search.step():
        leaves.append(search.num_leaves)
    assert leaves == [1, 2, 3, 4, 5, 6]
