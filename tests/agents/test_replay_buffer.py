from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from stable_baselines3 import DQN
from stable_baselines3.common.buffers import DictReplayBuffer, NStepReplayBuffer
from stable_baselines3.common.type_aliases import DictReplayBufferSamples
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize

import polyproof_gym  # registers the environment
from agents import StepAgent, make_agent
from agents.replay_buffer import MAX_RUN, EpisodeReplayBuffer
from polyproof_gym import BadInput

Observations = dict[str, NDArray[Any]]
Addition = tuple[Observations, Observations, NDArray[Any], NDArray[Any], NDArray[Any], list[dict[str, Any]]]

ENDING_IN_BOTH_WAYS: tuple[str, dict[str, Any]] = (
    "random-stable-set:n=8,p_min=0.7",
    {"max_steps": 8, "target": "incumbent"},
)

SMALL_SPACE = spaces.Dict(
    {
        "binary": spaces.MultiBinary(5),
        "choice": spaces.Discrete(4),
        "choices": spaces.MultiDiscrete([3, 2]),
        "double": spaces.Box(-1, 1, (2,), np.float64),
        "image": spaces.Box(0, 255, (3, 3), np.uint8),
        "single": spaces.Box(-np.inf, np.inf, (3,), np.float32),
    }
)


def _vec_env(problem: str, n_envs: int, **settings: Any) -> VecEnv:
    return DummyVecEnv([lambda: gym.make("PolyProof-v0", problem=problem, **settings) for _ in range(n_envs)])


def _transitions(env: VecEnv, number: int, agent: str = "random") -> Iterator[Addition]:
    """What Stable-Baselines3 hands to its replay buffer while an agent acts in every environment."""
    chooser = make_agent(agent)
    assert isinstance(chooser, StepAgent)
    rng = np.random.default_rng(1)
    env.seed(1)
    observations: Any = env.reset()
    for _ in range(number):
        choices = [chooser.act(state, rng) for state in env.get_attr("state")]
        actions = np.array([0 if choice is None else choice for choice in choices])
        following, rewards, dones, infos = env.step(actions)
        terminal: Any = copy.deepcopy(following)
        for i in np.flatnonzero(dones):
            for key in terminal:
                terminal[key][i] = infos[i]["terminal_observation"][key]
        yield observations, terminal, actions, rewards, dones, infos
        observations = following


def _both(size: int, env: VecEnv, **settings: Any) -> tuple[EpisodeReplayBuffer, DictReplayBuffer]:
    assert isinstance(env.observation_space, spaces.Dict)
    arguments: Any = (size, env.observation_space, env.action_space, "cpu", env.num_envs)
    return EpisodeReplayBuffer(*arguments, **settings), DictReplayBuffer(*arguments, **settings)


def _sample(
    buffer: DictReplayBuffer, number: int, seed: int, env: VecNormalize | None = None
) -> DictReplayBufferSamples:
    np.random.seed(seed)  # noqa: NPY002 (the numbers that Stable-Baselines3 draws)
    return buffer.sample(number, env)


def _bits(samples: DictReplayBufferSamples) -> dict[str, tuple[Any, ...]]:
    """Types, shapes and digests of all tensors of a sample, so that even NaN equals itself."""
    tensors = {"actions": samples.actions, "dones": samples.dones, "rewards": samples.rewards}
    tensors |= {f"observations/{key}": tensor for key, tensor in samples.observations.items()}
    tensors |= {f"next_observations/{key}": tensor for key, tensor in samples.next_observations.items()}
    return {key: (t.dtype, tuple(t.shape), sha256(t.numpy().tobytes()).hexdigest()) for key, t in tensors.items()}


def _content(buffer: DictReplayBuffer, number: int = 200) -> tuple[Any, ...]:
    """All that can be seen of a buffer: its sizes, and samples for some seeds."""
    return buffer.size(), buffer.pos, buffer.full, [_bits(_sample(buffer, number, seed)) for seed in range(3)]


# Real episodes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_envs", [1, 3])
@pytest.mark.parametrize("lp_features", [True, False])
@pytest.mark.parametrize("agent", ["random", "dual-guided"])
@pytest.mark.parametrize(
    ("problem", "settings"),
    [
        ("random-stable-set:n_min=4,n_max=9", {"max_steps": 12}),  # truncated; graphs of several sizes
        ENDING_IN_BOTH_WAYS,
        ("caprasse", {"max_steps": 15, "max_terms": 200}),
        ("complete:n=3", {"max_steps": 60, "max_degree": 1}),  # runs out of valid actions
    ],
)
def test_samples_are_those_of_a_dict_replay_buffer(
    problem: str, settings: dict[str, Any], agent: str, lp_features: bool, n_envs: int
) -> None:
    env = _vec_env(problem, n_envs, lp_features=lp_features, **settings)
    ours, theirs = _both(60 * n_envs, env)
    for number, addition in enumerate(_transitions(env, 150, agent)):
        ours.add(*addition)
        theirs.add(*addition)
        if number % 20 == 0:
            assert _content(ours, 50) == _content(theirs, 50)
    assert ours.full
    assert _content(ours) == _content(theirs)


def test_episodes_of_these_tests_end_in_both_ways() -> None:
    problem, settings = ENDING_IN_BOTH_WAYS
    env = _vec_env(problem, 1, **settings)
    infos = [info for *_, done, (info,) in _transitions(env, 200, "dual-guided") if done[0]]
    assert {info["TimeLimit.truncated"] for info in infos} == {True, False}


def test_truncated_episodes_count_as_done_if_asked_for() -> None:
    env = _vec_env("petersen", 1, max_steps=5)
    ours, theirs = _both(50, env, handle_timeout_termination=False)
    for addition in _transitions(env, 30):
        ours.add(*addition)
        theirs.add(*addition)
    assert _sample(ours, 100, 0).dones.any()
    assert _content(ours) == _content(theirs)


def test_samples_are_normalised_like_those_of_a_dict_replay_buffer() -> None:
    env = _vec_env("petersen", 2, max_steps=10)
    normalising = VecNormalize(env, norm_obs_keys=["bound", "multipliers", "pseudo_moments"])
    ours, theirs = _both(100, env)
    for addition in _transitions(env, 30):
        normalising.obs_rms["multipliers"].update(addition[0]["multipliers"])
        normalising.ret_rms.update(addition[3])
        ours.add(*addition)
        theirs.add(*addition)
    plain, normalised = _bits(_sample(ours, 50, 0)), _bits(_sample(ours, 50, 0, normalising))
    assert normalised == _bits(_sample(theirs, 50, 0, normalising))
    assert normalised["observations/multipliers"] != plain["observations/multipliers"]


def test_later_samples_leave_earlier_ones_alone() -> None:
    env = _vec_env("petersen", 1, max_steps=10)
    buffer, _ = _both(100, env)
    for addition in _transitions(env, 50):
        buffer.add(*addition)
    for number in (1, 40):
        sample = _sample(buffer, number, 0)
        kept = _bits(sample)
        _sample(buffer, number, 1)
        assert _bits(sample) == kept


# Any observations -----------------------------------------------------------------------------------------------------


def _observations(rng: np.random.Generator, n_envs: int) -> Observations:
    """Unrelated observations of the small space, with all the bits that a float may have."""
    patterns = rng.integers(2**32, size=(n_envs, 3), dtype=np.uint32)
    special = np.array([np.nan, -0.0, np.inf], np.float32)
    return {
        "binary": rng.integers(2, size=(n_envs, 5), dtype=np.int8),
        "choice": rng.integers(4, size=n_envs),
        "choices": rng.integers(2, size=(n_envs, 2)),
        "double": rng.uniform(-1, 1, (n_envs, 2)),
        "image": rng.integers(256, size=(n_envs, 3, 3), dtype=np.uint8),
        "single": np.where(rng.random((n_envs, 3)) < 0.3, special, patterns.view(np.float32)),
    }


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 40),
    n_envs=st.integers(1, 3),
    moves=st.lists(st.sampled_from(["next", "again", "elsewhere"]), min_size=1, max_size=40),
    timeouts=st.booleans(),
)
@settings(deadline=None)
def test_any_sequence_of_observations_is_returned(
    seed: int, size: int, n_envs: int, moves: list[str], timeouts: bool
) -> None:
    rng = np.random.default_rng(seed)
    arguments: Any = (size, SMALL_SPACE, spaces.Discrete(7), "cpu", n_envs, False, timeouts)
    ours, theirs = EpisodeReplayBuffer(*arguments), DictReplayBuffer(*arguments)
    current = _observations(rng, n_envs)
    for move in moves:
        # "next" goes on in some environments only, "again" stays where it is, "elsewhere" breaks off everywhere.
        following = current if move == "again" else _observations(rng, n_envs)
        actions, rewards = rng.integers(7, size=n_envs), rng.random(n_envs)
        done = rng.random(n_envs) < 0.3
        infos = [{"TimeLimit.truncated": bool(rng.random() < 0.5)} for _ in range(n_envs)]
        for buffer in (ours, theirs):
            buffer.add(dict(current), dict(following), actions, rewards, done, infos)
        elsewhere = _observations(rng, n_envs)
        goes_on = rng.random(n_envs) < (0.0 if move == "elsewhere" else 0.8)
        current = {
            key: np.array(
                [f if stays else e for f, e, stays in zip(following[key], elsewhere[key], goes_on, strict=True)]
            )
            for key in following
        }
    assert _content(ours, 40) == _content(theirs, 40)


def _count(buffer: DictReplayBuffer, numbers: range, length: int) -> None:
    """Store the steps of an environment whose observations and rewards say how often it has been stepped."""
    for number in numbers:
        before, after = (np.full((1, length), count, np.int32) for count in (number, number + 1))
        buffer.add(
            {"count": before}, {"count": after}, np.zeros(1, int), np.array([float(number)]), np.array([False]), [{}]
        )


def _counting_buffer(size: int, length: int) -> EpisodeReplayBuffer:
    space = spaces.Dict({"count": spaces.Box(0, 10**6, (length,), np.int32)})
    return EpisodeReplayBuffer(size, space, spaces.Discrete(2), "cpu")


@pytest.mark.parametrize(
    ("length", "additions"),
    [(3, 2 * MAX_RUN + 100), (40_000, 5)],  # longer than a run; longer than 16 bits can number
)
def test_long_episodes_and_long_observations_are_returned(length: int, additions: int) -> None:
    buffer = _counting_buffer(MAX_RUN + 50, length)
    _count(buffer, range(additions), length)
    assert buffer.size() == min(additions, MAX_RUN + 50)
    sample = _sample(buffer, 300, 0)
    assert sample.rewards.min() >= additions - buffer.size()
    for entry, shift in ((sample.observations["count"], 0), (sample.next_observations["count"], 1)):
        np.testing.assert_array_equal(entry.numpy(), np.repeat(sample.rewards.numpy() + shift, length, axis=1))


# Memory ---------------------------------------------------------------------------------------------------------------


def test_a_transition_takes_less_than_a_kilobyte() -> None:
    env = _vec_env("random-stable-set:n=25", 1, max_steps=100)
    ours, theirs = _both(400, env)
    for addition in _transitions(env, 400, "dual-guided"):
        ours.add(*addition)
    assert ours.full
    assert ours.nbytes < 400 * 1000
    assert 100 * ours.nbytes < 2 * sum(entry.nbytes for entry in theirs.observations.values())


def test_what_was_overwritten_is_freed() -> None:
    env = _vec_env("random-stable-set:n=8", 2, max_steps=20)
    buffer, _ = _both(80, env)
    sizes = []
    for addition in _transitions(env, 400):
        buffer.add(*addition)
        sizes.append(buffer.nbytes)
    # When first full it holds two episodes of each environment; later, parts of at most three.
    assert max(sizes[40:]) < 2 * sizes[40]


def test_memory_of_an_endless_episode_is_freed_as_well() -> None:
    buffer = _counting_buffer(50, 3)
    _count(buffer, range(MAX_RUN), 3)
    largest = buffer.nbytes
    _count(buffer, range(MAX_RUN, 5 * MAX_RUN), 3)
    assert buffer.nbytes <= largest


def test_episodes_that_are_over_take_no_spare_memory() -> None:
    buffer = _counting_buffer(400, 1)
    empty = buffer.nbytes
    for _ in range(11):
        _count(buffer, range(40), 1)
    # A step changes one word of 16 bits, which takes 4 bytes, and 4 more to tell one step from the next.
    assert buffer.nbytes - empty < 400 * 9


def test_reset_empties_the_buffer() -> None:
    env = _vec_env("petersen", 1, max_steps=10)
    ours, theirs = _both(30, env)
    empty = ours.nbytes
    for addition in _transitions(env, 40):
        ours.add(*addition)
    ours.reset()
    assert (ours.size(), ours.nbytes) == (0, empty)
    for addition in _transitions(env, 25):
        ours.add(*addition)
        theirs.add(*addition)
    assert _content(ours) == _content(theirs)


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_pickled_buffer_gives_the_same_samples_and_goes_on() -> None:
    env = _vec_env("random-stable-set:n=8", 2, max_steps=10)
    ours, theirs = _both(60, env)
    for number, addition in enumerate(_transitions(env, 60)):
        if number == 35:
            before = ours
            ours = pickle.loads(pickle.dumps(ours))
            assert _content(ours) == _content(before)
        ours.add(*addition)
        theirs.add(*addition)
    assert _content(ours) == _content(theirs)


# Training -------------------------------------------------------------------------------------------------------------


def _trained(buffer_class: type[DictReplayBuffer], steps: int) -> DQN:
    env = _vec_env("random-stable-set:n=5", 2, max_steps=8)
    model = DQN(
        "MultiInputPolicy",
        env,
        buffer_size=100,
        learning_starts=20,
        batch_size=16,
        target_update_interval=50,
        policy_kwargs={"net_arch": [16]},
        replay_buffer_class=buffer_class,
        seed=3,
        device="cpu",
    )
    return model.learn(steps)


def test_dqn_learns_the_very_same_with_either_buffer() -> None:
    ours, theirs = (_trained(buffer, 300) for buffer in (EpisodeReplayBuffer, DictReplayBuffer))
    assert isinstance(ours.replay_buffer, EpisodeReplayBuffer)
    assert ours._n_updates > 0
    for (name, one), (_, other) in zip(
        ours.policy.state_dict().items(), theirs.policy.state_dict().items(), strict=True
    ):
        assert one.numpy().tobytes() == other.numpy().tobytes(), name


def test_dqn_saves_and_loads_the_buffer() -> None:
    model = _trained(EpisodeReplayBuffer, 150)
    assert isinstance(model.replay_buffer, EpisodeReplayBuffer)
    before = model.replay_buffer
    file = io.BytesIO()
    model.save_replay_buffer(file)
    file.seek(0)
    model.load_replay_buffer(file)
    assert model.replay_buffer is not before
    assert isinstance(model.replay_buffer, EpisodeReplayBuffer)
    assert _content(model.replay_buffer) == _content(before)
    model.learn(50, reset_num_timesteps=False)
    assert model.replay_buffer.full


# Bad input ------------------------------------------------------------------------------------------------------------


def test_other_spaces_are_refused() -> None:
    with pytest.raises(polyproof_gym.BadInput, match="Dict"):
        EpisodeReplayBuffer(10, spaces.Box(0, 1, (3,)), spaces.Discrete(2))  # type: ignore[arg-type]


def test_memory_cannot_be_optimised_further() -> None:
    with pytest.raises(polyproof_gym.BadInput, match="optimize_memory_usage"):
        EpisodeReplayBuffer(10, SMALL_SPACE, spaces.Discrete(2), optimize_memory_usage=True)


@given(
    n_steps=st.integers(1, 5),
    capacity=st.integers(3, 40),
    n_envs=st.integers(1, 3),
    number=st.integers(1, 60),
    timeouts=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_n_step_returns_are_those_of_the_library_bit_for_bit(
    n_steps: int, capacity: int, n_envs: int, number: int, timeouts: bool, seed: int
) -> None:
    rng, box = np.random.default_rng(seed), spaces.Box(-9, 9, (2,), np.float32)
    options: dict[str, Any] = {"n_envs": n_envs, "handle_timeout_termination": timeouts, "gamma": 0.75}
    plain = NStepReplayBuffer(capacity, box, spaces.Discrete(3), "cpu", n_steps=n_steps, **options)
    ours = EpisodeReplayBuffer(capacity, spaces.Dict({"x": box}), spaces.Discrete(3), "cpu", n_steps=n_steps, **options)
    now = rng.integers(-9, 9, (n_envs, 2)).astype(np.float32)
    for _ in range(number):
        following = rng.integers(-9, 9, (n_envs, 2)).astype(np.float32)
        action, reward = rng.integers(0, 3, (n_envs, 1)), rng.integers(-4, 4, n_envs).astype(np.float32)
        done = rng.random(n_envs) < 0.2
        infos = [{"TimeLimit.truncated": bool(over and rng.random() < 0.5)} for over in done]
        plain.add(now, following, action, reward, done, infos)
        ours.add({"x": now}, {"x": following}, action, reward, done, infos)
        now = np.where(done[:, None], rng.integers(-9, 9, (n_envs, 2)).astype(np.float32), following)
    np.random.seed(seed)  # noqa: NPY002 (the source of the buffers)
    expected = plain.sample(20)
    np.random.seed(seed)  # noqa: NPY002
    sample = ours.sample(20)
    np.testing.assert_array_equal(sample.observations["x"], expected.observations)
    np.testing.assert_array_equal(sample.actions, expected.actions)
    np.testing.assert_array_equal(sample.dones, expected.dones)
    np.testing.assert_array_equal(sample.rewards, expected.rewards)
    np.testing.assert_array_equal(sample.next_observations["x"], expected.next_observations)
    if n_steps > 1:
        assert sample.discounts is not None
        np.testing.assert_array_equal(sample.discounts, expected.discounts)


def test_n_step_returns_go_on_where_a_long_episode_is_stored_in_parts() -> None:
    box = spaces.Box(-(10.0**6), 10.0**6, (1,), np.float32)
    buffer = EpisodeReplayBuffer(2 * MAX_RUN, spaces.Dict({"x": box}), spaces.Discrete(2), "cpu", n_steps=3, gamma=0.5)
    for k in range(MAX_RUN + 10):
        step = ({"x": np.full((1, 1), k, np.float32)}, {"x": np.full((1, 1), k + 1, np.float32)})
        buffer.add(*step, np.zeros((1, 1)), np.ones(1), np.zeros(1), [{}])
    rows = np.arange(MAX_RUN - 3, MAX_RUN + 3)
    sample = buffer._get_samples(rows)
    assert sample.observations["x"].flatten().tolist() == rows.tolist()
    assert sample.next_observations["x"].flatten().tolist() == (rows + 3).tolist()
    assert sample.rewards.flatten().tolist() == [1.75] * 6


def test_less_than_one_step_is_refused() -> None:
    with pytest.raises(BadInput, match="n_steps >= 1"):
        EpisodeReplayBuffer(4, SMALL_SPACE, spaces.Discrete(2), n_steps=0)
