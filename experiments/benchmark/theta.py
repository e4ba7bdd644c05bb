"""The Lovász theta number, by a conic solver: the bound on stable sets that semidefinite programming gives at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def lovasz_theta(n: int, edges: Iterable[tuple[int, int]], time_limit: float = 60.0) -> tuple[float, int, int]:
    """The theta number of a graph on the vertices ``0 .. n - 1``, as the dual value of its semidefinite program.

    The program is ``max sum_ij X_ij`` over positive semidefinite ``X`` with trace 1 and ``X_ij = 0`` on edges (Lovász,
    "On the Shannon capacity of a graph", 1979). Only the entries that may differ from 0 are variables, which suits
    dense graphs.

    Args:
        n: Number of vertices.
        edges: Pairs of vertices, in either order.
        time_limit: What the solver may take, in seconds.

    Returns:
        The number (in floats, not rigorous), the number of rows of the conic program, and that of its columns.

    Raises:
        TimeoutError: If the time did not suffice.
        RuntimeError: If the solver failed otherwise.
    """
    import clarabel
    from scipy.sparse import csc_matrix

    joined = {frozenset(edge) for edge in edges}
    free = [(i, j) for j in range(n) for i in range(j + 1) if frozenset((i, j)) not in joined]
    # The solver has the upper triangle of X as a vector, column by column, off-diagonal entries times sqrt(2).
    weights = np.array([1.0 if i == j else 2.0**0.5 for i, j in free])
    diagonal = [number for number, (i, j) in enumerate(free) if i == j]
    rows = [0] * n + [1 + j * (j + 1) // 2 + i for i, j in free]
    size = (1 + n * (n + 1) // 2, len(free))
    matrix = csc_matrix((np.concatenate([np.ones(n), -weights]), (rows, [*diagonal, *range(len(free))])), shape=size)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = time_limit
    sides = np.zeros(size[0])
    sides[0] = 1.0  # the trace
    cones = [clarabel.ZeroConeT(1), clarabel.PSDTriangleConeT(n)]
    none = csc_matrix((len(free), len(free)))
    found = clarabel.DefaultSolver(none, -(weights**2), matrix, sides, cones, settings).solve()
    if found.status == clarabel.SolverStatus.MaxTime:
        raise TimeoutError
    if found.status not in (clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved):
        raise RuntimeError(f"the conic solver gave up: {found.status}")
    return -float(found.obj_val_dual), *size
