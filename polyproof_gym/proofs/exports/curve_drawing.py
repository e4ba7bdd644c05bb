"""The bound after every line of a proof, drawn for pages."""

from __future__ import annotations

from collections.abc import Sequence

from polyproof_gym.proofs.exports.unicode import figures

WIDTH, HEIGHT, MARGIN, CHARACTER = 340.0, 110.0, 10.0, 7.5
"""Sizes in pixels: of the drawing, of what is kept free around, and of a character."""


class CurveDrawing:
    """A step curve as an inline SVG, with a mark that can be moved along it."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """Take the bound at the start and after every line that is no axiom."""
        self._bounds = [*bounds]
        self._low, self._high = min(bounds), max(bounds)
        self._labels = {end: self.text(end) for end in (self._low, self._high)}
        self._left = 2 * MARGIN + CHARACTER * max(map(len, self._labels.values()))

    def text(self, bound: float) -> str:
        """A bound in a few digits."""
        return figures(bound, max(abs(self._low), abs(self._high)))

    def place(self, number: int) -> tuple[float, float]:
        """Where the mark stands after so many lines that are no axioms."""
        span = (self._high - self._low) or 1.0
        x = self._left + (WIDTH - self._left - MARGIN) * number / max(1, len(self._bounds) - 1)
        return x, MARGIN + (HEIGHT - 2 * MARGIN) * (self._high - self._bounds[number]) / span

    def svg(self) -> str:
        """The drawing."""
        points = [self.place(0)]
        for number in range(1, len(self._bounds)):
            x, y = self.place(number)
            points += [(x, points[-1][1]), (x, y)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        labels = "".join(
            f'<text x="{self._left - MARGIN:.1f}" y="{self.place(self._bounds.index(end))[1] + 4:.1f}">{label}</text>'
            for end, label in self._labels.items()
        )
        x, y = points[0]
        return (
            f'<svg class="curve" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="Bound after each line">'
            f'{labels}<polyline points="{path}"/><circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="5"/></svg>'
        )
