"""What stands in the example of a cluster and in that of an image, as far as it can be checked without any."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.experiments.conftest import ROOT

IMAGE = (ROOT / "examples" / "Dockerfile").read_text()


def cluster() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "cluster.yaml").read_text())
    return content


def test_the_image_has_extras_that_there_are() -> None:
    extras = re.search(r'pip install .*"\.\[(.*)\]"', IMAGE)
    assert extras is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {*extras[1].split(",")} <= project["optional-dependencies"].keys()
    assert {"agents", "ray"} <= {*extras[1].split(",")}


def test_the_head_gives_tasks_out_and_the_others_join_it() -> None:
    content = cluster()
    head, worker = (content[f"{who}_start_ray_commands"][-1] for who in ("head", "worker"))
    port = re.search(r"--port=(\d+)", head)
    assert port is not None
    assert "--num-cpus=0" in head
    assert f"--address=$RAY_HEAD_IP:{port[1]}" in worker
    assert len(content["provider"]["worker_ips"]) == content["max_workers"]


@pytest.mark.ray
def test_ray_accepts_the_cluster() -> None:
    util = pytest.importorskip("ray.autoscaler._private.util")
    prepared = util.prepare_config(cluster())
    util.validate_config(prepared)
    assert prepared["cluster_name"] == cluster()["cluster_name"]
