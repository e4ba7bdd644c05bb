"""Train an agent as a configuration file says, in a folder that holds everything about the run.

``python -m experiments.train --config experiments/configs/NAME.yaml`` writes to ``runs/train/NAME-seed0``: the resolved
configuration with the versions and the command (``run.json``), the figures of every update (``metrics.jsonl`` and
TensorBoard), the checkpoint and the weights. Ctrl-C keeps all updates that were finished; ``--resume`` goes on from
there, as if it had not been interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from tqdm import tqdm

from experiments.reports import write_json
from polyproof_gym import BadInput
from polyproof_gym.problems import Problem, ProblemGenerator, make_source

if TYPE_CHECKING:
    from agents.scoring.training import TrainingSettings

PACKAGES = ("polyproof-gym", "numpy", "torch", "highspy", "stable-baselines3", "sb3-contrib", "gymnasium")
"""The packages whose versions are recorded."""


@dataclass(frozen=True)
class Config:
    """What a configuration file says.

    Attributes:
        problems: Spec strings of the generators that training problems are drawn from, in turn.
        settings: How to train.
    """

    problems: tuple[str, ...]
    settings: TrainingSettings

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a YAML file.

        Raises:
            BadInput: If it cannot be read, or says something else than is expected.
        """
        from agents.scoring.training import TrainingSettings

        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: expected a YAML file ({' '.join(str(error).split())})") from None
        keys = {"algorithm", "problems", "settings"}
        if not isinstance(content, dict) or set(content) != keys:
            raise BadInput(f"{path}: expected the keys {', '.join(sorted(keys))}")
        if content["algorithm"] != "policy-gradient":
            raise BadInput(f"{path}: expected the algorithm policy-gradient, got {content['algorithm']!r}")
        problems, settings = content["problems"], content["settings"]
        if not (isinstance(problems, list) and problems and all(isinstance(spec, str) for spec in problems)):
            raise BadInput(f"{path}: expected a list of spec strings as problems")
        known = {field.name for field in dataclasses.fields(TrainingSettings)}
        if not (isinstance(settings, dict) and set(settings) <= known):
            raise BadInput(f"{path}: expected settings among {', '.join(sorted(known))}")
        settings = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
        try:
            return cls(tuple(problems), TrainingSettings(**settings))
        except (TypeError, ValueError) as error:
            raise BadInput(f"{path}: {error}") from None

    def generators(self) -> list[ProblemGenerator]:
        """Where the problems come from.

        Raises:
            BadInput: If one of them is a single problem.
        """
        sources = [make_source(spec) for spec in self.problems]
        for source in sources:
            if isinstance(source, Problem):
                raise BadInput(f"expected random problems to train on, got {source.name}")
        return [source for source in sources if not isinstance(source, Problem)]


def record(config: Config, seed: int) -> dict[str, Any]:
    """What a run is: configuration, seed, versions and command."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        versions[package] = importlib.metadata.version(package)
    command = " ".join(["python", "-m", "experiments.train", *sys.argv[1:]])
    return {"config": asdict(config), "seed": seed, "versions": versions, "command": command}


def train(config: Config, seed: int, folder: Path, resume: bool) -> None:
    """Train, and write to a folder.

    Raises:
        BadInput: If the folder holds another run, or, to resume, none of this configuration and seed.
    """
    from torch.utils.tensorboard import SummaryWriter

    from agents.scoring.training import Trainer

    checkpoint, description = folder / "checkpoint.pt", folder / "run.json"
    trainer = Trainer(config.generators(), config.settings, seed)
    ours = json.loads(json.dumps(record(config, seed)))
    if resume:
        if not (checkpoint.is_file() and description.is_file()):
            raise BadInput(f"{folder}: nothing to resume there")
        theirs = json.loads(description.read_text(encoding="utf-8"))
        if any(theirs.get(key) != ours[key] for key in ("config", "seed")):
            raise BadInput(f"{folder}: expected a run of the same configuration and seed to resume")
        trainer.load(checkpoint)
    elif description.exists():
        raise BadInput(f"{folder}: there is a run already; --resume goes on with it")
    else:
        write_json(description, ours)
        trainer.save(checkpoint)
    updates = config.settings.updates
    with (
        SummaryWriter(str(folder)) as board,
        (folder / "metrics.jsonl").open("a", encoding="utf-8") as metrics,
        tqdm(total=updates, initial=trainer.update, unit="update", file=sys.stderr) as bar,
    ):
        for figures in trainer.run():
            trainer.save(checkpoint)
            metrics.write(json.dumps({"update": trainer.update, **figures}) + "\n")
            metrics.flush()
            for key, value in figures.items():
                board.add_scalar(f"train/{key}", value, trainer.update)
            bar.update()
            bar.set_postfix({key: f"{value:.3f}" for key, value in figures.items()})
    trainer.scorer.save(folder / "scorer.npz")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; the exit status."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="python -m experiments.train", description=__doc__.split("\n")[0])
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="configuration (YAML)")
    parser.add_argument("--seed", type=int, default=0, help="source of all randomness (default: %(default)s)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: runs/train/NAME-seedSEED")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    options = parser.parse_args(arguments)
    folder = options.out or Path("runs") / "train" / f"{options.config.stem}-seed{options.seed}"
    try:
        if options.seed < 0:
            raise BadInput(f"expected a seed of at least 0, got {options.seed}")
        train(Config.load(options.config), options.seed, folder, options.resume)
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print(f"interrupted; --resume goes on with {folder}", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
