"""What TensorBoard shows of agents and problems: the same tags for all of them, a row of settings, pictures and text.

Runs are folders; that of a search is called after problem and agent. The tags of a search are

- ``proof/bound`` after every step, in the problem's own sense, ``proof/gap_closed``, the share that is closed of the
  gap between the trivial bound and the best value known, which makes problems comparable, and ``proof/lp_columns``,
  the inequalities in the LP; agents that make all derivations at once have lines across the step budget;
- ``proof/derivations``, ``time/seconds`` and ``time/ms_per_step`` at its end;
- ``proof/picture`` and ``proof/text``, the proof itself.

The table of TensorBoard's page *HParams* has one row per run, with the settings and the last figures.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.outputs import make_folder
from experiments.trials import Trial
from polyproof_gym import Problem, Proof, ProofTree
from polyproof_gym.envs.rendering import open_images
from polyproof_gym.proofs.exports.cases import with_cases_told_apart
from polyproof_gym.proofs.exports.text import to_text
from polyproof_gym.proofs.replay import replay

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Value = bool | int | float | str
"""A setting that a row can hold."""

FIGURES = ("proof/bound", "proof/gap_closed", "proof/lp_columns", "proof/derivations", "time/seconds")
"""The tags of which the last value stands in the row of a search."""

MAX_DERIVATIONS, MAX_CASES = 400, 400
"""Proofs with more derivations, and proofs with more cases, have no picture."""

MAX_CHARACTERS = 20_000
"""Longer texts of proofs are cut."""


@contextmanager
def run_writer(folder: Path) -> Iterator[SummaryWriter]:
    """What writes one TensorBoard run to a folder, in place of the one that it may hold.

    Raises:
        BadInput: If the folder cannot be made.
    """
    from torch.utils.tensorboard import SummaryWriter

    make_folder(folder)
    for former in folder.glob("events.out.tfevents.*"):
        former.unlink()
    with SummaryWriter(str(folder)) as writer:
        yield writer


def log_scalars(writer: SummaryWriter, scalars: Iterable[tuple[str, float, int]]) -> None:
    """Write ``(tag, value, step)``."""
    for name, value, step in scalars:
        writer.add_scalar(name, value, step)


def log_settings(writer: SummaryWriter, settings: Mapping[str, Value], figures: Iterable[str]) -> None:
    """Write the run's row of the table of settings.

    Args:
        writer: What writes the run.
        settings: The settings; whole numbers look better as text, and can be chosen from a list then.
        figures: Tags of scalars of the run, of which the row shows the last value.
    """
    from torch.utils.tensorboard.summary import hparams

    # Not by `add_hparams`, which makes another run of the row.
    file = writer._get_file_writer()
    for summary in hparams(dict(settings), dict.fromkeys(figures, 0.0)):
        file.add_summary(summary)


def share_closed(bound: float, start: float, best: float) -> float:
    """The share of the gap between the trivial bound and the best value that a bound closes, 1 without a gap."""
    return 1.0 if start == best else (start - bound) / (start - best)


def log_trial(
    folder: Path, trial: Trial, problem: Problem, best: float | None, proof: Proof | ProofTree | None
) -> None:
    """Write the run of what an agent did on a problem.

    Args:
        folder: The run's folder.
        trial: What it did.
        problem: The problem, in the trial's order of variables.
        best: The optimum, or the best value known; ``None`` leaves out ``proof/gap_closed``.
        proof: The proof, if it was kept.
    """
    task = trial.task
    # What makes all derivations at once is a line across the budget: its many steps would squeeze all other curves.
    points = [(0, trial.bound), (task.steps, trial.bound)] if trial.curve is None else [*enumerate(trial.curve)]
    start, end = float(problem.trivial_bound), points[-1][0]
    scalars = [("proof/bound", bound, step) for step, bound in points]
    columns = trial.columns * (2 if trial.curve is None else 1)
    scalars += [("proof/lp_columns", float(count), step) for (step, _), count in zip(points, columns, strict=True)]
    if best is not None:
        scalars += [("proof/gap_closed", share_closed(bound, start, best), step) for step, bound in points]
    final = {
        "proof/derivations": trial.derivations,
        "time/seconds": trial.seconds,
        "time/ms_per_step": 1e3 * trial.seconds / max(1, trial.steps),
    }
    settings: dict[str, Value] = {
        "problem": task.problem,
        "agent": task.agent,
        "rules": task.rules,
        "variables": problem.num_variables,
        "steps": str(task.steps),
        "seed": str(task.seed),
        **({} if task.relabelling is None else {"order": str(task.relabelling)}),
    }
    with run_writer(folder) as writer:
        log_settings(writer, settings, FIGURES)
        log_scalars(writer, [*scalars, *((tag, value, end) for tag, value in final.items())])
        if proof is not None:
            log_proof(writer, proof, end)


def log_proof(writer: SummaryWriter, proof: Proof | ProofTree, step: int) -> None:
    """Write the text of a proof, and its picture where there is one."""
    writer.add_text("proof/text", as_code(to_text(proof)), step)
    image = picture_of(proof)
    if image is not None:
        writer.add_image("proof/picture", image, step, dataformats="HWC")


def as_code(text: str) -> str:
    """A text as Markdown that shows it as it is, without the end of a long one."""
    shown = text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}\n... ({len(text)} characters in all)"
    return "\n".join(f"    {line}" for line in shown.splitlines())


def picture_of(proof: Proof | ProofTree) -> NDArray[np.uint8] | None:
    """The picture of the end of a proof, as the environment draws it; of a proof by cases, the tree of its cases.

    Returns:
        An RGB array of shape ``(height, width, 3)``; ``None`` for very long proofs, and where Matplotlib is missing.
    """
    if importlib.util.find_spec("matplotlib") is None:
        return None
    proof = with_cases_told_apart(proof)
    if isinstance(proof, ProofTree):
        from experiments.case_picture import picture_of_cases

        return picture_of_cases(proof) if proof.num_leaves <= MAX_CASES else None
    if proof.num_derivations > MAX_DERIVATIONS:
        return None
    bounds = []
    for moment in replay(proof):
        bounds.append(moment.state.bound)
    return open_images(float(proof.combination_bound)).image(proof.problem, moment.state, bounds)
