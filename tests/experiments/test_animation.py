from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from experiments.animation import SECONDS, gif

Image = pytest.importorskip("PIL.Image")


@pytest.mark.parametrize("count", [1, 3, 60])
def test_all_frames_are_shown_and_the_last_one_longest(count: int) -> None:
    frames = [np.full((8, 12, 3), 255, np.uint8) for _ in range(count)]
    for k, frame in enumerate(frames):
        frame[:, : 1 + k % 12] = (42, 111, 151)
    image = Image.open(BytesIO(gif(frames)))
    assert (image.size, image.n_frames) == ((12, 8), count)
    durations = []
    for k, frame in enumerate(frames):
        image.seek(k)
        shown = np.asarray(image.convert("RGB")).astype(int)
        assert abs(shown - frame).max() <= 6
        assert (shown[frame.min(axis=2) == 255] == 255).all()
        durations.append(image.info.get("duration"))
    if count > 1:
        assert sum(durations[:-1]) <= 1000 * SECONDS
        assert durations[-1] > 2 * durations[0]
