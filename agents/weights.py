"""Reading the arrays of a trained agent from a file that may be anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.errors import BadInput


def read_weights(path: Path, owner: str, kind: type[np.floating[Any]] = np.float32) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` file by their names.

    Args:
        path: The file.
        owner: What has these weights, for messages.
        kind: The type of the numbers.

    Raises:
        BadInput: If it is no such file, or holds anything else than finite numbers.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {key: _numbers(file[key], kind) for key in file.files}
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds over damaged files
        raise BadInput(f"{path}: expected the weights of {owner} ({' '.join(str(error).split())})") from None
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise BadInput(f"{path}: expected finite weights")
    return arrays


def _numbers(array: NDArray[Any], kind: type[np.floating[Any]]) -> NDArray[Any]:
    if array.dtype.kind not in "fiu":
        raise ValueError(f"expected real numbers, got an array of {array.dtype}")
    return array.astype(kind)
