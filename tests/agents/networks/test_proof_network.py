from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from agents.networks import FeatureSet, ObservationLayout, ProofNetwork, Start
from agents.networks.features import expectations, plain_features
from agents.networks.images import ABSENT, ZERO, image_rows, random_keys
from agents.networks.proof_graph import ProofGraph
from agents.networks.proof_network import FAR
from agents.scoring import Scorer, ScoringAgent, prior_weights, shortlist
from agents.scoring.candidates import scarcity
from agents.scoring.observation import CandidateObservations
from agents.scoring.scorer import SHAPE
from polyproof_gym import BadInput, Problem
from polyproof_gym.envs import PolyProofEnv
from tests.agents.networks.observations import batch_of, environment, layout_of, observe, permuted
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, weighted_stable_set

PROBLEMS: dict[str, Callable[[], str | Problem]] = {
    "petersen": lambda: "petersen",
    "random graphs": lambda: "random-stable-set:n_min=4,n_max=12",
    "weighted": weighted_stable_set,
    "caprasse": lambda: "caprasse",
    "constrained": constrained_problem,
    "mixed": mixed_problem,
}
every_problem = pytest.mark.parametrize("name", PROBLEMS)
both_feature_sets = pytest.mark.parametrize("features", ["dual", "paper"])


def _network(layout: ObservationLayout, features: FeatureSet = "dual") -> ProofNetwork:
    torch.manual_seed(0)
    return ProofNetwork(layout, features=features).double()


def _graph(env: PolyProofEnv) -> tuple[dict[str, Tensor], ProofGraph, Tensor]:
    """The present observation as tensors and as a graph, and what multiplications make of its monomials."""
    batch = batch_of(observe(env))
    graph = ProofGraph.of(batch, layout_of(env), torch.float64)
    return batch, graph, image_rows(graph, random_keys(env.num_variables))


@torch.no_grad()
def _outputs(network: ProofNetwork, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    scores, values = network(batch)
    return scores, values


# What the network is told ---------------------------------------------------------------------------------------------


@every_problem
def test_images_are_the_products_in_the_ring(name: str) -> None:
    env = environment(PROBLEMS[name]())
    _, _, images = _graph(env)
    memory, ring = env.state.memory, env.state.problem.ring
    for row, monomial in enumerate(memory.monomials):
        for i in range(ring.num_variables):
            product = ring.times(monomial, i)
            expected = ZERO if product is None else memory.row_of.get(product, ABSENT)
            assert images[0, row, i] == expected


@every_problem
@pytest.mark.parametrize("steps", [0, 10, 40])
def test_expectations_are_those_of_the_proof_state(name: str, steps: int) -> None:
    env = environment(PROBLEMS[name](), steps)
    batch, graph, images = _graph(env)
    moments = batch["pseudo_moments"][:, : graph.has_monomial.shape[1]].double()
    of_products = expectations(moments, graph, images).of_products
    valid = env.action_masks()
    ours = np.zeros(len(valid))
    ours[: of_products.numel()] = of_products.flatten()
    tolerance = 1e-5 * (1.0 + float(moments.abs().max()))
    np.testing.assert_allclose(ours[valid], env.state.expectations()[valid], atol=tolerance)


@every_problem
def test_product_features_tell_what_becomes_of_the_terms(name: str) -> None:
    env = environment(PROBLEMS[name]())
    batch, graph, images = _graph(env)
    product = plain_features(batch, layout_of(env), graph, images).product[0]
    memory, ring = env.state.memory, env.state.problem.ring
    variables = range(ring.num_variables)

    def extends(j: int, i: int) -> bool:
        others = [monomial for monomial in memory[j].terms if monomial]
        return bool(others) and all(ring.times(monomial, i) is None for monomial in others)

    for j in range(len(memory)):
        monomials = list(memory[j].terms)
        for i in variables:
            after = [ring.times(monomial, i) for monomial in monomials]
            expected: list[float] = [
                after.count(None) / len(after),
                sum(image is not None and image not in memory.row_of for image in after) / len(after),
                sum(i in monomial for monomial in monomials) / len(after),
                max(len(image) if image is not None else 0 for image in after),
                math.log(len(after)),
                extends(j, i),
                extends(j, i) and math.log1p(sum(extends(j, k) and ring.times((k,), i) is None for k in variables)),
                all(image is None or image in memory.row_of for image in after),
            ]
            np.testing.assert_allclose(product[j, i], expected, atol=1e-12)


@every_problem
def test_paper_features_use_nothing_of_the_linear_program(name: str) -> None:
    env = environment(PROBLEMS[name]())
    batch = batch_of(observe(env))
    network = _network(layout_of(env), "paper")
    rng = torch.Generator().manual_seed(0)
    changed = dict(batch)
    for key in ("multipliers", "pseudo_moments"):
        changed[key] = torch.randn(batch[key].shape, generator=rng)
    changed["has_lp_bound"] = 1 - batch["has_lp_bound"]
    for one, other in zip(_outputs(network, batch), _outputs(network, changed), strict=True):
        assert torch.equal(one, other)
    dual = _network(layout_of(env), "dual")
    assert not torch.allclose(_outputs(dual, batch)[0], _outputs(dual, changed)[0])


def test_paper_features_need_no_entries_of_the_linear_program() -> None:
    with_lp, without = (environment("petersen", lp_features=lp) for lp in (True, False))
    expected = _outputs(_network(layout_of(with_lp), "paper"), batch_of(observe(with_lp)))
    found = _outputs(_network(layout_of(without), "paper"), batch_of(observe(without)))
    assert torch.equal(found[0], expected[0])
    assert torch.equal(found[1], expected[1])


@every_problem
@both_feature_sets
def test_scores_of_single_actions_are_those_among_all(name: str, features: FeatureSet) -> None:
    env = environment(PROBLEMS[name]())
    network = _network(layout_of(env), features)
    actions = torch.as_tensor(np.flatnonzero(env.action_masks()))
    batch = {key: value.expand(len(actions), -1) for key, value in batch_of(observe(env)).items()}
    with torch.no_grad():
        single, _ = network.score_of(batch, actions)
    torch.testing.assert_close(single, _outputs(network, batch_of(observe(env)))[0][0, actions], rtol=0, atol=1e-9)


# Symmetries -----------------------------------------------------------------------------------------------------------


@both_feature_sets
@given(name=st.sampled_from(sorted(PROBLEMS)), steps=st.integers(0, 40), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=15)
def test_reordering_reorders_the_scores(features: FeatureSet, name: str, steps: int, seed: int) -> None:
    env = environment(PROBLEMS[name](), steps)
    layout, observation = layout_of(env), observe(env)
    other, same_action = permuted(observation, layout, np.random.default_rng(seed))
    network = _network(layout, features)
    scores, value = _outputs(network, batch_of(observation))
    other_scores, other_value = _outputs(network, batch_of(other))
    torch.testing.assert_close(other_scores, scores[:, torch.as_tensor(same_action)], rtol=0, atol=1e-9)
    torch.testing.assert_close(other_value, value, rtol=0, atol=1e-9)


@both_feature_sets
@given(steps=st.integers(0, 40), terms=st.integers(0, 20), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=10)
def test_padding_has_no_influence(features: FeatureSet, steps: int, terms: int, seed: int) -> None:
    problem = "random-stable-set:n=6"
    small = environment(problem, steps, seed, max_terms=64, max_degree=3)
    large = PolyProofEnv("random-stable-set:n_min=4,n_max=11", max_steps=40, max_terms=64 + terms, max_degree=3)
    large.reset(options={"problem": small.state.problem})
    derived = range(len(small.state.memory) - small.state.steps, len(small.state.memory))
    for line in derived:
        large.step(large.state.action(small.state.memory.reasons[line]))
    network, other = _network(layout_of(small), features), _network(layout_of(large), features)
    scores, value = _outputs(network, batch_of(observe(small)))
    other_scores, other_value = _outputs(other, batch_of(observe(large)))
    count = len(small.state.memory)
    common = other_scores.view(large.capacity, large.num_variables, 2)[:count, :6]
    torch.testing.assert_close(common, scores.view(small.capacity, 6, 2)[:count], rtol=0, atol=1e-9)
    torch.testing.assert_close(other_value, value, rtol=0, atol=1e-9)
    assert not other_scores.view(large.capacity, large.num_variables, 2)[:, 6:].any()


@both_feature_sets
def test_observations_of_a_batch_do_not_mix(features: FeatureSet) -> None:
    envs = [environment("random-stable-set:n_min=4,n_max=12", steps, steps) for steps in (0, 7, 40, 23)]
    network = _network(layout_of(envs[0]), features)
    scores, values = _outputs(network, batch_of(*map(observe, envs)))
    for row, env in enumerate(envs):
        one_score, one_value = _outputs(network, batch_of(observe(env)))
        torch.testing.assert_close(one_score[0], scores[row], rtol=0, atol=1e-9)
        torch.testing.assert_close(one_value[0], values[row], rtol=0, atol=1e-9)


# Sizes and types ------------------------------------------------------------------------------------------------------


@both_feature_sets
def test_weights_fit_problems_of_other_sizes(features: FeatureSet) -> None:
    small, large = environment("cycle:n=5"), environment("caprasse", max_terms=100)
    trained = _network(layout_of(small), features)
    other = ProofNetwork(layout_of(large), features=features).double()
    other.load_state_dict(trained.state_dict())
    scores, values = _outputs(other, batch_of(observe(large)))
    assert scores.shape == (1, layout_of(large).num_actions)
    assert values.shape == (1,)
    back = _network(layout_of(small), features)
    back.load_state_dict(other.state_dict())
    assert torch.equal(_outputs(back, batch_of(observe(small)))[0], _outputs(trained, batch_of(observe(small)))[0])


def test_whole_numbers_may_come_as_floats() -> None:
    env = environment("petersen")
    batch = batch_of(observe(env))
    network = _network(layout_of(env))
    floats = {key: tensor.float() for key, tensor in batch.items()}
    assert torch.equal(_outputs(network, floats)[0], _outputs(network, batch)[0])


def test_scores_stand_where_the_actions_do() -> None:
    """Products of one inequality differ by variable and sign, and nothing is scored beyond the last inequality."""
    env = environment(weighted_stable_set(), 10)
    scores, _ = _outputs(_network(layout_of(env)), batch_of(observe(env)))
    valid = torch.as_tensor(np.flatnonzero(env.action_masks()))
    assert len(set(scores[0, valid].tolist())) > 0.9 * len(valid)
    assert not scores[0, env.encode_action(len(env.state.memory), 0, False) :].any()


@both_feature_sets
def test_all_weights_are_trained(features: FeatureSet) -> None:
    env = environment("petersen")
    network = _network(layout_of(env), features)
    scores, values = network(batch_of(observe(env)))
    (scores.square().sum() + values.sum()).backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


# The start ------------------------------------------------------------------------------------------------------------


def _random_weights(seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=SHAPE)


def _with_candidates(env: PolyProofEnv) -> tuple[dict[str, Tensor], ObservationLayout]:
    """The present observation with its candidates, and the layout of such."""
    shown = CandidateObservations(env)
    return batch_of(shown._shown(observe(env))), ObservationLayout.of(shown.observation_space)


def _started(
    layout: ObservationLayout, weights: NDArray[np.float64], features: FeatureSet = "dual", temperature: float = 1.0
) -> ProofNetwork:
    torch.manual_seed(0)
    network = ProofNetwork(layout, features=features, candidates=True).double()
    network.start_from(Start(weights, temperature, 0.5))
    return network


@every_problem
@both_feature_sets
def test_the_start_scores_candidates_as_the_scorer_does_and_all_else_far_below(name: str, features: FeatureSet) -> None:
    env = environment(PROBLEMS[name](), 10)
    batch, layout = _with_candidates(env)
    weights = _random_weights()
    scores = _outputs(_started(layout, weights, features, temperature=0.5), batch)[0][0].numpy()
    candidates = shortlist(env.state).counting(scarcity(env.state.problem, env.state.max_steps))
    expected = Scorer(weights)(candidates)
    np.testing.assert_allclose(scores[candidates.actions], np.maximum(expected - expected.max(), FAR) / 0.5, atol=1e-3)
    assert (np.delete(scores, candidates.actions) == FAR / 0.5).all()


@both_feature_sets
def test_the_start_takes_the_candidates_that_the_scorer_takes(features: FeatureSet) -> None:
    """Among equal ones it matters which."""
    agent, rng = ScoringAgent(Scorer(prior_weights())), np.random.default_rng(0)
    env = environment("random-stable-set:n=12", 0)
    for _ in range(25):
        batch, layout = _with_candidates(env)
        scores, _ = _outputs(_started(layout, prior_weights(), features), batch)
        action = agent.act(env.state, rng)
        assert action is not None
        assert scores.argmax() == action
        env.step(action)


@both_feature_sets
def test_all_weights_are_trained_beside_a_start(features: FeatureSet) -> None:
    env = environment("random-stable-set:n=12", 10)
    batch, layout = _with_candidates(env)
    network = _started(layout, _random_weights(), features)
    torch.nn.init.normal_(network.score[-1].weight)  # type: ignore[arg-type]
    scores, values = network(batch)
    (scores.square().sum() + values.sum()).backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_noise_is_added_to_the_weights_of_each_observation() -> None:
    env = environment("random-stable-set:n=10", 8)
    batch, layout = _with_candidates(env)
    weights, noise = _random_weights(), np.stack([_random_weights(seed) for seed in (1, 2, 3)])
    together = {key: value.repeat(3, *[1] * (value.dim() - 1)) for key, value in batch.items()}
    with torch.no_grad():
        scores, _ = _started(layout, weights)(together, torch.as_tensor(noise))
    for one, change in zip(scores, noise, strict=True):
        expected, _ = _outputs(_started(layout, weights + change), batch)
        torch.testing.assert_close(one, expected[0], rtol=0, atol=1e-9)


def test_a_start_weighs_single_actions_as_it_weighs_all() -> None:
    env = environment("random-stable-set:n=10", 8)
    batch, layout = _with_candidates(env)
    network = _started(layout, _random_weights())
    actions = torch.as_tensor(np.flatnonzero(env.action_masks()))
    together = {key: value.expand(len(actions), *value.shape[1:]) for key, value in batch.items()}
    with torch.no_grad():
        single, _ = network.score_of(together, actions)
    torch.testing.assert_close(single, _outputs(network, batch)[0][0, actions], rtol=0, atol=1e-9)


# Bad input ------------------------------------------------------------------------------------------------------------


def test_other_observation_spaces_are_refused() -> None:
    spaces: list[gym.Space[Any]] = [gym.spaces.Box(0, 1, (3,)), gym.spaces.Dict({"bound": gym.spaces.Box(0, 1, (1,))})]
    for space in spaces:
        with pytest.raises(BadInput, match="PolyProof-v0"):
            ObservationLayout.of(space)


def test_actions_that_are_no_products_with_variables_are_refused() -> None:
    space = PolyProofEnv("petersen", max_steps=3).observation_space
    assert isinstance(space, gym.spaces.Dict)
    more = gym.spaces.Dict({**space.spaces, "action_mask": gym.spaces.MultiBinary(7)})
    with pytest.raises(BadInput, match="default rules"):
        ObservationLayout.of(more)


def test_dual_features_need_the_entries_of_the_linear_program() -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3, lp_features=False))
    with pytest.raises(BadInput, match="lp_features"):
        ProofNetwork(layout)


@pytest.mark.parametrize(
    ("setting", "values", "expected"),
    [
        ("estimate_rounds", [-1, 10001, 2.5, "40", True], "whole number from 0 to 10000 as estimate_rounds"),
        ("rounds", [-1, 10**9, 1.0], "whole number from 0 to 100 as rounds"),
        ("width", [0, 1, 10**9, None], "whole number from 2 to 4096 as width"),
    ],
)
def test_numbers_out_of_range_are_refused(setting: str, values: list[Any], expected: str) -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))
    for value in values:
        with pytest.raises(BadInput, match=f"expected a {expected}, got {value!r}"):
            ProofNetwork(layout, **{setting: value})


@pytest.mark.parametrize("temperature", [-1.0, 0.0, 1e-9, math.inf, math.nan])
def test_a_start_without_a_temperature_is_refused(temperature: float) -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))._replace(has_candidates=True)
    with pytest.raises(BadInput, match="expected a temperature of at least"):
        ProofNetwork(layout, candidates=True).start_from(Start(_random_weights(), temperature))


@pytest.mark.parametrize("gain", [-1.0, math.nan, math.inf, 1e300])
def test_a_start_with_a_gain_out_of_range_is_refused(gain: float) -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))._replace(has_candidates=True)
    with pytest.raises(BadInput, match="expected a gain from 0 to"):
        ProofNetwork(layout, candidates=True).start_from(Start(_random_weights(), gain=gain))


def test_a_start_with_weights_of_another_shape_is_refused() -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))._replace(has_candidates=True)
    with pytest.raises(BadInput, match="expected weights of shape"):
        ProofNetwork(layout, candidates=True).start_from(Start(np.zeros(SHAPE[1])))


def test_a_start_without_candidates_is_refused() -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))
    with pytest.raises(BadInput, match="needs observations that list candidates"):
        ProofNetwork(layout, candidates=True)
    with pytest.raises(BadInput, match="candidates=True"):
        ProofNetwork(layout).start_from(Start(_random_weights()))


def test_unknown_features_are_refused() -> None:
    layout = layout_of(PolyProofEnv("petersen", max_steps=3))
    with pytest.raises(BadInput, match="dual or paper"):
        ProofNetwork(layout, features="all")  # type: ignore[arg-type]
