"""Clusters of Ray on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def clusters() -> Iterator[Any]:
    """A cluster of three nodes of one processor each, which is ended afterwards; skips the test without Ray."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()
