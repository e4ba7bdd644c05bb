"""The picture of a proof in the making: panels that stay where they are, in which only what changes is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from polyproof_gym.envs.quick_text import QuickText, drawable, label_paths
from polyproof_gym.envs.text import used_inequalities
from polyproof_gym.polynomials import variables_of
from polyproof_gym.printable import printable
from polyproof_gym.problems import Problem
from polyproof_gym.problems.graph_places import vertex_places
from polyproof_gym.problems.stable_set import has_unit_weights, is_stable_set
from polyproof_gym.proofs import ProofState, Square, Times, TimesLine
from polyproof_gym.proofs.exports.factors import FactoredLines, bound_factor
from polyproof_gym.proofs.exports.unicode import Unicode, figures, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg

SIZE = (10.0, 4.0)
"""Width and height of the figure in inches of 100 pixels."""

MAX_VERTICES = 100
"""Graphs with more vertices are not drawn."""

MAX_LABELS = 40
"""Vertices of graphs with more of them have no labels."""

ROWS = 9
"""How many multipliers are shown."""

INK, FAINT, RULE, BLUE, RED, GREEN = "#1d2430", "#5b6676", "#d5dae1", "#2a6f97", "#c8455a", "#66a182"
MOMENTS = LinearSegmentedColormap.from_list("moments", ["#f7f8fa", "#fbd9a5", "#ee8a35"])
"""Colours of pseudo-moments from 0 to 1, on all of which a label can be read."""


def relation_of(problem: Problem) -> str:
    """What stands before a bound, ``α ≤`` for a stability number and ``f ≥`` for another minimum."""  # noqa: RUF002
    symbol = "α" if is_stable_set(problem) and has_unit_weights(problem) else "f"  # noqa: RUF001
    return f"{symbol} {'≥' if problem.sense == 'min' else '≤'}"


class Picture:
    """A figure for one problem: the bound over the step budget, what the bound rests on, and the last derivation.

    On the right, a stable set problem shows its graph: vertices have the colours of their pseudo-moments, and those
    that the last derivation is about are framed. Other problems show the largest multipliers there.

    Attributes:
        problem: The problem.
    """

    def __init__(
        self, figure: Figure, problem: Problem, max_steps: int, first_bound: float, best_bound: float | None = None
    ) -> None:
        """Draw all that will not change.

        Args:
            figure: The figure, whose size is :data:`SIZE`.
            problem: The problem, as a whole where the proof is one by cases.
            max_steps: The step budget.
            first_bound: The bound at the start.
            best_bound: The best that there may be, where no feasible point is known; by default what signs tell.
        """
        figure.clear()
        figure.set_facecolor("white")
        self.problem = problem
        self._max_steps = max_steps
        self._formulas = _Formulas(problem)
        name = drawable(shortened(printable(problem.name), 38))
        figure.text(0.02, 0.935, name, color=INK, size=11, weight="bold", parse_math=False)
        self._bound = QuickText(figure, 0.555, 0.93, size=15, color=BLUE, is_bold=True, is_right=True)
        self._step = QuickText(figure, 0.02, 0.035, size=11.5, color=FAINT)
        self._last = QuickText(figure, 0.135, 0.035, size=11.5, color=INK, width=0.85)
        self._curve = _Curve(figure, problem, max_steps, first_bound, best_bound)
        is_drawn = is_stable_set(problem) and problem.num_variables <= MAX_VERTICES
        self._panel: _Panel = (
            _Graph(figure, problem, self._formulas) if is_drawn else _Multipliers(figure, self._formulas)
        )
        self._relation = relation_of(problem)

    @property
    def changing(self) -> list[Artist]:
        """All that :meth:`update` changes, in the order in which it is drawn."""
        return [*self._curve.changing, *self._panel.changing, self._bound, self._step, self._last]

    def update(self, state: ProofState, bounds: Sequence[float]) -> None:
        """Show a state of the proof.

        Args:
            state: The state, of the problem or of a case of it.
            bounds: The bound at the start and after every step.
        """
        self._formulas.read(state)
        self._bound.set_text(f"{self._relation} {figures(bounds[-1], self._curve.scale)}")
        self._step.set_text(f"step {len(bounds) - 1}/{self._max_steps}")
        self._last.set_text(self._formulas.last(state))
        self._curve.update(bounds)
        self._panel.update(state)


class _Panel(Protocol):
    """What stands on the right."""

    changing: list[Artist]

    def update(self, state: ProofState) -> None:
        """Show a state of the proof."""
        ...


class Images:
    """The pictures of a proof as arrays; one figure serves all states of a problem."""

    def __init__(self, best_bound: float | None = None) -> None:
        """Draw nothing yet; see :class:`Picture` for the argument."""
        self._best_bound = best_bound
        self._picture: Picture | None = None

    def image(self, problem: Problem, state: ProofState, bounds: Sequence[float]) -> NDArray[np.uint8]:
        """The picture as an RGB array of shape ``(400, 1000, 3)``.

        Args:
            problem: The problem, as a whole where the proof is one by cases.
            state: The state of the proof to be shown.
            bounds: The bound at the start and after every step.
        """
        if self._picture is None or self._picture.problem is not problem:
            self._canvas = FigureCanvasAgg(Figure(figsize=SIZE, dpi=100))
            self._picture = Picture(self._canvas.figure, problem, state.max_steps, bounds[0], self._best_bound)
            for artist in self._picture.changing:
                artist.set_visible(False)
            self._canvas.draw()
            self._background: Any = self._canvas.copy_from_bbox(self._canvas.figure.bbox)
            for artist in self._picture.changing:
                artist.set_visible(True)
        self._picture.update(state, bounds)
        self._canvas.restore_region(self._background)
        renderer: RendererAgg = self._canvas.get_renderer()
        for artist in self._picture.changing:
            artist.draw(renderer)
        painted = np.asarray(self._canvas.buffer_rgba())
        image = np.empty((*painted.shape[:2], 3), np.uint8)
        for channel in range(3):  # each by itself: four times as fast as a copy of three of four
            image[:, :, channel] = painted[:, :, channel]
        return image


class _Curve:
    """The bound over the step budget, between its start and the best value that it may reach."""

    def __init__(
        self, figure: Figure, problem: Problem, max_steps: int, first: float, best_bound: float | None
    ) -> None:
        axes = figure.add_axes((0.07, 0.225, 0.485, 0.665))
        known = problem.incumbent
        best = float(problem.worst_value if best_bound is None else best_bound) if known is None else float(known)
        low, high = sorted((first, best))
        pad = 0.09 * (high - low) or 1.0
        self._limits = low - pad, high + pad
        self.scale = max(abs(low), abs(high))
        axes.set_ylim(*self._limits)
        axes.set_xlim(0, 1.008 * max(1, max_steps))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("step", color=FAINT, labelpad=1)
        axes.ticklabel_format(axis="y", style="sci", scilimits=(-3, 4), useMathText=False)
        axes.yaxis.get_offset_text().set(size=9, color=FAINT)
        axes.grid(color=RULE, linewidth=0.7)
        _plain(axes, ("left", "bottom"))
        if known is not None:
            axes.axhline(best, color=RED, linestyle="--", linewidth=1.4)
            above = problem.sense == "min"
            axes.annotate(
                f"value {figures(best, self.scale)} is attained",
                (0.99 * max(1, max_steps), best),
                (0, 3 if above else -4),
                textcoords="offset points",
                color=RED,
                size=10.5,
                ha="right",
                va="bottom" if above else "top",
            )
        (self._line,) = axes.plot([], [], color=BLUE, linewidth=2.2, drawstyle="steps-post", solid_capstyle="butt")
        (self._end,) = axes.plot([], [], "o", color=BLUE, markersize=6, clip_on=False)
        self.changing: list[Artist] = [self._line, self._end]

    def update(self, bounds: Sequence[float]) -> None:
        values = np.clip(bounds, *self._limits)
        self._line.set_data(np.arange(len(values)), values)
        self._end.set_data([len(values) - 1], values[-1:])


class _Graph:
    """The graph of a stable set problem."""

    def __init__(self, figure: Figure, problem: Problem, formulas: _Formulas) -> None:
        self._problem, self._formulas = problem, formulas
        self._adjacency = problem.ring.exclusion_matrix
        self._places = vertex_places(self._adjacency)
        n = problem.num_variables
        radius = float(np.clip(58 / np.sqrt(n), 4, 17))  # in pixels
        axes = figure.add_axes((0.612, 0.135, 0.32, 0.8))
        _plain(axes, ())
        margin = (radius + 3) / (320 - 2 * radius - 6)
        axes.set_xlim(-margin, 1 + margin)
        axes.set_ylim(1 + margin, -margin)
        axes.set_aspect("equal")
        width = 1.0 if len(problem.ring.exclusive) < 200 else 0.5
        axes.add_collection(LineCollection(self._segments(problem.ring.exclusive), colors="#b9c1cc", linewidths=width))
        self._edges = LineCollection([], colors=BLUE, linewidths=2.2)
        axes.add_collection(self._edges)
        self._vertices = axes.scatter(
            self._places[:, 0], self._places[:, 1], s=(2 * radius * 0.72) ** 2, c=["white"] * n, zorder=3, clip_on=False
        )
        self._colours = MOMENTS(np.linspace(0, 1, 101))
        self.changing: list[Artist] = [self._edges, self._vertices]
        labels = [formulas.notation.name(name) for name in problem.variables]
        if n <= MAX_LABELS and max(map(len, labels)) <= 4:
            paths, scale = label_paths(figure, labels, size=min(radius, 13.0) * 0.72)
            self.changing.append(
                axes.add_collection(
                    PathCollection(
                        paths,
                        offsets=self._places,
                        offset_transform=axes.transData,
                        facecolors=INK,
                        linewidths=0,
                        zorder=4,
                    )
                )
            )
            self.changing[-1].set_transform(scale)
        self._colour_bar(figure)

    def _segments(self, pairs: Any) -> list[NDArray[np.float64]]:
        return [self._places[[i, j]] for i, j in pairs]

    def _colour_bar(self, figure: Figure) -> None:
        axes = figure.add_axes((0.952, 0.3, 0.012, 0.45))
        _plain(axes, ())
        axes.imshow(np.linspace(1, 0, 64)[:, None], cmap=MOMENTS, aspect="auto", extent=(0, 1, 0, 1))
        for text, y, vertical in (("1", 1.03, "bottom"), ("0", -0.03, "top")):
            axes.text(0.5, y, text, color=FAINT, size=10.5, ha="center", va=vertical)
        axes.text(2.0, 0.5, "pseudo-moment", color=FAINT, size=10.5, rotation=90, va="center")

    def update(self, state: ProofState) -> None:
        moments, row_of = state.solution.moments, state.memory.row_of
        values = [
            float(low) if low == high else moments[row_of[i,]] if state.has_lp_bound and (i,) in row_of else 0.0
            for i, (low, high) in enumerate(state.problem.box)
        ]
        self._vertices.set_facecolor(self._colours[np.rint(100 * np.clip(values, 0, 1)).astype(int)])
        members, factor = self._formulas.about(state)
        widths, colours = np.full(len(values), 0.8), np.full(len(values), FAINT, dtype=object)
        widths[members], colours[members] = 2.4, BLUE
        if factor is not None:
            widths[factor], colours[factor] = 3.2, RED
        self._vertices.set_linewidth(widths.tolist())
        self._vertices.set_edgecolor(colours.tolist())
        self._edges.set_segments(self._segments(pair for pair in combinations(members, 2) if self._adjacency[pair]))


class _Multipliers:
    """The largest multipliers, with the inequalities that they belong to."""

    def __init__(self, figure: Figure, formulas: _Formulas) -> None:
        self._formulas = formulas
        figure.text(0.605, 0.935, "Largest parts of the bound", color=INK, size=11)
        axes = figure.add_axes((0.605, 0.13, 0.38, 0.77))
        _plain(axes, ())
        axes.set_xlim(0, 1)
        axes.set_ylim(ROWS, 0)
        self._bars = LineCollection([], colors=GREEN, linewidths=4.5, capstyle="butt")
        axes.add_collection(self._bars)
        self._texts = [
            QuickText(figure, 0.605, 0.9 - 0.77 * (row + 0.66) / ROWS, size=10, color=INK, width=0.38)
            for row in range(ROWS)
        ]
        self.changing: list[Artist] = [self._bars, *self._texts]

    def update(self, state: ProofState) -> None:
        used = used_inequalities(state)[:ROWS]
        largest = max((value for _, value in used), default=1.0)
        self._bars.set_segments(
            [[(0, row + 0.88), (value / largest, row + 0.88)] for row, (_, value) in enumerate(used)]
        )
        texts = [f"{value:.3g} × {self._formulas.factored(j)}" for j, value in used]  # noqa: RUF001
        texts = texts or ["nothing yet: the bound is that of the signs"]
        for artist, text in zip(self._texts, [*texts, *[""] * ROWS], strict=False):
            artist.set_text(text)


class _Formulas:
    """What the lines of a state say, as formulas with factors."""

    def __init__(self, problem: Problem) -> None:
        self.notation = Unicode(problem)
        self._memory: object = None

    def read(self, state: ProofState) -> None:
        """Take in the lines that are new."""
        memory = state.memory
        if self._memory is not memory:
            self._memory, self._lines = memory, FactoredLines(memory.ring)
        new = range(len(self._lines), len(memory))
        self._lines.extend((memory.reasons[j] for j in new), (memory[j] for j in new))

    def __getitem__(self, line: int) -> str:
        factors = self._lines[line]
        return self.notation.product(factors) if list(factors.values()) != [1] else self.notation.polynomial(*factors)

    def factored(self, line: int) -> str:
        """The formula of a line in which sums have brackets."""
        return self.notation.product(self._lines[line])

    def last(self, state: ProofState) -> str:
        """The last derivation as a sentence."""
        if not state.steps:
            return f"{len(state.memory)} axioms are known"
        line = len(state.memory) - 1
        reason = state.memory.reasons[line]
        known = [f"[{self[parent]} ≥ 0]" for parent in reason.parents]
        if isinstance(reason, Times):
            source = " times ".join([self.notation.product({bound_factor(reason, state.memory.ring): 1}), *known])
        elif isinstance(reason, Square):
            source = " times ".join([self.notation.product({reason.root: 2}), *known])
        elif isinstance(reason, TimesLine):
            source = " times ".join(known)
        else:
            source = printable(reason.describe(state.memory.ring))
        return f"{source} gives {self[line]} ≥ 0"

    def about(self, state: ProofState) -> tuple[list[int], int | None]:
        """The variables of what was derived last, and the one that was multiplied by."""
        if not state.steps:
            return [], None
        line = len(state.memory) - 1
        reason = state.memory.reasons[line]
        members = sorted(variables_of(state.memory[line].terms))
        return members, reason.variable if isinstance(reason, Times) else None


def _plain(axes: Axes, kept: Sequence[str]) -> None:
    """Leave out what distracts, but for some of the spines."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in kept)
        spine.set_color(FAINT)
    if kept:
        axes.tick_params(colors=FAINT, labelsize=10.5, length=3)
    else:
        axes.set_xticks([])
        axes.set_yticks([])
