"""The stability number by mixed-integer programming: what one would do first who only wants the value."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np

from polyproof_gym.solver import Solver


def largest_stable_set(n: int, edges: Sequence[tuple[int, int]], time_limit: float = 60.0) -> tuple[float, int, int]:
    """``max sum x_v`` over binary ``x`` with ``x_u + x_v <= 1`` on edges, by HiGHS with its own settings in one thread.

    Args:
        n: Number of vertices.
        edges: Pairs of vertices.
        time_limit: What the solver may take, in seconds.

    Returns:
        The value, and the rows and columns of the program.

    Raises:
        TimeoutError: If the time did not suffice.
        RuntimeError: If the solver failed otherwise.
    """
    highs = Solver({})
    highs.addVars(n, np.zeros(n), np.ones(n))
    highs.changeColsCost(n, np.arange(n, dtype=np.int32), -np.ones(n))
    highs.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.array([highspy.HighsVarType.kInteger] * n))
    count = len(edges)
    highs.addRows(
        count,
        np.full(count, -highspy.kHighsInf),
        np.ones(count),
        2 * count,
        np.arange(0, 2 * count, 2, dtype=np.int32),
        np.array(edges, np.int32).reshape(-1),
        np.ones(2 * count),
    )
    highs.run_mip(time_limit)
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise TimeoutError
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the solver gave up: {highs.modelStatusToString(status)}")
    return -float(highs.getInfo().objective_function_value), count, n
