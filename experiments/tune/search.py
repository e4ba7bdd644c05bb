"""The search itself: trials on Ray Tune, the only module that needs it."""

from __future__ import annotations

import logging
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler
from tqdm import tqdm

from agents.pretrained import DESCRIPTION, WEIGHTS
from experiments.executors.executor import MOST_LOSSES
from experiments.tune.standings import Standings
from experiments.tune.trial import FAILURE, METRIC, Plan, Trial, rows_of

REDUCTION = 3
"""Of so many trials, one goes on at each rung, which come after so many times as much training."""

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
}
"""Ray Tune is to write nothing of its own, leave Ctrl-C to us, and take trials that fail before their first figures."""


class TrialActor(tune.Trainable):  # type: ignore[misc]
    """A trial as Ray Tune wants it: a step is a row."""

    def setup(self, config: dict[str, Any]) -> None:
        """Prepare; called by Ray Tune."""
        trial = Trial.of(config["trial"])
        self._rows, self._unit = rows_of(trial), trial.plan.unit
        self._folder, self._best = Path(trial.folder), -math.inf

    def step(self) -> dict[str, Any]:
        """The next row, and beside it what decides on the trial, and its agent if it has never been better."""
        row, is_last = next(self._rows)
        agent = {}
        if row.get(METRIC, -math.inf) > self._best:
            self._best = row[METRIC]
            agent = {name: (self._folder / name).read_bytes() for name in (WEIGHTS, DESCRIPTION)}
        figures = {key: row[key] for key in (self._unit, METRIC) if key in row}
        return {**figures, "row": row, "agent": agent, "done": is_last}

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Turn to another trial, which saves the start of a process."""
        self.cleanup()
        self.setup(new_config)
        return True

    def cleanup(self) -> None:
        """Have the training save and stop."""
        self._rows.close()


class _Notes(tune.Callback):  # type: ignore[misc]
    """Notes on the standings what trials tell."""

    def __init__(self, standings: Standings, plan: Plan, bar: tqdm[Any]) -> None:
        self._standings, self._plan, self._bar = standings, plan, bar

    def __getstate__(self) -> dict[str, Any]:
        """Nothing, for the copy that Ray Tune keeps to go on with, which is not used."""
        return {}

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **_: Any) -> None:
        """Note a row."""
        if FAILURE not in result["row"]:
            self._standings.note(trial.config["trial"]["number"], result["row"], result["agent"])
            best = self._standings.best()
            if best is not None:
                self._bar.set_postfix({"best": f"{self._standings.trials[best].best[METRIC]:.4f}", "trial": best})

    def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """Note that there are no more rows."""
        failure = trial.last_result["row"].get(FAILURE, "")
        self._standings.end(trial.config["trial"]["number"], self._plan.total, failure)
        self._bar.update()

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """Note that whatever worked on it has died too often."""
        self._standings.end(trial.config["trial"]["number"], self._plan.total, "whatever worked on it has died")
        self._bar.update()


def search(standings: Standings, trials: Sequence[Trial], cpus: int, grace: int, seconds: float | None) -> None:
    """Make the trials, on the Ray that is running.

    Args:
        standings: Where it is noted what they do.
        trials: The trials.
        cpus: How many cores each takes.
        grace: How much training each gets at least, in its units.
        seconds: When to stop, if there is a limit.
    """
    os.environ.update(QUIET)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    plan = trials[0].plan
    scheduler = ASHAScheduler(
        time_attr=plan.unit,
        metric=METRIC,
        mode="max",
        max_t=plan.total,
        grace_period=grace,
        reduction_factor=REDUCTION,
    )
    with tempfile.TemporaryDirectory() as scratch, tqdm(total=len(trials), unit="trial") as bar:
        tuner = tune.Tuner(
            tune.with_resources(TrialActor, {"cpu": cpus}),
            param_space={"trial": tune.grid_search([trial.as_json() for trial in trials])},
            tune_config=tune.TuneConfig(scheduler=scheduler, time_budget_s=seconds, reuse_actors=True),
            run_config=tune.RunConfig(
                storage_path=scratch,
                verbose=0,
                callbacks=[_Notes(standings, plan, bar)],
                failure_config=tune.FailureConfig(max_failures=MOST_LOSSES),  # what is there is gone on with elsewhere
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),  # trainings have their own
            ),
        )
        tuner.fit()
