"""Animated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

SECONDS = 12.0
"""How long an animation takes at most, but for its end."""

SECONDS_PER_FRAME = 0.45
"""How long a frame is shown at most, but for the last."""

SECONDS_AT_THE_END = 3.0
"""How long the last frame is shown."""

COLOURS = 96
"""The most colours of an animation."""


def gif(frames: Sequence[NDArray[np.uint8]]) -> bytes:
    """The content of a GIF file that shows pictures one after the other, again and again.

    Args:
        frames: One or more RGB arrays of the same shape ``(height, width, 3)``.
    """
    from PIL import Image

    # All colours occur in the first frames and the last ones.
    sample = np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]])
    palette = Image.fromarray(sample).quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[colours.sum(axis=1).argmax()] = 255  # the background is white, not nearly so
    palette.putpalette(colours.ravel().tolist())
    images: list[Any] = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    seconds = min(SECONDS_PER_FRAME, SECONDS / len(frames))
    durations = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * SECONDS_AT_THE_END)]
    content = BytesIO()
    images[0].save(
        content, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True, disposal=1
    )
    return content.getvalue()
