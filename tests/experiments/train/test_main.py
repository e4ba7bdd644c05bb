from __future__ import annotations

import io
import json
import math
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from agents import make_agent
from experiments.train.run import settings_in
from experiments.train.settings import load_config
from experiments.train.shipped import SHIPPED, config_file
from experiments.train.stable_baselines import StableBaselinesTraining
from experiments.train.training import make_training
from polyproof_gym import BadInput, make_problem
from polyproof_gym.envs.reward import NEARLY_CLOSED
from polyproof_gym.problems import stability_number
from tests.experiments.conftest import ROOT
from tests.experiments.train.small import SMALL, UNITS, rows, save_start, start_agent, train, write
from tests.flat import prove

each_algorithm = pytest.mark.parametrize("algorithm", SMALL)


@each_algorithm
def test_a_run_folder_holds_everything_and_is_an_agent(algorithm: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert train(write(tmp_path / "small.yaml", algorithm), folder, "--seed", "3") == 0
    run = json.loads((folder / "run.json").read_text())
    assert (run["seed"], run["config"]["algorithm"]) == (3, algorithm)
    assert run["config"]["settings"].keys() > SMALL[algorithm]["settings"].keys()  # those that were not given as well
    assert {"python", "torch", "highspy"} <= set(run["versions"])
    assert run["command"].startswith("python -m experiments.train")
    assert list(folder.glob("events.out.tfevents.*"))
    expected = {"masked-dqn": [40, 80, 120], "maskable-ppo": [32, 64, 96]}
    counts = [row[UNITS.get(algorithm, "updates")] for row in rows(folder)]
    assert counts == expected.get(algorithm, [1, 2, 3])
    for spec in (str(folder), f"{folder}:sampled=1"):
        agent = make_agent(spec)
        assert agent.name == spec
        prove("cycle:n=5", agent, max_steps=5).verify()


def test_a_run_ends_with_what_it_has_come_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "run"
    assert train(write(tmp_path / "small.yaml", "cma-es"), folder) == 0
    result, advice = capsys.readouterr().out.splitlines()
    assert result.startswith(f"{folder}: 3 updates in ")
    assert f"bound {rows(folder)[-1]['held_out_bound']:.4g}" in result
    assert advice.startswith("next, prove something with it: polyproof prove random-stable-set:")
    assert advice.endswith(f" --agent {folder}")


@each_algorithm
def test_the_bounds_of_held_out_problems_are_kept(algorithm: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    problems = ["random-stable-set:n_min=5,n_max=6"]
    assert train(write(tmp_path / "small.yaml", algorithm, problems=problems, held_out=4), folder) == 0
    content, last = json.loads((folder / "held_out.json").read_text()), rows(folder)[-1]
    names = [make_problem(f"{problems[0]},index={index}").name for index in range(4)]
    assert [row["problem"] for row in content["problems"]] == names
    assert np.mean([row["bound"] for row in content["problems"]]) == pytest.approx(last["held_out_bound"])
    for row in content["problems"]:
        assert row["bound"] >= stability_number(make_problem(row["problem"])) - 1e-6
        assert 1 <= row["steps"] <= content["steps"]
    assert content["seconds"] == last["seconds"] > 0


@pytest.mark.parametrize("algorithm", ["masked-dqn", "maskable-ppo"])
def test_the_learning_rate_falls_to_its_end(algorithm: str) -> None:
    changes = {"settings": {**SMALL[algorithm]["settings"], "learning_rate": 0.01, "learning_rate_end": 0.001}}
    training = make_training({"algorithm": algorithm, **SMALL[algorithm], **changes}, seed=0)
    assert isinstance(training, StableBaselinesTraining)
    rates: list[float] = []
    training.run(lambda: rates.append(training.learning_rate))
    assert rates[0] == 0.01
    assert sorted(rates, reverse=True) == rates
    assert rates[-1] < 0.004


def test_figures_of_the_algorithms_of_stable_baselines(tmp_path: Path) -> None:
    common = {"steps", "return", "bound", "ratio", "length", "loss", "seconds"}
    own = {"masked-dqn": {"exploration"}, "maskable-ppo": {"entropy", "approx_kl"}}
    most = {"masked-dqn": 1.0, "maskable-ppo": -math.log(NEARLY_CLOSED)}  # by the rewards in their configurations
    for algorithm, special in own.items():
        folder = tmp_path / algorithm
        assert train(write(tmp_path / "small.yaml", algorithm), folder) == 0
        last = rows(folder)[-1]
        assert common | special | {"held_out_return", "held_out_ratio"} <= set(last)
        assert 0 <= last["return"] <= most[algorithm]
        assert last["held_out_ratio"] >= 1
        assert 1 <= last["length"] <= 6


@pytest.mark.parametrize("algorithm", ["ars", "cma-es"])
def test_figures_of_evolution(algorithm: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert train(write(tmp_path / "small.yaml", algorithm), folder) == 0
    common = {"updates", "timesteps", "return", "return_of_mean", "gain", "seconds"}
    figures = rows(folder)
    for row in figures:
        assert common | ({"step_size"} if algorithm == "cma-es" else set()) <= set(row)
        assert row["return"] > 0
    assert figures[0]["gain"] == 0  # nothing is learned before the first update
    assert 0 < figures[0]["timesteps"] < figures[1]["timesteps"] < figures[2]["timesteps"]
    assert {"held_out_return", "held_out_bound"} <= set(figures[-1])


@pytest.mark.parametrize("algorithm", ["ars", "cma-es"])
def test_evolution_does_not_depend_on_the_number_of_processes(algorithm: str, tmp_path: Path) -> None:
    folders = [tmp_path / f"{workers}" for workers in (1, 3)]
    for workers, folder in zip((1, 3), folders, strict=True):
        assert train(write(tmp_path / "small.yaml", algorithm, workers=workers), folder) == 0
    weights = [(folder / "weights.npz").read_bytes() for folder in folders]
    assert weights[0] == weights[1]
    with np.load(folders[0] / "weights.npz") as arrays:
        assert arrays["weights"].any()  # as no update would have left them


@pytest.mark.parametrize("algorithm", ["ars", "cma-es"])
def test_evolution_takes_rules(algorithm: str, tmp_path: Path) -> None:
    bounds = {}
    for rules in ("products", "products,squares"):
        folder, trials = tmp_path / rules, {"problems": 2, "steps_per_variable": [3.0, 4.0], "rules": rules}
        changes = {"problems": ["random-polynomial:n=2"], "trials": trials, "updates": 1, "held_out": 3}
        assert train(write(tmp_path / "small.yaml", algorithm, **changes), folder) == 0
        config = json.loads((folder / "run.json").read_text())["config"]
        assert config["trials"]["rules"] == rules.split(",")
        bounds[rules] = [row["bound"] for row in json.loads((folder / "held_out.json").read_text())["problems"]]
    assert bounds["products"] != bounds["products,squares"]


def test_another_run_is_neither_overwritten_nor_mixed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, config = tmp_path / "run", write(tmp_path / "small.yaml", "maskable-ppo")
    assert train(config, folder) == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for arguments, message in [
        ((), "there is a run already"),
        (("--resume", "--seed", "1"), "same configuration and seed"),
    ]:
        with pytest.raises(SystemExit) as caught:
            train(config, folder, *arguments)
        assert caught.value.code == 2
        assert message in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("algorithm", "changes", "message"),
    [
        ("masked-dqn", {"algorithm": "masked-dqns"}, "did you mean 'masked-dqn'?"),
        ("masked-dqn", {"algorithm": 3}, "unknown algorithm 3, expected one of ars, cma-es, masked-dqn"),
        ("masked-dqn", {"problem": []}, "unknown key 'problem', did you mean 'problems'?"),
        ("masked-dqn", {"problems": []}, "expected a list of spec strings as problems"),
        ("masked-dqn", {"problems": ["petersen"]}, "expected random problems"),
        ("masked-dqn", {"problems": ["petersem"]}, "petersem"),
        ("masked-dqn", {"settings": {"learning_rate": -1}}, "learning_rate"),
        ("masked-dqn", {"settings": 3}, "expected names and values as settings, got 3"),
        ("masked-dqn", {"held_out": 0}, "expected a whole number of at least 1 as held_out"),
        ("masked-dqn", {"held_out": "all"}, "expected a whole number of at least 1 as held_out"),
        ("masked-dqn", {"settings": {"learning_rate_end": "low"}}, "as learning_rate_end"),
        ("masked-dqn", {"problems": None}, "expected a list of spec strings as problems"),
        ("masked-dqn", {"settings": {"learning_rates": 1}}, "did you mean 'learning_rate'?"),
        ("masked-dqn", {"settings": {"learning_rate": "1e-4"}}, "expected a number of at least 0"),
        ("masked-dqn", {"settings": {"batch_size": 0}}, "expected a whole number of at least 1 as batch_size"),
        ("masked-dqn", {"settings": {"double": 1}}, "expected true or false as double"),
        ("masked-dqn", {"settings": {"seed": 1}}, "unknown setting 'seed'"),
        ("masked-dqn", {"step": 100}, "did you mean 'steps'?"),
        ("masked-dqn", {"envs": 0}, "expected a whole number of at least 1 as envs"),
        ("masked-dqn", {"environment": {"max_step": 3}}, "did you mean 'max_steps'?"),
        ("masked-dqn", {"environment": {"rules": ["product"]}}, "unknown rule 'product', did you mean 'products'?"),
        ("masked-dqn", {"environment": {"rules": ["products", "squares"]}}, "scores products with variables only"),
        (
            "masked-dqn",
            {"environment": {"reward": "gold"}},
            "expected one of 'gap', 'raw', 'log', 'ratio' as reward",
        ),
        ("masked-dqn", {"environment": {"target": "high"}}, "expected a finite number or 'incumbent' as target"),
        (
            "masked-dqn",
            {"environment": {"steps_per_variable": 2}},
            "expected a range of positive numbers",
        ),
        ("masked-dqn", {"environment": {"max_steps": 6, "steps_per_variable": [1, 2]}}, "expected max_steps >= 2 * 6"),
        ("masked-dqn", {"policy": {"features": "all"}}, "expected features dual or paper"),
        ("masked-dqn", {"environment": {"target": True}}, "expected a finite number or 'incumbent' as target"),
        ("masked-dqn", {"policy": {"start": "no/such/folder"}}, "no/such/folder: no trained agent there"),
        ("masked-dqn", {"policy": {"start": 3}}, "expected text as start"),
        ("masked-dqn", {"settings": {"noise": 0.5}}, "noise on weights needs a ProofPolicy with a start"),
        ("masked-dqn", {"policy": {"features": "dual"}}, "need observations with lp_features=True"),
        ("maskable-ppo", {"policy": "simple"}, "expected names and values as policy"),
        ("maskable-ppo", {"settings": {"clip_rang": 0.1}}, "did you mean 'clip_range'?"),
        ("maskable-ppo", {"settings": {"target_kl": "small"}}, "as target_kl"),
        ("cma-es", {"start": "priors"}, "unknown start 'priors', did you mean 'prior'?"),
        ("cma-es", {"start": "learned"}, "unknown start 'learned', expected one of prior, zero"),
        ("cma-es", {"start": 0}, "expected text as start, got 0"),
        *(
            (
                algorithm,
                {"trials": {"steps_per_variable": budgets}},
                "trials: expected a range of positive numbers as steps_per_variable, got",
            )
            for algorithm, budgets in [
                *(("cma-es", [2.0, 1.0]), ("cma-es", [0, 1.0]), ("cma-es", 2.0), ("cma-es", [1.0, 1.0e308])),
                *(("ars", [1.0, "2"]), ("ars", None), ("ars", [1.0, math.nan])),
            ]
        ),
        ("cma-es", {"trials": {"steps_per_variable": [1.0, 1.0e7]}}, "expected at most"),
        (
            "cma-es",
            {"trials": {"reward": "gold"}},
            "expected one of 'gap', 'raw', 'log', 'ratio' as reward, got 'gold'",
        ),
        ("cma-es", {"trials": {"problems": 0}}, "trials: expected a whole number of at least 1 as problems, got 0"),
        ("cma-es", {"trials": {"problem": 3}}, "unknown setting of the trials 'problem', did you mean 'problems'?"),
        ("cma-es", {"trials": {"rules": "product"}}, "unknown rule 'product', did you mean 'products'?"),
        ("cma-es", {"trials": {"rules": ["constraints"]}}, "expected rules that give actions"),
        ("cma-es", {"settings": {"population": 10**9}}, "expected a whole number of at most 1000 as population"),
        ("cma-es", {"trials": {"problems": 10**9}}, "trials: expected a whole number of at most 1000 as problems"),
        ("cma-es", {"workers": 10**9}, "expected a whole number of at most 256 as workers"),
        ("ars", {"settings": {"n_delta": 10**9}}, "expected a whole number of at most 1000 as n_delta"),
        ("ars", {"held_out": 10**12}, "expected a whole number of at most 10000 as held_out"),
        ("ars", {"updates": 10**12}, "expected a whole number of at most 1000000000 as updates"),
        (
            "masked-dqn",
            {"settings": {"buffer_size": 10**12}},
            "expected a whole number of at most 10000000 as buffer_size",
        ),
        ("masked-dqn", {"envs": 10**7}, "expected a whole number of at most 1000 as envs"),
        ("masked-dqn", {"policy": {"width": 10**6}}, "expected a whole number of at most 1024 as width"),
        ("maskable-ppo", {"settings": {"n_steps": 10**8}}, "expected a whole number of at most 100000 as n_steps"),
        ("cma-es", {"trials": 3}, "expected names and values as trials, got 3"),
        ("cma-es", {"trial": {}}, "unknown key 'trial', did you mean 'trials'?"),
        ("cma-es", {"problems": ["petersen"]}, "expected random problems"),
        ("cma-es", {"problems": None}, "expected a list of spec strings as problems"),
        ("cma-es", {"settings": {"population": 5}}, "settings: expected an even number of at least 4 as population"),
        ("cma-es", {"settings": {"population": 2}}, "settings: expected an even number of at least 4 as population"),
        ("cma-es", {"settings": {"population": 0}}, "expected a whole number of at least 1 as population"),
        ("cma-es", {"settings": {"step_size": 0.0}}, "a number from 1e-06 to 1e+06 as step_size"),
        ("cma-es", {"settings": {"step_size": 1e300}}, "a number from 1e-06 to 1e+06 as step_size"),
        ("ars", {"settings": {"delta_std": 1e300}}, "numbers up to 1e+06 as learning_rate and delta_std"),
        ("cma-es", {"settings": {"n_delta": 4}}, "unknown setting 'n_delta'"),
        ("cma-es", {"settings": None}, "expected names and values as settings, got None"),
        ("ars", {"settings": {"n_delta": 2, "n_top": 3}}, "settings: expected n_top of at most n_delta, got 3"),
        ("ars", {"settings": {"n_delta": 0}}, "expected a whole number of at least 1 as n_delta"),
        ("ars", {"settings": {"delta_std": -1.0}}, "expected a number of at least 0"),
        ("ars", {"updates": 0}, "expected a whole number of at least 1 as updates"),
        ("ars", {"workers": 0}, "expected a whole number of at least 1 as workers"),
        ("ars", {"held_out": 0}, "expected a whole number of at least 1 as held_out"),
        ("ars", {"steps": 100}, "unknown key 'steps'"),
    ],
)
def test_bad_configurations_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], algorithm: str, changes: dict[str, Any], message: str
) -> None:
    config = tmp_path / "small.yaml"
    config.write_text(yaml.safe_dump({"algorithm": algorithm, **SMALL[algorithm], **changes}))
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run")
    assert caught.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[-1]
    assert "small.yaml" in lines[-1]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "message"), [("settings: {{", "expected a YAML file"), ("- 3", "expected a YAML file with names")]
)
def test_files_that_hold_no_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    config = tmp_path / "small.yaml"
    config.write_text(content)
    with pytest.raises(SystemExit):
        train(config, tmp_path / "run")
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_configuration_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(tmp_path / "absent.yaml", tmp_path / "run")
    assert caught.value.code == 2
    assert "absent.yaml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("quik", "unknown configuration 'quik', did you mean 'quick'?; or expected a YAML file"),
        ("ppo", "unknown configuration 'ppo', did you mean 'ppo-stable-set'?; or expected a YAML file"),
        ("quik.yaml", "quik.yaml: No such file or directory"),
    ],
)
def test_the_name_of_no_configuration(name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(Path(name), tmp_path / "run")
    assert caught.value.code == 2
    assert f"{said} (--help tells more)\n" in capsys.readouterr().err


def test_configurations_that_ship_are_known_by_their_names_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {name: config_file(name) for name in SHIPPED} == SHIPPED
    assert load_config(config_file("quick"))["algorithm"] == "cma-es"
    own = write(tmp_path / "quick", "maskable-ppo")
    assert config_file("quick") == Path(own.name)  # a file that is there comes first


def test_there_is_nothing_to_resume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(write(tmp_path / "small.yaml", "maskable-ppo"), tmp_path / "run", "--resume")
    assert caught.value.code == 2
    assert "nothing to resume" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", '{"config": ', "[]", "[" * 100_000])
def test_a_record_that_is_none_is_not_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    config = write(tmp_path / "small.yaml", "maskable-ppo")
    assert train(config, tmp_path / "run") == 0
    (tmp_path / "run" / "run.json").write_text(content)
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run", "--resume")
    assert caught.value.code == 2
    assert "run.json: expected the record of a run" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("path", sorted((ROOT / "experiments" / "configs").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_configurations_that_come_with_the_package_are_understood(path: Path) -> None:
    content = load_config(path)
    training = make_training(content, seed=0)
    assert training.done == 0
    assert content["settings"].items() <= json.loads(json.dumps(training.config["settings"])).items()


@pytest.mark.parametrize("algorithm", ["masked-dqn", "maskable-ppo"])
def test_a_training_that_has_learned_nothing_is_its_start(algorithm: str, tmp_path: Path) -> None:
    scorer = save_start(tmp_path)
    policy = {**SMALL[algorithm]["policy"], "start": str(scorer), "temperature": 0.5}
    settings = {**SMALL[algorithm]["settings"], "learning_rate": 0}
    settings.pop("learning_rate_end", None)
    config = write(tmp_path / "small.yaml", algorithm, policy=policy, settings=settings)
    assert train(config, tmp_path / "run") == 0
    shutil.rmtree(scorer)  # the agent stands alone
    for problem in ("random-stable-set:n=9,index=0", "caprasse"):
        lines = [prove(problem, agent, max_steps=15).lines for agent in (str(tmp_path / "run"), start_agent())]
        assert lines[0] == lines[1]
    description = json.loads((tmp_path / "run" / "agent.json").read_text())
    (tmp_path / "run" / "agent.json").write_text(json.dumps({**description, "features": ["another"]}))
    with pytest.raises(BadInput, match="expected a network of the features of this version"):
        make_agent(str(tmp_path / "run"))


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path / "small.yaml", "maskable-ppo")
    assert train(config, tmp_path / "run") == 0
    (file,) = (tmp_path / "run").glob("checkpoint-*/model.zip")
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    weights = torch.load(io.BytesIO(entries["policy.pth"]), weights_only=True)
    name = next(name for name in weights if name.endswith("product_reach.weight"))
    stream = io.BytesIO()
    torch.save({**weights, name: torch.zeros(1, 3)}, stream)
    with zipfile.ZipFile(file, "w") as archive:
        for entry, content in {**entries, "policy.pth": stream.getvalue()}.items():
            archive.writestr(entry, content)
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run", "--resume")
    assert caught.value.code == 2
    assert "expected a checkpoint that is whole and of this version" in capsys.readouterr().err.splitlines()[-1]


@each_algorithm
def test_trying_the_agent_now_and_then_changes_nothing_else(algorithm: str, tmp_path: Path) -> None:
    every = 40 if algorithm in UNITS else 1
    folders = [tmp_path / f"{number}" for number in (0, every)]
    for folder, number in zip(folders, (0, every), strict=True):
        config = write(tmp_path / "small.yaml", algorithm, held_out=2, held_out_every=number)
        assert train(config, folder) == 0
    plain, tried = map(rows, folders)
    assert ["held_out_bound" in row for row in plain] == [False, False, True]
    assert all("held_out_bound" in row for row in tried[(algorithm in UNITS) :])
    for one, other in zip(plain, tried, strict=True):
        known = one.keys() - {"seconds"}
        assert {name: other[name] for name in known} == {name: one[name] for name in known}
    weights = [(folder / "weights.npz").read_bytes() for folder in folders]
    assert weights[0] == weights[1]


def test_tensorboard_shows_a_training(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert train(write(tmp_path / "small.yaml", "cma-es", held_out=2, held_out_every=2), folder) == 0
    run = EventAccumulator(str(folder))
    run.Reload()
    assert {"train/return", "held_out/bound", "held_out/return"} <= set(run.Tags()["scalars"])
    assert [event.step for event in run.Scalars("held_out/bound")] == [0, 2, 3]
    assert [event.step for event in run.Images("held_out/picture")] == [0, 2, 3]
    assert "train/config/text_summary" in run.Tags()["tensors"]
    assert "_hparams_/session_start_info" in run.summary_metadata


def test_settings_on_one_level() -> None:
    config = {"a": {"b": [1.5, 2], "c": None}, "d": True, "e": "text"}
    assert settings_in(config) == {"a.b": "1.5, 2", "d": True, "e": "text"}


def test_settings_of_a_configuration_are_changed_on_the_command_line(tmp_path: Path) -> None:
    folder, config = tmp_path / "run", write(tmp_path / "small.yaml", "cma-es")
    changes = ["--set", "updates=1", "--set", "settings.population=6", "--set", "trials.steps_per_variable=[1.0, 2.0]"]
    assert train(config, folder, *changes) == 0
    record = json.loads((folder / "run.json").read_text())
    assert (record["config"]["updates"], record["config"]["settings"]["population"]) == (1, 6)
    assert record["config"]["trials"]["steps_per_variable"] == [1.0, 2.0]
    assert record["command"].startswith("python -m experiments.train --config ")
    assert "--set settings.population=6" in record["command"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("updtes=3", "unknown key 'updtes', did you mean 'updates'?"),
        ("settings.populaton=4", "unknown setting 'populaton', did you mean 'population'?"),
        ("updates.x=3", "expected a group of settings as updates, got 3"),
        ("updates=many", "expected a whole number of at least 1 as updates, got 'many'"),
        ("updates", "--set: expected KEY=VALUE, such as settings.learning_rate=0.01, got 'updates'"),
        ("updates=[", "--set: expected KEY=VALUE"),
        (".x=1", "--set: expected KEY=VALUE"),
    ],
)
def test_changes_that_cannot_be_are_refused(
    given: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        train(write(tmp_path / "small.yaml", "cma-es"), tmp_path / "run", "--set", given)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "run").exists()
