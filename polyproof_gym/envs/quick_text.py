"""Lines of text that change often, drawn ten times as fast as Matplotlib's own: from outlines that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, ScaledTranslation, Transform
from numpy.typing import NDArray

UNIT = 100.0
"""Size of the letters in the unit of the outlines."""

CUT = " …"
"""What ends a text that is cut short."""

MISSING = "□"
"""What stands for characters that the font lacks."""


class _Glyph(NamedTuple):
    vertices: NDArray[np.float64]
    codes: NDArray[np.signedinteger]
    advance: float


@cache
def _known() -> frozenset[int]:
    """The characters that the font has."""
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


@cache
def _glyph(character: str, is_bold: bool) -> _Glyph:
    font = get_font(findfont(FontProperties(weight="bold" if is_bold else "normal")))
    font.set_size(UNIT, 72)
    advance = font.load_char(ord(character), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536
    return _Glyph(*font.get_path(), advance)


def drawable(text: str) -> str:
    """The text with a box for every character that the font lacks."""
    return "".join(character if ord(character) in _known() else MISSING for character in text)


class Outline(NamedTuple):
    """The outline of a text, in letters of size :data:`UNIT`.

    Attributes:
        vertices: Its points, shape ``(points, 2)``; the text begins at the origin.
        codes: What they are (see :class:`matplotlib.path.Path`), one for each.
        starts: Where every character begins, and the last one ends.
    """

    vertices: NDArray[np.float64]
    codes: NDArray[np.signedinteger]
    starts: NDArray[np.float64]

    @property
    def width(self) -> float:
        """The width of the text."""
        return float(self.starts[-1])

    def within(self, width: float) -> int | None:
        """How many characters at most begin a text that is no wider; ``None`` if all are."""
        return None if self.width <= width else int(np.searchsorted(self.starts, width, side="right")) - 1

    def moved(self, by: NDArray[np.float64]) -> Path:
        """The outline elsewhere."""
        return Path(self.vertices + by, self.codes)


def outline(text: str, is_bold: bool = False) -> Outline:
    """The outline of a text."""
    glyphs = [_glyph(character, is_bold) for character in drawable(text)]
    starts = np.cumsum([0.0, *(glyph.advance for glyph in glyphs)])
    vertices = [glyph.vertices + np.array([start, 0.0]) for glyph, start in zip(glyphs, starts, strict=False)]
    codes = [glyph.codes for glyph in glyphs]
    return Outline(
        np.concatenate([np.empty((0, 2)), *vertices]),
        np.concatenate([np.empty(0, np.int8), *codes]),
        starts,
    )


def label_paths(figure: Figure, texts: Sequence[str], size: float) -> tuple[list[Path], Transform]:
    """Outlines of texts around the origin, and what makes their letters as large as some points."""
    paths = []
    for text in texts:
        found = outline(text)
        ends = found.vertices if len(found.vertices) else np.zeros((1, 2))
        paths.append(found.moved(-(ends.min(axis=0) + ends.max(axis=0)) / 2))
    return paths, _scaled(figure, size)


def _scaled(figure: Figure, size: float) -> Transform:
    return Affine2D().scale(size / UNIT / 72) + figure.dpi_scale_trans


class QuickText(PathPatch):
    """A line of text on a figure."""

    def __init__(
        self,
        figure: Figure,
        x: float,
        y: float,
        *,
        size: float,
        color: str,
        width: float = 1.0,
        is_bold: bool = False,
        is_right: bool = False,
    ) -> None:
        """Put an empty line on a figure.

        Args:
            figure: The figure.
            x: Where the line begins, as a share of the figure's width.
            y: Where it stands, as a share of the figure's height.
            size: The size of the letters in points.
            color: Their colour.
            width: How wide the line may be, as a share of the figure's width; texts that are longer are cut short.
            is_bold: Whether they are bold.
            is_right: Whether the line ends at ``x`` instead.
        """
        super().__init__(Path(np.empty((0, 2))), facecolor=color, linewidth=0)
        self._is_bold, self._is_right = is_bold, is_right
        self._width = width * figure.get_figwidth() * 72 / size * UNIT
        self.set_transform(_scaled(figure, size) + ScaledTranslation(x, y, figure.transFigure))  # type: ignore[arg-type]  # a wrong stub
        figure.add_artist(self)

    def set_text(self, text: str) -> None:
        """Show a text instead."""
        found = outline(text, self._is_bold)
        if found.width > self._width:
            room = found.within(self._width - outline(CUT, self._is_bold).width)
            found = outline(text[:room] + CUT, self._is_bold)
        self.set_path(found.moved(np.array([-found.width if self._is_right else 0.0, 0.0])))
