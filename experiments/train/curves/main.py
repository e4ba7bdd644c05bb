"""Draw how trainings of several seeds went: what the trained weights gain over those before any training.

Every update compares the two on the same new problems, so that the curve says what would be found on unseen ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.options import plain_parser
from experiments.outputs import make_folder, require_picture
from experiments.statistics import mean
from experiments.train.run import FIGURES, figures_in
from polyproof_gym import BadInput

WINDOW = 5
"""Updates that are taken together."""


def gains_of(folders: Sequence[Path]) -> NDArray[np.float64]:
    """What each update gained over the start, shape ``(seeds, updates)``, as far as all runs have come.

    Raises:
        BadInput: If a folder holds no such run.
    """
    runs = []
    for folder in folders:
        rows = figures_in(folder / FIGURES, "updates")
        if not rows or not all("gain" in row for row in rows):
            raise BadInput(f"{folder}: expected a run of an evolution strategy")
        runs.append([row["gain"] for row in rows])
    return np.array([run[: min(map(len, runs))] for run in runs])


def draw(gains: NDArray[np.float64], path: Path) -> None:
    """Write a picture of the mean gain with its 95 % interval over the seeds and the updates of a window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    windows = gains[:, : gains.shape[1] // WINDOW * WINDOW].reshape(len(gains), -1, WINDOW)
    estimates = [mean(windows[:, k]) for k in range(windows.shape[1])]
    ends = WINDOW * np.arange(1, len(estimates) + 1)
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.fill_between(ends, [e.low for e in estimates], [e.high for e in estimates], color="#0072B2", alpha=0.25)
    axes.plot(ends, [e.value for e in estimates], color="#0072B2")
    axes.axhline(0.0, color="#000000", linewidth=0.8)
    axes.set_xlabel("updates")
    axes.set_ylabel("mean return above the untrained start")
    axes.set_title(f"{len(gains)} training seeds, means of {WINDOW} updates, 95 % intervals", fontsize=9)
    figure.savefig(path, dpi=100)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw; the exit status."""
    parser = plain_parser("train.curves", (__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="runs of one configuration")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="the picture (.png)")
    options = parser.parse_args(arguments)
    try:
        require_picture(options.out)
        gains = gains_of(options.folders)
        if gains.shape[1] < WINDOW:
            raise BadInput(f"expected runs of at least {WINDOW} updates")
        make_folder(options.out.parent)
        draw(gains, options.out)
    except BadInput as error:
        parser.error(str(error))
    return 0
