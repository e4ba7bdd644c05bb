"""Pictures and text of a proof in the making."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import gymnasium as gym
import numpy as np

from polyproof_gym.printable import printable
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import OpenLeaves, ProofState

if TYPE_CHECKING:
    from polyproof_gym.envs.picture import Images as Images
    from polyproof_gym.envs.picture import Picture

MAX_LINES = 12


def used_inequalities(state: ProofState) -> list[tuple[int, float]]:
    """The inequalities with a nonzero multiplier in the present bound, largest share first."""
    multipliers = state.multipliers
    used = np.flatnonzero(multipliers > 1e-9)
    order = used[np.argsort(-multipliers[used], kind="stable")]
    return [(int(j), float(multipliers[j])) for j in order]


def _bound_text(problem: Problem, bound: float) -> str:
    relation = ">=" if problem.sense == "min" else "<="
    known = "" if problem.incumbent is None else f"   (best feasible value known: {float(problem.incumbent):.10g})"
    return f"{printable(problem.name)}: {problem.sense} f {relation} {bound:.10g}{known}"


def _case_text(leaves: OpenLeaves) -> str:
    """Which of several cases is shown, and what holds in it."""
    number, path = leaves.place
    found: list[str] = []
    for (variable, value), side in path:
        above = value + 1 if variable in leaves.problem.integer else value
        is_boolean = variable in leaves.problem.ring.idempotent
        relation = f"= {int(side == 'upper')}" if is_boolean else f"<= {value}" if side == "lower" else f">= {above}"
        found.append(f"{leaves.problem.variables[variable]} {relation}")
    return printable(f"Case {number + 1} of {leaves.num_leaves}, the worst: {', '.join(found)}")


def render_text(leaves: OpenLeaves) -> str:
    """The proof so far: the bound, the last derivations, and the inequalities that the bound combines.

    Of several cases the worst is shown.
    """
    state = leaves.shown
    memory = state.memory
    lines = [_bound_text(leaves.problem, leaves.bound)]
    if leaves.num_leaves > 1:
        lines.append(_case_text(leaves))
    if not state.has_lp_bound:
        lines.append("No combination gives a bound yet; this is the trivial one from the signs of the coefficients.")
    axioms = len(memory) - state.steps
    first = max(axioms, len(memory) - MAX_LINES)
    lines.append(f"{axioms} axioms, {state.steps} derived" + (", the last ones:" if first > axioms else ":"))
    lines += [
        f"  line {j}: {memory[j]} >= 0   [{memory.reasons[j].describe(memory.ring)}]" for j in range(first, len(memory))
    ]
    used = used_inequalities(state) if state.has_lp_bound else []
    if used:
        lines.append(f"The bound combines {len(used)} inequalities:")
        lines += [f"  {value:.6g} * ({memory[j]}) [line {j}]" for j, value in used[:MAX_LINES]]
        if len(used) > MAX_LINES:
            lines.append(f"  and {len(used) - MAX_LINES} more")
    return "\n".join(lines)


def open_images(best_bound: float | None = None) -> Images:
    """What draws pictures for ``"rgb_array"``.

    Args:
        best_bound: The best bound that there may be, where no feasible point is known.

    Raises:
        gymnasium.error.DependencyNotInstalled: If Matplotlib is missing.
    """
    try:
        from polyproof_gym.envs.picture import Images
    except ImportError as error:
        raise gym.error.DependencyNotInstalled(
            "Rendering pictures needs Matplotlib: pip install 'polyproof-gym[render]'"
        ) from error
    return Images(best_bound)


class Viewer(Protocol):
    """Shows a person the state of a proof."""

    def show(self, leaves: OpenLeaves, bounds: Sequence[float]) -> None:
        """Show the present state."""
        ...

    def close(self) -> None:
        """Stop showing."""
        ...


class Terminal:
    """Prints the text of :func:`render_text`."""

    def show(self, leaves: OpenLeaves, bounds: Sequence[float]) -> None:
        """Print the present state."""
        print(render_text(leaves), end="\n\n")

    def close(self) -> None:
        """Nothing is open."""


class Window:
    """A window on the screen that shows a :class:`~polyproof_gym.envs.picture.Picture`."""

    def __init__(self) -> None:
        """Open the window."""
        from matplotlib import pyplot

        from polyproof_gym.envs.picture import SIZE

        self._figure = pyplot.figure(figsize=SIZE)
        self._figure.show()
        self._picture: Picture | None = None

    def show(self, leaves: OpenLeaves, bounds: Sequence[float]) -> None:
        """Show the present state."""
        from polyproof_gym.envs.picture import Picture

        if self._picture is None or self._picture.problem is not leaves.problem:
            self._picture = Picture(self._figure, leaves.problem, leaves.shown.max_steps, bounds[0])
        self._picture.update(leaves.shown, bounds)
        self._figure.canvas.draw_idle()
        self._figure.canvas.flush_events()

    def close(self) -> None:
        """Close the window."""
        from matplotlib import pyplot

        pyplot.close(self._figure)


def open_viewer() -> Viewer:
    """A window where Matplotlib can open one, and otherwise the terminal."""
    try:
        import matplotlib
        from matplotlib.backends.registry import BackendFilter, backend_registry

        interactive = [name.lower() for name in backend_registry.list_builtin(BackendFilter.INTERACTIVE)]
        return Window() if matplotlib.get_backend().lower() in interactive else Terminal()
    except ImportError:  # Matplotlib, or what its backend needs, is missing; or there is no screen
        return Terminal()
