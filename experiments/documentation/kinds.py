"""Kinds of results: how the tables of each are made, and what is kept of what its commands write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.benchmark import main as benchmark
from experiments.documentation import commands, evaluation, examinations, proofs, templates, trainings, visit
from experiments.documentation.result import Result
from experiments.leaderboard.board import Board
from experiments.leaderboard.board import tables as board_tables
from experiments.robustness.sections import SECTIONS
from experiments.scaling import main as scaling
from experiments.tables import figure, grid


@dataclass(frozen=True)
class Kind:
    """A kind of results.

    Attributes:
        tables: The tables of a result, by their names.
        summary: What is kept of the file that ``--json`` names, or of what a command prints; ``None`` where its
            command writes the results itself.
        merged: Data with new ones in the places of those that they replace.
        per_command: Whether the data are a list of what the commands give, one each; otherwise that is merged.
        made: What runs a command, with a file to write to, and gives what it has made.
    """

    tables: Callable[[Result], Mapping[str, str]]
    summary: Callable[[Any], Any] | None = None
    merged: Callable[[Any, Any], Any] = lambda data, new: new
    per_command: bool = False
    made: Callable[[str, Path], Any] = commands.run


def _cells(result: Result) -> dict[str, str]:
    """Tables whose cells are the data, by the name of the table: a list of the headings, and one for each row."""
    return {name: grid(rows[0], [[*map(figure, row)] for row in rows[1:]]) for name, rows in result.data.items()}


def _with_sections(data: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Reports with new sections in place of those of the same name; the machine is that of the first section."""
    sections = {**data["sections"], **new["sections"]}
    first = next(iter(sections))
    return {**data, **({"machine": new["machine"]} if first in new["sections"] else {}), "sections": sections}


def _robustness(result: Result) -> dict[str, str]:
    measured = (section for section in SECTIONS if section.name in result.data)
    return {section.name: section.table(result.data[section.name]) for section in measured}


KINDS: Mapping[str, Kind] = {
    "cells": Kind(_cells),
    "evaluation": Kind(evaluation.tables, evaluation.summary, evaluation.merged),
    "evaluations": Kind(evaluation.tables_of_several, evaluation.summary, per_command=True),
    "proofs": Kind(templates.tables, proofs.summary, per_command=True, made=commands.made),
    "ablation": Kind(
        templates.tables, lambda run: [{key: row[key] for key in ("name", "bound", "minus")} for row in run["rows"]]
    ),
    "trainings": Kind(templates.tables, trainings.summary, per_command=True, made=trainings.trained),
    "visit": Kind(templates.tables, lambda made: made, per_command=True, made=visit.timed),
    "benchmark": Kind(
        lambda result: benchmark.tables(result.data),
        lambda report: {"machine": report["machine"], "sections": report["sections"]},
        _with_sections,
    ),
    "examinations": Kind(examinations.tables, examinations.summary, per_command=True),
    "robustness": Kind(_robustness, lambda run: run["summary"]["sections"], lambda data, new: {**data, **new}),
    "scaling": Kind(
        lambda result: scaling.tables(result.data), lambda report: {key: report[key] for key in ("held", "runs")}
    ),
    "leaderboard": Kind(lambda result: board_tables(Board.of(result.data))),
}
"""All kinds, by their names."""
