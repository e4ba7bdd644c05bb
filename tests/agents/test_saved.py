from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym  # noqa: F401  (registers the environments)
from agents import agent_names, make_agent
from agents.dqn import MaskedDQN
from agents.networks import NetworkAgent, TrainedNetwork
from agents.pretrained import pretrained_agents
from agents.saved import load_agent, save_network, save_scorer
from agents.scoring import Scorer, prior_weights
from polyproof_gym import BadInput, ProofState, make_problem
from tests.flat import prove


def trained() -> TrainedNetwork:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=5)
    model = MaskedDQN("ProofPolicy", env, policy_kwargs={"width": 8, "rounds": 1}, buffer_size=10, seed=0, device="cpu")
    policy: Any = model.policy
    return TrainedNetwork.of(policy.network, policy.network_settings, "values")


@pytest.fixture
def network_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    save_network(folder, trained(), name="small", algorithm="masked-dqn")
    return folder


@pytest.fixture
def scorer_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scores"
    folder.mkdir()
    save_scorer(folder, Scorer(prior_weights()), name="scores", algorithm="none")
    return folder


def test_a_network_is_loaded_as_it_was_saved(network_folder: Path) -> None:
    assert sorted(path.name for path in network_folder.iterdir()) == ["agent.json", "weights.npz"]
    agent, original = make_agent(str(network_folder)), NetworkAgent(trained())
    assert isinstance(agent, NetworkAgent)
    state = ProofState(make_problem("petersen"), max_steps=5)
    assert (agent.scores(state) == original.scores(state)).all()
    with np.load(network_folder / "weights.npz", allow_pickle=False) as file:
        assert {file[key].dtype for key in file.files} == {np.dtype(np.float32)}


@pytest.mark.parametrize("settings", ["", ":sampled=1", ":rounds=3", ":sampled=1,rounds=3"])
def test_the_name_makes_the_agent_again(network_folder: Path, settings: str) -> None:
    agent = make_agent(f"{network_folder}{settings}")
    assert agent.name == f"{network_folder}{settings}"
    proofs = [prove("petersen", name, max_steps=8, seed=1) for name in (agent, agent.name)]
    assert proofs[0].lines == proofs[1].lines


def test_a_scorer_is_loaded_as_it_was_saved(scorer_folder: Path) -> None:
    agent = make_agent(str(scorer_folder))
    prove("cycle:n=5", agent, max_steps=5).verify()
    sampled = [prove("petersen", f"{scorer_folder}:sampled=1", max_steps=12, seed=seed).lines for seed in (0, 0, 1, 2)]
    assert sampled[0] == sampled[1]
    assert any(lines != sampled[0] for lines in sampled[2:])


def test_a_folder_is_all_that_a_name_needs(network_folder: Path, scorer_folder: Path) -> None:
    (network_folder.parent / "no agent").mkdir()
    assert pretrained_agents(network_folder.parent) == {"scores": scorer_folder, "small": network_folder}


def test_those_that_come_with_the_package_say_how_they_were_trained() -> None:
    for name, folder in pretrained_agents().items():
        assert name in agent_names()
        assert make_agent(name).name == name
        training = json.loads((folder / "training.json").read_text())
        assert {"config", "seed", "versions", "command"} <= set(training)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "oracle"}, "expected the description of a network or a scorer"),
        ({"network": None}, "expected the description of a network or a scorer"),
        ({"network": {"features": "dual", "width": 9, "rounds": 1}}, "expected settings and weights of one network"),
        ({"network": {"depth": 3}}, "expected settings and weights of one network"),
        (
            {"network": {"features": "dual", "estimate_rounds": 2.5}},
            "expected a whole number from 0 to 10000 as estimate_rounds, got 2.5",
        ),
        ({"network": {"features": "all"}}, "expected features dual or paper"),
        ({"scores": "marks"}, "expected scores that are values or logits"),
    ],
)
def test_descriptions_of_something_else_are_refused(
    network_folder: Path, changes: dict[str, Any], message: str
) -> None:
    path = network_folder / "agent.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    assert_refused(str(network_folder), message)


@pytest.mark.parametrize("features", [None, ["violation", "terms"]])
def test_a_scorer_of_other_features_is_refused(scorer_folder: Path, features: list[str] | None) -> None:
    path = scorer_folder / "agent.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "features": features}))
    assert_refused(str(scorer_folder), "expected a scorer of the features of this version")


@pytest.mark.parametrize("content", ["", "[]", "{", "\0", "[" * 10, "[" * 100_000])
def test_files_that_are_no_descriptions_are_refused(network_folder: Path, content: str) -> None:
    (network_folder / "agent.json").write_text(content)
    assert_refused(str(network_folder), "expected")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"])
def test_files_that_are_no_weights_are_refused(network_folder: Path, content: bytes) -> None:
    (network_folder / "weights.npz").write_bytes(content)
    assert_refused(str(network_folder), "expected the weights of a network")


def test_damaged_weights_are_refused_or_read(network_folder: Path) -> None:
    path = network_folder / "weights.npz"
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    refusals = 0
    for _ in range(40):
        damaged, place = bytearray(whole), int(rng.integers(len(whole) - 20))
        damaged[place : place + 20] = rng.bytes(20)
        path.write_bytes(damaged)
        try:
            make_agent(str(network_folder))
        except BadInput:
            refusals += 1
    assert refusals > 0


def test_a_single_array_is_refused(network_folder: Path) -> None:
    with (network_folder / "weights.npz").open("wb") as stream:
        np.save(stream, np.ones(3))
    assert_refused(str(network_folder), "expected the weights of a network")


def test_weights_that_are_no_numbers_are_refused(network_folder: Path) -> None:
    path = network_folder / "weights.npz"
    with np.load(path) as file:
        arrays: dict[str, Any] = {key: file[key] * np.nan for key in file.files}
    np.savez(path, **arrays)
    assert_refused(str(network_folder), "finite")


def test_there_is_no_agent(tmp_path: Path, network_folder: Path) -> None:
    assert_refused(str(tmp_path), "no trained agent there")
    assert_refused(str(tmp_path / "absent"), "there is no such folder")
    (network_folder / "weights.npz").unlink()
    assert_refused(str(network_folder), "expected the weights of a network")
    for setting in ("sampled=2", "width=3"):
        assert_refused(f"{network_folder}:{setting}", "expected sampled=")
    assert_refused(f"{network_folder}:sampled=yes", "expected a whole number for 'sampled'")


def assert_refused(spec: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_agent(spec)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_pytorch_it_says_what_to_install(network_folder: Path, scorer_folder: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from agents import make_agent\n"
        f"make_agent({str(scorer_folder)!r})\n"
        f"make_agent({str(network_folder)!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "BadInput" in done.stderr
    assert "needs PyTorch; install polyproof-gym[agents]" in done.stderr.splitlines()[-1]


def test_pytorch_is_loaded_for_networks_alone(scorer_folder: Path) -> None:
    code = f"import sys, agents; agents.make_agent({str(scorer_folder)!r}); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_load_agent_takes_any_name(network_folder: Path) -> None:
    assert load_agent(network_folder, "someone").name == "someone"
