"""What matters for learning: trainings that differ in one thing each, compared on the same held-out problems.

``python -m experiments.ablation`` trains every arm, a configuration file of ``experiments/configs/ablations``, with
several seeds, and prints one table. Runs that are finished are not repeated and interrupted ones go on, so that the
same command completes what Ctrl-C or ``--only`` left over.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.agent import StepAgent
from agents.registry import make_agent
from experiments.benchmark.table import markdown
from experiments.options import positive
from experiments.reports import write_json
from experiments.statistics import Estimate, Values, mean, mean_difference, seed_means
from experiments.train.settings import closest, load_config
from experiments.train.training import Training, make_training
from experiments.trials import INTERRUPTED
from polyproof_gym import BadInput, InvalidProof
from polyproof_gym.problems import stability_number
from polyproof_gym.problems.stable_set import FAMILY
from polyproof_gym.stopping import raised_on_sigterm

if TYPE_CHECKING:
    from experiments.train.episodes import HeldOut

CONFIGS = Path(__file__).parent / "configs" / "ablations"
"""Where the arms are by default."""

BASELINES = ("random", "random-closed", "dual-guided", "estimate-guided")
"""Agents that are tried on the same problems."""

REFERENCE = "dual-guided"
"""The one of these that all are compared with, problem by problem."""

ACCURACY = 1e-6
"""What a bound, which is a float here, may pass the optimum by."""


@dataclass(frozen=True)
class Result:
    """One arm or baseline on the held-out problems.

    Attributes:
        name: Of the arm or the baseline.
        bounds: The bound at the end of every episode, per seed and problem.
        seconds: Duration of the training, per seed; none of a baseline.
    """

    name: str
    bounds: list[list[float]]
    seconds: list[float]

    @property
    def values(self) -> Values:
        """The bounds, shape ``(seeds, problems)``."""
        return np.array(self.bounds)


@dataclass(frozen=True)
class Row:
    """A result summed up.

    Attributes:
        name: Of the arm or the baseline.
        bound: The mean bound; in the bootstrap seeds and problems are drawn.
        seed_means: The mean bound for every seed.
        ratio: The mean bound divided by the mean optimum.
        minus: The mean difference to the bounds of the reference, problem by problem; ``None`` of itself.
        seconds: Mean duration of a training; ``None`` of a baseline.
    """

    name: str
    bound: Estimate
    seed_means: list[float]
    ratio: float
    minus: Estimate | None
    seconds: float | None

    @classmethod
    def of(cls, result: Result, optima: Sequence[float], reference: Result) -> Row:
        """The row of a result, given the optimum of every problem and the result it is compared with."""
        values = result.values
        return cls(
            name=result.name,
            bound=mean(values),
            seed_means=seed_means(values),
            ratio=float(values.mean() / np.mean(optima)),
            minus=None if result is reference else mean_difference(values, reference.values),
            seconds=float(np.mean(result.seconds)) if result.seconds else None,
        )


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    columns: dict[str, Callable[[Row], str]] = {
        "arm": lambda row: row.name,
        "seeds": lambda row: str(len(row.seed_means)),
        "mean bound [95 %]": lambda row: str(row.bound),
        "seeds from, to": lambda row: f"{min(row.seed_means):.2f}, {max(row.seed_means):.2f}",
        "bound / optimum": lambda row: f"{row.ratio:.3f}",
        f"minus {REFERENCE} [95 %]": lambda row: "" if row.minus is None else str(row.minus),
        "training, s": lambda row: "" if row.seconds is None else f"{row.seconds:.0f}",
    }
    return markdown(columns, rows)


def arms_of(folder: Path, only: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """The configurations of the arms, by their names.

    Args:
        folder: Where the files are.
        only: The names that are wanted; all if there are none.

    Raises:
        BadInput: If there are no files, or one is not there or cannot be read.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if not files:
        raise BadInput(f"{folder}: expected configurations (*.yaml)")
    for name in only or ():
        if name not in files:
            raise closest("arm", name, files)
    return {name: load_config(files[name]) for name in dict.fromkeys(only or files)}


def common_held_out(arms: Mapping[str, dict[str, Any]]) -> HeldOut:
    """The held-out problems of all arms.

    Raises:
        BadInput: If a configuration cannot be used, or two have different problems or step budgets.
    """
    found: dict[str, HeldOut] = {}
    for name, content in arms.items():
        try:
            found[name] = make_training(content, seed=0).held_out
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from None
    first, *others = found.items()
    for name, held_out in others:
        if held_out != first[1]:
            raise BadInput(f"{name}: expected the problems, the held-out ones and the step budget of {first[0]}")
    return first[1]


def optima_of(held_out: HeldOut) -> list[float]:
    """The optimum of every held-out problem.

    Raises:
        BadInput: If they are not all stable sets, the only ones whose optimum is found here.
    """
    problems = [held_out.source.held_out(index) for index in range(held_out.problems)]
    for problem in problems:
        if problem.family != FAMILY:
            raise BadInput(f"expected stable sets, whose optimum can be found, got {problem.name}")
    return [float(stability_number(problem)) for problem in problems]


def result_of(name: str, content: dict[str, Any], seeds: int, runs: Path) -> Result:
    """Train an arm with the first seeds, as far as that is not done yet.

    Raises:
        BadInput: If there is another run where one of these is to be.
        KeyboardInterrupt: If it was interrupted; all that was done is saved.
    """
    from experiments.train.run import held_out_of  # here, since it loads PyTorch

    bounds, seconds = [], []
    for seed in range(seeds):
        folder = runs / f"{name}-seed{seed}"
        _complete(make_training(content, seed), content["algorithm"], seed, folder)
        outcome = held_out_of(folder)
        assert outcome is not None
        bounds.append([row["bound"] for row in outcome["problems"]])
        seconds.append(outcome["seconds"])
    return Result(name, bounds, seconds)


def _complete(training: Training, algorithm: str, seed: int, folder: Path) -> None:
    """Begin a run, go on with it, or leave it as it is."""
    from experiments.train.run import describe, held_out_of, is_begun, require_same, train

    description = describe(algorithm, training, seed)
    is_old = is_begun(folder)
    if is_old:
        require_same(description, folder)
    if held_out_of(folder) is None:
        print(f"{folder.name}: {training.total} {training.unit}s", file=sys.stderr)
        train(training, description, folder, resume=is_old)


def baseline(name: str, held_out: HeldOut, seeds: int) -> Result:
    """An agent that needs no training, with the first seeds."""
    agent = make_agent(name)
    assert isinstance(agent, StepAgent)
    bounds = [[episode["bound"] for episode in held_out.episodes_of(agent, seed)] for seed in range(seeds)]
    return Result(name, bounds, [])


def require_valid(result: Result, optima: Sequence[float]) -> None:
    """Check that no bound passes the optimum.

    Raises:
        InvalidProof: If one does.
    """
    lowest = (result.values - np.array(optima)).min()
    if lowest < -ACCURACY:
        raise InvalidProof(f"{result.name}: a bound passes the optimum by {-lowest}")


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    title = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m experiments.ablation", description=title)
    parser.add_argument("--seeds", type=positive, default=5, help="trainings per arm (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="ARM", help="train and show these arms (default: all)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to this file")
    parser.add_argument("--configs", type=Path, default=CONFIGS, metavar="FOLDER", help="configurations of the arms")
    default = Path("runs") / "ablation"
    parser.add_argument("--runs", type=Path, default=default, metavar="FOLDER", help="default: %(default)s")
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing and print the table; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        arms = arms_of(options.configs, options.only)
        held_out = common_held_out(arms)
        optima = optima_of(held_out)
        import torch

        torch.set_num_threads(1)  # the networks are too small to gain from threads
        results = [result_of(name, content, options.seeds, options.runs) for name, content in arms.items()]
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return INTERRUPTED
    results += [baseline(name, held_out, options.seeds) for name in BASELINES]
    for result in results:
        require_valid(result, optima)
    reference = next(result for result in results if result.name == REFERENCE)
    rows = [Row.of(result, optima, reference) for result in results]
    print(f"{held_out.problems} held-out problems of {held_out.source.name}, {held_out.steps} steps")
    print(f"mean optimum: {np.mean(optima):.2f}\n\n{table(rows)}")
    if options.json is not None:
        details = {"problems": held_out.names(), "steps": held_out.steps, "optima": optima}
        content = {**details, "rows": [asdict(row) for row in rows], "results": [asdict(each) for each in results]}
        try:
            write_json(options.json, content)
        except BadInput as error:
            parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
