"""Animated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

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

    # All colours occur in the first frame and the last ones.
    sample = Image.fromarray(np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]]))
    found = sample.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = np.array(found, np.int32).reshape(-1, 3)
    images = []
    for frame in frames:
        image = Image.fromarray(_nearest(frame, palette))
        image.putpalette(palette.ravel().tolist())
        images.append(image)
    seconds = min(SECONDS_PER_FRAME, SECONDS / len(frames))
    durations = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * SECONDS_AT_THE_END)]
    content = BytesIO()
    images[0].save(content, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, disposal=1)
    return content.getvalue()


def _nearest(frame: NDArray[np.uint8], palette: NDArray[np.int32]) -> NDArray[np.uint8]:
    """The number of the colour that is nearest to every pixel; Pillow's own search is coarse, and white not white."""
    packed = frame.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    colours, places = np.unique(packed, return_inverse=True)
    apart = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)[:, None] - palette
    nearest: NDArray[np.uint8] = (apart**2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    return nearest[places].reshape(packed.shape)
