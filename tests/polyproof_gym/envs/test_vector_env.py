from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from numpy.typing import NDArray

from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv, PolyProofVectorEnv
from polyproof_gym.envs.worker import WorkerDied
from tests.polyproof_gym.envs.helpers import assert_identical

# Forking is the quickest way of starting processes, but newer Pythons advise against it where there are threads.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

REGISTERED = sorted(name for name in gym.registry if name.startswith("PolyProof"))
SETTINGS: dict[str, dict[str, Any]] = {
    "stable sets": {"problem": "random-stable-set:n_min=4,n_max=8", "max_steps": 7},
    "boxes": {"problem": "random-polynomial:n=3,degree=2", "max_steps": 6},
    "with a target": {"problem": "complete:n=3", "max_steps": 12, "target": 1},
    "with splits": {"problem": "random-polynomial:n=2,boolean=1", "max_steps": 5, "rules": ["splits", "products"]},
    "until nothing is left": {"problem": "complete:n=2", "max_steps": 30, "max_degree": 1, "reward": "raw"},
}
every_mode = pytest.mark.parametrize("mode", AutoresetMode)
workers = pytest.mark.parametrize("num_workers", [1, 2])


@pytest.fixture(autouse=True)
def _leaves_no_process_behind() -> Iterator[None]:
    yield
    assert not multiprocessing.active_children()


def _native(num_envs: int = 3, **settings: Any) -> PolyProofVectorEnv:
    return PolyProofVectorEnv(num_envs, **{**SETTINGS["stable sets"], "context": "fork", "num_workers": 2, **settings})


def _sync(num_envs: int, mode: AutoresetMode, settings: dict[str, Any]) -> SyncVectorEnv[Any, Any]:
    return SyncVectorEnv([lambda: PolyProofEnv(**settings)] * num_envs, autoreset_mode=mode)


def _some_actions(masks: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """Valid actions, now and then an invalid one."""
    valid = [np.flatnonzero(mask) for mask in masks]
    return np.array(
        [rng.choice(v) if len(v) and rng.random() < 0.9 else rng.integers(masks.shape[1]) for v in valid], np.int64
    )


def _assert_equal(ours: Any, theirs: Any) -> None:
    """Equal in every bit; the observations of Gymnasium's arrays of objects are compared one by one."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        for key in ours:
            _assert_equal(ours[key], theirs[key])
    elif isinstance(ours, tuple) or (isinstance(ours, np.ndarray) and ours.dtype == object):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            _assert_equal(one, other)
    else:
        assert_identical(ours, theirs)


# The same as one by one -----------------------------------------------------------------------------------------------


@every_mode
@workers
@pytest.mark.parametrize("lp_features", [True, False])
@pytest.mark.parametrize("name", SETTINGS)
def test_gives_what_gymnasium_gives(name: str, lp_features: bool, num_workers: int, mode: AutoresetMode) -> None:
    settings = {**SETTINGS[name], "lp_features": lp_features}
    ours = PolyProofVectorEnv(3, num_workers=num_workers, autoreset_mode=mode, context="fork", **settings)
    theirs = _sync(3, mode, settings)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    rng = np.random.default_rng(5)
    ends = 0
    try:
        observations, infos = theirs.reset(seed=11)
        _assert_equal(ours.reset(seed=11), (observations, infos))
        for _ in range(30):
            actions = _some_actions(observations["action_mask"], rng)
            observations, rewards, terminated, truncated, infos = theirs.step(actions)
            _assert_equal(ours.step(actions), (observations, rewards, terminated, truncated, infos))
            over = terminated | truncated
            ends += int(over.sum())
            if mode is AutoresetMode.DISABLED and over.any():
                observations, infos = theirs.reset(options={"reset_mask": over})
                _assert_equal(ours.reset(options={"reset_mask": over}), (observations, infos))
    finally:
        ours.close()
        theirs.close()
    assert ends >= 6


@pytest.mark.parametrize("seed", [3, [5, 1, 5], [None, 2, None]])
@pytest.mark.parametrize("options", [None, {"problem": "cycle:n=5"}])
def test_seeds_and_options_reach_every_environment(seed: Any, options: Any) -> None:
    ours, theirs = _native(), _sync(3, AutoresetMode.NEXT_STEP, SETTINGS["stable sets"])
    try:
        observations, infos = ours.reset(seed=seed, options=options)
        expected, expected_infos = theirs.reset(seed=seed, options=options)
    finally:
        ours.close()
    seeded = np.array([True] * 3 if options or isinstance(seed, int) else [s is not None for s in seed])
    for key in expected:
        np.testing.assert_array_equal(observations[key][seeded], expected[key][seeded])
    np.testing.assert_array_equal(infos["bound"][seeded], expected_infos["bound"][seeded])


@every_mode
def test_some_environments_can_be_reset(mode: AutoresetMode) -> None:
    ours, theirs = _native(autoreset_mode=mode), _sync(3, mode, SETTINGS["stable sets"])
    rng = np.random.default_rng(0)
    try:
        expected = theirs.reset(seed=2)
        _assert_equal(ours.reset(seed=2), expected)
        for chosen in ([True, False, False], [False, True, True], [True, True, True]):
            actions = _some_actions(expected[0]["action_mask"], rng)
            _assert_equal(ours.step(actions), theirs.step(actions))
            options = {"reset_mask": np.array(chosen)}
            expected = theirs.reset(seed=[7, 8, 9], options=dict(options))
            _assert_equal(ours.reset(seed=[7, 8, 9], options=options), expected)
            assert options.keys() == {"reset_mask"}  # the caller's own are left alone
    finally:
        ours.close()


def test_without_autoreset_an_episode_that_is_over_must_be_reset() -> None:
    envs = _native(autoreset_mode="Disabled", problem="complete:n=2", target=1)
    try:
        envs.reset()
        actions = np.full(3, PolyProofEnv("complete:n=2").encode_action(1, 1, True))
        *_, terminated, _, _ = envs.step(actions)
        assert terminated.all()
        with pytest.raises(ResetNeeded, match="over"):
            envs.step(actions)
        envs.reset()
        envs.step(np.zeros(3, np.int64))
    finally:
        envs.close()


# Observations ---------------------------------------------------------------------------------------------------------


@workers
def test_observations_that_were_returned_do_not_change(num_workers: int) -> None:
    envs = _native(num_workers=num_workers)
    try:
        seen = [envs.reset(seed=0)]
        rng = np.random.default_rng(1)
        for _ in range(12):
            observations, *_, infos = envs.step(_some_actions(seen[-1][1]["action_mask"], rng))
            seen.append((observations, infos))
        again = envs.reset(seed=0)
        rng = np.random.default_rng(1)
        for number, (observations, infos) in enumerate(seen):
            _assert_equal((observations, infos), again)
            if number < 12:
                again_observations, *_, again_infos = envs.step(_some_actions(again[1]["action_mask"], rng))
                again = again_observations, again_infos
    finally:
        envs.close()


@workers
def test_without_copies_the_shared_arrays_are_returned(num_workers: int) -> None:
    envs, copying = _native(num_workers=num_workers, copy=False), _native(num_workers=num_workers)
    try:
        first, infos = envs.reset(seed=0)
        _assert_equal((first, infos), copying.reset(seed=0))
        mask = infos["action_mask"].copy()
        actions = mask.argmax(axis=1)
        observations, *_ = envs.step(actions)
        _assert_equal(observations, copying.step(actions)[0])
        assert all(observations[key] is first[key] for key in first)
        np.testing.assert_array_equal(infos["action_mask"], mask)  # the information is never shared
    finally:
        envs.close()
        copying.close()


def test_action_masks() -> None:
    envs = _native()
    try:
        _, infos = envs.reset(seed=0)
        for _ in range(10):
            masks = envs.action_masks()
            assert masks.dtype == np.bool_
            np.testing.assert_array_equal(masks, infos["action_mask"])
            *_, infos = envs.step(masks.argmax(axis=1))
    finally:
        envs.close()


# Making one -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REGISTERED)
def test_make_vec_makes_native_vector_environments(name: str) -> None:
    envs = gym.make_vec(name, num_envs=2, num_workers=1)
    env = gym.make(name)
    observations, _ = envs.reset(seed=4)
    assert isinstance(envs.unwrapped, PolyProofVectorEnv)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert envs.single_observation_space == env.observation_space
    assert observations in envs.observation_space
    assert_identical({key: array[0] for key, array in observations.items()}, env.reset(seed=4)[0])
    assert envs.spec is not None
    envs.close()


@pytest.mark.parametrize(("mode", "kind"), [("sync", SyncVectorEnv), ("async", AsyncVectorEnv)])
def test_vector_environments_of_gymnasium_can_be_chosen(mode: str, kind: type[VectorEnv[Any, Any, Any]]) -> None:
    settings = SETTINGS["stable sets"]
    theirs, ours = gym.make_vec("PolyProof-v0", 2, vectorization_mode=mode, **settings), _native(2)
    try:
        assert isinstance(theirs, kind)
        _assert_equal(ours.reset(seed=6), theirs.reset(seed=6))
        for _ in range(9):
            actions = ours.action_masks().argmax(axis=1)
            _assert_equal(ours.step(actions), theirs.step(actions))
    finally:
        theirs.close()
        ours.close()


@pytest.mark.parametrize("context", ["spawn", "forkserver"])
def test_processes_that_are_not_forked(context: str) -> None:
    ours, theirs = _native(context=context), _sync(3, AutoresetMode.NEXT_STEP, SETTINGS["stable sets"])
    try:
        _assert_equal(ours.reset(seed=1), theirs.reset(seed=1))
        for _ in range(9):
            actions = ours.action_masks().argmax(axis=1)
            _assert_equal(ours.step(actions), theirs.step(actions))
    finally:
        ours.close()


@pytest.mark.parametrize(("num_envs", "num_workers", "others"), [(1, 4, 0), (3, 1, 0), (5, 3, 2), (2, 8, 1)])
def test_this_process_is_one_of_the_workers(num_envs: int, num_workers: int, others: int) -> None:
    envs = _native(num_envs, num_workers=num_workers)
    try:
        assert len(multiprocessing.active_children()) == others
        observations, _ = envs.reset(seed=list(range(num_envs)))
        expected = [PolyProofEnv(**SETTINGS["stable sets"]).reset(seed=row)[0] for row in range(num_envs)]
        for key, array in observations.items():
            np.testing.assert_array_equal(array, np.stack([row[key] for row in expected]))
    finally:
        envs.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"num_envs": 0},
        {"num_workers": 0},
        {"context": "thread"},
        {"autoreset_mode": "never"},
        {"render_mode": "human"},
        {"render_mode": "gui"},
        {"problem": "petersson"},
        {"max_steps": 0},
    ],
    ids=str,
)
def test_unusable_arguments_are_bad_input(settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        PolyProofVectorEnv(**{"num_envs": 2, "num_workers": 2, "context": "fork", **settings})


def test_unknown_arguments_are_an_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        PolyProofVectorEnv(2, colour="red")


# Using it wrongly -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actions", [[0, 0], [0, 0, 0, 0], 0, [0.0, 0.0, 0.0], [[0], [0], [0]]], ids=str)
def test_actions_that_do_not_fit_are_bad_input(actions: Any) -> None:
    envs = _native(num_workers=1)
    envs.reset()
    with pytest.raises(BadInput, match="3 whole numbers"):
        envs.step(actions)


@pytest.mark.parametrize(
    "mask", [[True] * 3, np.array([True, True]), np.array([1, 0, 1]), np.zeros(3, np.bool_)], ids=str
)
def test_reset_masks_that_do_not_fit_are_bad_input(mask: Any) -> None:
    envs = _native(num_workers=1)
    envs.reset()
    with pytest.raises(BadInput, match="reset_mask"):
        envs.reset(options={"reset_mask": mask})


def test_too_few_seeds_are_bad_input() -> None:
    with pytest.raises(BadInput, match="3 seeds"):
        _native(num_workers=1).reset(seed=[1, 2])


def test_a_reset_comes_first() -> None:
    envs = _native(num_workers=1)
    with pytest.raises(ResetNeeded):
        envs.step([0, 0, 0])
    with pytest.raises(ResetNeeded):
        envs.reset(options={"reset_mask": np.array([True, False, False])})


# One by one -----------------------------------------------------------------------------------------------------------


@workers
def test_attributes_and_methods_of_every_environment(num_workers: int) -> None:
    envs = _native(num_workers=num_workers, render_mode="ansi")
    try:
        envs.reset(seed=[4, 5, 6])
        assert envs.get_attr("num_variables") == (8, 8, 8)
        assert envs.call("encode_action", 2, variable=3, complement=True) == (39, 39, 39)
        assert envs.get_attr("np_random_seed") == (4, 5, 6)
        envs.set_attr("colour", ["red", "green", "blue"])
        assert envs.get_attr("colour") == ("red", "green", "blue")
        envs.set_attr("colour", "white")
        assert envs.get_attr("colour") == ("white", "white", "white")
        with pytest.raises(BadInput, match="3 values"):
            envs.set_attr("colour", ["red"])
        texts = envs.render()
        assert texts is not None
        assert [text.split(":")[0] for text in texts] == ["random-stable-set"] * 3
        proofs = envs.call("proof")
        assert [float(proof.bound) for proof in proofs] == [state.bound for state in envs.get_attr("state")]
    finally:
        envs.close()


# Errors and ends ------------------------------------------------------------------------------------------------------


@workers
def test_an_error_in_a_worker_is_raised_here_and_nothing_is_lost(num_workers: int) -> None:
    envs = _native(num_workers=num_workers)
    try:
        envs.reset(seed=0)
        kept = envs.action_masks()
        with pytest.raises(BadInput, match="larger than the problems this environment was made for; expected at most"):
            envs.reset(options={"problem": "cycle:n=20"})
        with pytest.raises(ValueError, match="no action multiplies inequality -1"):
            envs.call("encode_action", -1, 0, False)
        with pytest.raises(AttributeError, match="colour"):
            envs.get_attr("colour")
        np.testing.assert_array_equal(envs.action_masks(), kept)
        *_, infos = envs.step(kept.argmax(axis=1))
        assert not infos["invalid_action"].any()
    finally:
        envs.close()


class Unreadable(Exception):
    """An error that can be pickled, but not unpickled."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def _fails() -> None:
    raise Unreadable("what", "happened")


def _returns_what_cannot_be_sent() -> Any:
    return lambda: None


def test_what_cannot_be_sent_is_an_error() -> None:
    envs = _native(2)
    try:
        envs.set_attr("fails", [len, _fails])
        with pytest.raises(TypeError):  # of the first environment, which is this process's
            envs.call("fails")
        envs.set_attr("fails", [id(None), _fails])
        with pytest.raises(RuntimeError, match="what happened"):
            envs.call("fails")
        envs.set_attr("fails", _returns_what_cannot_be_sent)
        with pytest.raises(RuntimeError, match="not sent"):
            envs.call("fails")
        assert envs.get_attr("num_variables") == (8, 8)
    finally:
        envs.close()


def test_a_killed_worker_is_an_error_and_ends_the_others() -> None:
    envs = _native(4, num_workers=3)
    envs.reset()
    victim = multiprocessing.active_children()[0]
    os.kill(victim.pid or 0, signal.SIGKILL)
    victim.join()
    with pytest.raises(WorkerDied, match=r"polyproof worker \d has ended unexpectedly \(exit code -9\)"):
        envs.step(np.zeros(4, np.int64))
    with pytest.raises(ClosedEnvironmentError):
        envs.step(np.zeros(4, np.int64))
    assert envs.closed
    assert not multiprocessing.active_children()


@workers
def test_closing_twice_and_using_what_is_closed(num_workers: int) -> None:
    envs = _native(num_workers=num_workers)
    envs.reset()
    observations, *_ = envs.step([0, 0, 0])
    envs.close()
    envs.close()
    assert not multiprocessing.active_children()
    assert observations in envs.observation_space
    with pytest.raises(ClosedEnvironmentError):
        envs.reset()
    with pytest.raises(ClosedEnvironmentError):
        envs.step([0, 0, 0])
    with pytest.raises(ClosedEnvironmentError):
        envs.get_attr("state")


SCRIPT = """
import gymnasium as gym, numpy as np, polyproof_gym
envs = gym.make_vec("PolyProof-v0", num_envs=6, num_workers=3, context="fork", problem="random-stable-set:n=12")
envs.reset(seed=0)
{body}
"""
FOREVER = """
print("running", flush=True)
while True:
    envs.step(envs.action_masks().argmax(axis=1))
"""


def _script(body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(body=body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group of its own, workers included
    )


def _await_end_of_group(group: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("a worker has outlived the process that started it")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_the_process_that_started_it(number: signal.Signals) -> None:
    with _script(FOREVER) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        if number is signal.SIGINT:
            os.killpg(process.pid, number)  # as Ctrl-C does
        else:
            process.kill()
        _, errors = process.communicate(timeout=60)
        assert process.returncode == -int(number)
        assert errors.count("Traceback") == (number is signal.SIGINT)
    _await_end_of_group(process.pid)


@pytest.mark.parametrize("body", ["", "envs.step(np.zeros(6, int)); envs.close()", "del envs"])
def test_a_script_ends_quietly_whether_or_not_it_closes(body: str) -> None:
    with _script(body) as process:
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output, errors) == (0, "", "")
    _await_end_of_group(process.pid)
