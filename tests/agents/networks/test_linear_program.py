from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from agents.baselines import DualGuidedAgent
from agents.networks.features import plain_features
from agents.networks.images import image_rows, random_keys
from agents.networks.linear_program import Solution, estimated, told
from agents.networks.proof_graph import ProofGraph
from polyproof_gym import Problem, make_problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.proofs.estimates import ESTIMATE_ROUNDS, LIMITS
from tests.agents.networks.observations import batch_of, environment, layout_of, observe
from tests.polyproof_gym.envs.helpers import constrained_problem, weighted_stable_set

PROBLEMS: dict[str, Callable[[], str | Problem]] = {
    "petersen": lambda: "petersen",
    "cycle": lambda: "cycle:n=7",
    "random graph": lambda: "random-stable-set:n=12",
    "weighted": weighted_stable_set,
    "caprasse": lambda: "caprasse",
    "constrained": constrained_problem,
}


def _graph(env: PolyProofEnv) -> tuple[dict[str, Tensor], ProofGraph]:
    batch = batch_of(observe(env))
    return batch, ProofGraph.of(batch, layout_of(env), torch.float64)


def _objective(graph: ProofGraph, solution: Solution) -> float:
    return float((graph.objective * solution.moments).sum())


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("steps", [0, 15, 40])
def test_estimates_tend_to_the_optimum_of_the_linear_program(name: str, steps: int) -> None:
    env = environment(PROBLEMS[name](), steps)
    batch, graph = _graph(env)
    solution = estimated(graph, 20000)
    optimum = _objective(graph, told(batch, graph))
    tolerance = 0.01 * (1 + abs(optimum))
    if batch["has_lp_bound"].item():
        assert _objective(graph, solution) == pytest.approx(optimum, abs=tolerance)
    assert graph.sum_over_terms(solution.moments, weighted=True).min() > -tolerance
    assert solution.multipliers.min() >= 0
    assert solution.moments.min() >= LIMITS[0]
    assert solution.moments.max() <= LIMITS[1]
    assert solution.moments[graph.degree == 0].item() == 1


def test_a_few_rounds_suffice_where_many_inequalities_are_known() -> None:
    """What the default number of rounds is for: the objective within a fiftieth, no inequality far from kept."""
    env = environment("random-stable-set:n=12", 0)
    for seed in range(5):
        env.reset(seed=seed)
        for _ in range(30):
            ties = env.state.most_violated()
            if not len(ties):
                break
            env.step(int(ties[-1]))
        batch, graph = _graph(env)
        solution = estimated(graph, ESTIMATE_ROUNDS)
        assert _objective(graph, solution) == pytest.approx(_objective(graph, told(batch, graph)), rel=0.02)
        assert graph.sum_over_terms(solution.moments, weighted=True).min() > -0.15


@pytest.mark.parametrize("spec", ["random-stable-set:n=12", "cycle:n=5", "petersen"])
def test_superseded_inequalities_are_not_needed(spec: str) -> None:
    """Neither where cliques suffice nor where products with new monomials do the work."""
    env = environment(spec, 0)
    agent, rng, any_superseded = DualGuidedAgent(), np.random.default_rng(0), False
    for step in range(40):
        action = agent.act(env.state, rng)
        if action is None:
            break
        env.step(action)
        if step % 5 == 4:
            any_superseded |= _compare_without_superseded(env)
    assert any_superseded


def _compare_without_superseded(env: PolyProofEnv) -> bool:
    """Whether some inequalities are superseded; the linear program must not need them."""
    batch, graph = _graph(env)
    images = image_rows(graph, random_keys(env.num_variables))
    features = plain_features(batch, layout_of(env), graph, images)
    superseded = features.inequality[..., 2] > 0
    solution = estimated(features.uses, 20000)
    assert _objective(graph, solution) == pytest.approx(_objective(graph, told(batch, graph)), abs=0.02)
    assert not solution.multipliers[superseded].any()
    return bool(superseded.any())


def test_what_is_too_long_to_be_extended_is_not_superseded() -> None:
    """A product that the limits refuse is masked out, but not known."""
    env = environment("complete:n=6", 0, max_terms=4)
    agent, rng = DualGuidedAgent(), np.random.default_rng(0)
    while env.state.bound > 2:
        action = agent.act(env.state, rng)
        assert action is not None
        env.step(action)
    assert _compare_without_superseded(env)
    assert env.state.bound == 2  # two cliques of three, which cannot grow


def test_symmetric_variables_have_equal_moments() -> None:
    """The solver's vertex need not have them: it is one of many optimal solutions."""
    _, graph = _graph(environment("cycle:n=7", 0))
    moments = estimated(graph, 40).moments[graph.degree == 1]
    torch.testing.assert_close(moments, torch.full_like(moments, float(moments[0])), rtol=0, atol=1e-12)


@pytest.mark.parametrize("constant", [0, 10, 1000])
def test_estimates_are_those_of_the_proof_whatever_constant_the_objective_has(constant: int) -> None:
    problem = make_problem("random-stable-set:n=12,index=7000")
    env = environment(replace(problem, objective=problem.objective + constant), 30)
    _, graph = _graph(env)
    moments = estimated(graph, ESTIMATE_ROUNDS).moments[0].numpy()
    np.testing.assert_allclose(moments, env.state.estimated_moments(), rtol=0, atol=1e-4)


def test_without_rounds_nothing_is_known() -> None:
    _, graph = _graph(environment("petersen", 10))
    solution = estimated(graph, 0)
    assert not solution.multipliers.any()
    assert set(solution.moments[graph.degree > 0].tolist()) == {0.5}
