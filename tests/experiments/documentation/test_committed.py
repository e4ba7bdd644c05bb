"""What the README, the site and ``docs/results`` say: that they agree, and that the commands are there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from experiments.documentation import commands
from experiments.documentation.page import MARKED
from experiments.documentation.site import Site
from polyproof_gym.robustness.models import FOLDER
from tests.experiments.conftest import ROOT

SITE = Site(ROOT)
LARGEST = 80_000
"""Most bytes of a file of results."""


def test_pages_agree_with_their_results() -> None:
    assert SITE.disagreements() == []


@pytest.mark.parametrize("name", [name for name, result in SITE.results.items() if not result.commit])
def test_commands_are_there_with_their_options(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for command in SITE.result(name).commands:
        commands.check(command)


@pytest.mark.parametrize("name", SITE.results)
def test_results_say_how_they_are_made(name: str) -> None:
    result = SITE.result(name)
    assert result.commands
    assert "/tmp" not in json.dumps([result.commands, result.note])
    assert (ROOT / "docs" / "results" / f"{name}.json").stat().st_size < LARGEST


def training(model: str) -> dict[str, Any]:
    """The record of a shipped model."""
    record: dict[str, Any] = json.loads((FOLDER / f"{model}.json").read_text(encoding="utf-8"))["training"]
    return record


def test_accuracies_of_the_shipped_classifiers_are_those_of_their_records() -> None:
    rows = SITE.result("robustness-models").data["accuracies"]
    assert len(rows) == 1 + len([*(FOLDER / "classifiers").glob("*.json")])
    for name, _, train, test, reconstructed in rows[1:]:
        record = training(f"classifiers/{name.strip('`')}")
        assert (train, test) == tuple(f"{record[f'{part}_accuracy']:.3f}" for part in ("train", "test"))
        shown = dict(re.findall(r"(\d+): ([\d. /]+)", reconstructed))
        reached = record["accuracy_on_reconstructions"]
        assert shown == {n: f"{reached[f'linear-{n}']:.3f} / {reached[f'quadratic-{n}']:.3f}" for n in shown}


def test_losses_of_the_shipped_generators_are_those_of_their_records() -> None:
    head, *rows = SITE.result("robustness-models").data["lost"]
    for source, *cells in rows:
        for kind, cell in zip(head[1:], cells, strict=True):
            for latent, lost in re.findall(r"(\d+): (0\.\d+)", cell):
                record = training(f"generators/{source}-{kind}-{latent}")
                assert f"{record['reconstruction_error']:.3f}" == lost


MEASURED = re.compile(r"[-+]?\d[\d.,e-]+( \[[-+\d., ]+\])?( ([mµ]?s|%|[kMG]B))?")
"""A cell that is a figure of two digits or more, with its interval or unit."""


@pytest.mark.parametrize("page", SITE.pages, ids=lambda page: page.name)
def test_tables_of_figures_are_made_from_results(page: Path) -> None:
    """Others, which describe something, may have a number or two."""
    prose = MARKED.sub("", page.read_text(encoding="utf-8"))
    for table in re.findall(r"(?:^\|.*\|\n)+", prose, re.MULTILINE):
        figures = [cell for cell in table.split("|") if MEASURED.fullmatch(cell.strip())]
        assert len(figures) < 4, table
