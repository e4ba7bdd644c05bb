"""A search over the nodes of a cluster, of which one dies."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents import make_agent
from tests.experiments.clusters import clusters
from tests.experiments.conftest import ROOT
from tests.experiments.tune.small import CONTENT
from tests.flat import prove

pytestmark = pytest.mark.ray


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Three nodes of one processor each."""
    yield from clusters()


def test_the_trials_of_a_node_that_dies_go_on_elsewhere(cluster: Any, tmp_path: Path) -> None:
    config, folder = tmp_path / "small.yaml", tmp_path / "search"
    settings = {"population": 4, "step_size": "uniform(0.5, 2)"}
    config.write_text(yaml.safe_dump({**CONTENT, "settings": settings, "updates": 12, "held_out_every": 2}))
    words = ["--config", str(config), "--out", str(folder), "--samples", "4", "--executor", f"ray:{cluster.address}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments.tune", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )

    def trials() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((folder / "tune.json").read_text())["trials"]
        return found

    while not (folder / "tune.json").exists() or sum(bool(trial["last"]) for trial in trials()) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert {trial["status"] for trial in trials()} <= {"finished", "stopped"}
    assert "finished" in {trial["status"] for trial in trials()}
    assert "Traceback" not in err
    prove("cycle:n=5", make_agent(str(folder)), max_steps=5).verify()
