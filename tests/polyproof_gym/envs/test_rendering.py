from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import BadInput, Problem
from polyproof_gym.envs import PolyProofEnv
from tests.polyproof_gym.envs.helpers import advance, constrained_problem

PROBLEMS: dict[str, Callable[[], str | Problem]] = {
    "petersen": lambda: "petersen",
    "complete": lambda: "complete:n=4",
    "caprasse": lambda: "caprasse",
    "robust margin": lambda: "robust-margin:latent=4",
    "constrained": constrained_problem,
    "odd name": lambda: polyproof_gym.polynomial("x1 - x2 - x1*x2", box="unit", name="cost $x_{$ of 50% ^ \\frac"),
}
every_problem = pytest.mark.parametrize("name", PROBLEMS)


@pytest.fixture
def no_screen() -> None:
    import matplotlib

    matplotlib.use("agg")


def _make(name: str, mode: str | None) -> PolyProofEnv:
    env = PolyProofEnv(PROBLEMS[name](), max_steps=40, render_mode=mode)
    env.reset(seed=0)
    return env


@every_problem
def test_text_tells_the_bound_and_what_was_derived(name: str) -> None:
    env = _make(name, "ansi")
    axioms = len(env.state.memory)
    for *_, info in advance(env, 5, np.random.default_rng(0)):
        text = env.render()
        assert f"{info['bound']:.10g}" in text
        assert env.state.problem.name in text
        for j in range(axioms, len(env.state.memory)):
            assert f"line {j}: {env.state.memory[j]} >= 0" in text


def test_text_of_a_finished_proof() -> None:
    env = _make("complete", "ansi")
    parent = 1
    for vertex in (1, 2, 3):
        env.step(env.encode_action(parent, vertex, True))
        parent = len(env.state.memory) - 1
    text = env.render()
    assert "max f <= 1 " in text
    assert f"(1 - x3) * line {parent - 1}" in text
    assert f"1 - x0 - x1 - x2 - x3) [line {parent}]" in text


@pytest.mark.parametrize("steps", [0, 30])
@every_problem
def test_text_stays_readable(name: str, steps: int) -> None:
    env = _make(name, "ansi")
    list(advance(env, steps, np.random.default_rng(0)))
    assert 2 <= len(env.render().splitlines()) <= 40


@every_problem
def test_picture_changes_with_the_proof(name: str) -> None:
    env = _make(name, "rgb_array")
    before = env.render()
    list(advance(env, 1, np.random.default_rng(0)))
    after = env.render()
    for picture in (before, after):
        assert picture.shape == (400, 1000, 3)
        assert picture.dtype == np.uint8
    assert (before != after).any()


def test_same_state_gives_the_same_picture() -> None:
    env, other = _make("petersen", "rgb_array"), _make("petersen", "rgb_array")
    np.testing.assert_array_equal(env.render(), env.render())
    for _ in advance(env, 5, np.random.default_rng(0)):
        env.render()
    list(advance(other, 5, np.random.default_rng(0)))
    np.testing.assert_array_equal(env.render(), other.render())


@every_problem
def test_panels_stay_where_they_are(name: str) -> None:
    """The axes of the bound, below it and on its left, are the same at every step."""
    env = _make(name, "rgb_array")
    pictures = [env.render(), *(env.render() for _ in advance(env, 12, np.random.default_rng(0)))]
    for picture in pictures[1:]:
        np.testing.assert_array_equal(picture[315:360, :560], pictures[0][315:360, :560])
        np.testing.assert_array_equal(picture[45:360, :65], pictures[0][45:360, :65])


def test_the_next_problem_has_a_picture_of_its_own() -> None:
    env = PolyProofEnv("random-stable-set:n=8", max_steps=10, render_mode="rgb_array")
    pictures = []
    for seed in (0, 1, 0):
        env.reset(seed=seed)
        pictures.append(env.render())
    assert (pictures[0] != pictures[1]).any()
    np.testing.assert_array_equal(pictures[0], pictures[2])


@every_problem
def test_what_changes_is_all_that_is_drawn_anew(name: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from polyproof_gym.envs.picture import SIZE, Picture

    env = _make(name, "rgb_array")
    env.render()
    bounds = [env.state.bound, *(info["bound"] for *_, info in advance(env, 6, np.random.default_rng(0)))]
    canvas = FigureCanvasAgg(Figure(figsize=SIZE, dpi=100))
    Picture(canvas.figure, env.state.problem, 40, bounds[0]).update(env.state, bounds)
    canvas.draw()
    whole = np.asarray(canvas.buffer_rgba())[:, :, :3]
    assert (whole != env.render()).mean() < 1e-3  # the curve ends above the axes in one of them


def test_a_copy_draws_on_its_own() -> None:
    env = _make("petersen", "rgb_array")
    before = env.render()
    twin = pickle.loads(pickle.dumps(env))
    list(advance(twin, 3, np.random.default_rng(0)))
    assert (twin.render() != before).any()
    np.testing.assert_array_equal(env.render(), before)


def test_characters_that_the_font_lacks() -> None:
    problem = polyproof_gym.stable_set([("五", "x1"), ("x1", "λ")], name="五 \x1b")
    env = PolyProofEnv(problem, max_steps=4, render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (400, 1000, 3)


def test_picture_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    env = _make("petersen", "rgb_array")
    monkeypatch.setitem(sys.modules, "polyproof_gym.envs.picture", None)
    with pytest.raises(gym.error.DependencyNotInstalled, match="pip install"):
        env.render()


@pytest.mark.usefixtures("no_screen")
def test_without_a_screen_the_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    env = _make("petersen", "human")
    assert "max f <= 10" in capsys.readouterr().out
    list(advance(env, 1, np.random.default_rng(0)))
    assert f"line 20: {env.state.memory[20]} >= 0" in capsys.readouterr().out
    assert env.render() is None
    assert "max f <= 10" in capsys.readouterr().out
    env.close()
    env.close()


def test_without_matplotlib_the_text_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    env = _make("petersen", "human")
    assert "max f <= 10" in capsys.readouterr().out
    env.close()


@pytest.mark.usefixtures("no_screen")
def test_look_ahead_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    env = _make("petersen", "human")
    clone = env.clone()
    capsys.readouterr()
    list(advance(clone, 2, np.random.default_rng(0)))
    assert capsys.readouterr().out == ""
    assert len(clone.state.memory) == len(env.state.memory) + 2


def test_without_a_mode_nothing_is_rendered(capsys: pytest.CaptureFixture[str]) -> None:
    env = _make("petersen", None)
    assert env.render() is None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("mode", ["gui", "", "ANSI"])
def test_unknown_mode_is_bad_input(mode: str) -> None:
    with pytest.raises(BadInput, match="rgb_array"):
        PolyProofEnv("petersen", render_mode=mode)


@pytest.mark.parametrize("mode", [None, "ansi", "rgb_array", "human"])
def test_closing_twice_is_fine(mode: str | None) -> None:
    env: gym.Env[Any, Any] = gym.make("PolyProof-v0", problem="cycle:n=5", render_mode=mode)
    env.reset()
    env.close()
    env.close()
    assert env.unwrapped.render_mode == mode
