"""Where the vertices of a graph are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_VERTICES = 60
"""Larger graphs without a rotation are drawn on a circle: to look for better places takes too long."""

ROUNDS = 200
"""How often places are improved."""


def vertex_places(adjacency: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Places for the vertices of a graph, the same at every call.

    Vertices on one, two or more rings, if that shows a rotation that maps the graph to itself (a cycle, the Petersen
    graph); otherwise such that distances are about those in the graph.

    Args:
        adjacency: Which vertices are joined, shape ``(vertices, vertices)``, symmetric.

    Returns:
        The places, shape ``(vertices, 2)``, within the square from 0 to 1; the second coordinate grows downwards.
    """
    n = len(adjacency)
    rings = next((rings for rings in range(1, n // 3 + 1) if n % rings == 0 and _rotates(adjacency, n // rings)), None)
    if rings is not None:
        return _within_square(_on_rings(n, rings))
    return _within_square(_at_distances(_distances(adjacency)) if 2 < n <= MAX_VERTICES else _on_rings(n, 1))


def _rotates(adjacency: NDArray[np.bool_], size: int) -> bool:
    """Whether the graph stays the same if each of the blocks of some size is rotated by one vertex."""
    numbers = np.arange(len(adjacency))
    images = numbers - numbers % size + (numbers + 1) % size
    return bool((adjacency[np.ix_(images, images)] == adjacency).all())


def _on_rings(n: int, rings: int) -> NDArray[np.float64]:
    """Blocks of equal size on rings, the first outside."""
    numbers, size = np.arange(n), n // rings
    angles = 2 * np.pi * (numbers % size) / size - np.pi / 2
    radii = 1 - numbers // size / (rings + 0.1 * (rings > 1))
    return np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])


def _at_distances(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places at about the distances given: stress majorisation (Gansner, Koren, North 2004), from a circle on."""
    n = len(distances)
    weights = np.divide(1.0, distances**2, where=distances > 0, out=np.zeros((n, n)))
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    places = _on_rings(n, 1) * distances.max() / 2
    for _ in range(ROUNDS):
        apart = np.linalg.norm(places[:, None] - places, axis=2)
        pulls = np.divide(weights * distances, apart, where=apart > 0, out=np.zeros((n, n)))
        places = inverse @ (np.diag(pulls.sum(axis=1)) - pulls) @ places
    return np.asarray(places)


def _distances(adjacency: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The numbers of edges between vertices; one more than the largest where there is no path."""
    reached, distances = np.eye(len(adjacency), dtype=np.bool_), np.zeros(adjacency.shape)
    for length in range(1, len(adjacency)):
        next_reached = reached | (reached.astype(np.float32) @ adjacency > 0)
        distances[next_reached & ~reached] = length
        reached = next_reached
    distances[~reached] = distances.max() + 1
    return distances


def _within_square(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places moved and scaled, not stretched, into the middle of the square."""
    low, high = places.min(axis=0), places.max(axis=0)
    width = float((high - low).max()) or 1.0
    return np.asarray(0.5 + (places - (low + high) / 2) / width)
