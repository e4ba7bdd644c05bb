"""What shows a person a proof in the making: arrays of pictures, a window, or the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import gymnasium as gym

from polyproof_gym.envs.text import render_text
from polyproof_gym.proofs import OpenLeaves

if TYPE_CHECKING:
    from polyproof_gym.envs.picture import Images as Images
    from polyproof_gym.envs.picture import Picture


def open_images(best_bound: float | None = None) -> Images:
    """What draws pictures for ``"rgb_array"``.

    Args:
        best_bound: The best bound that there may be, where no feasible point is known.

    Raises:
        gymnasium.error.DependencyNotInstalled: If Matplotlib is missing.
    """
    try:
        from polyproof_gym.envs.picture import Images
    except ModuleNotFoundError as error:
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
    """Prints the text of :func:`~polyproof_gym.envs.text.render_text`."""

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
