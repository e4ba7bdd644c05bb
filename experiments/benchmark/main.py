"""Benchmark of steps, bounds, growth, memory and exactness: measures all sections and writes tables and a picture.

Results go to standard output as Markdown, progress to standard error. What is finished is written at once, so that
Ctrl-C loses only the section at hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.benchmark.plot import PANELS
from experiments.benchmark.sections import SECTIONS
from experiments.cases.main import boxes
from experiments.options import common_parser, require_outputs
from experiments.origin import origin
from experiments.outputs import require_picture
from experiments.panels import draw
from experiments.reports import read_json, write_json
from experiments.sections import measure_all, scalars
from experiments.starting import INTERRUPTED
from experiments.tables import plain_table
from experiments.tensorboard import log_scalars, run_writer
from polyproof_gym import BadInput
from polyproof_gym.stopping import raised_on_sigterm

Report = dict[str, Any]
"""All that goes into the JSON file: where it comes from (:mod:`experiments.origin`), and the ``sections`` by name."""


def tables(report: Report) -> dict[str, str]:
    """The table of the machine, and those of the sections that have been measured."""
    results = report["sections"]
    measured = (section for section in SECTIONS if section.name in results)
    return {"machine": plain_table(report["machine"]), **{s.name: s.table(results[s.name]) for s in measured}}


def load(path: Path) -> Report:
    """What the benchmark has written to a JSON file.

    Raises:
        BadInput: If the file cannot be read, or is none.
    """
    content = read_json(path)
    parts = [content.get(key) for key in ("machine", "sections")] if isinstance(content, dict) else [None]
    if not all(isinstance(part, dict) for part in parts):
        raise BadInput(f"{path}: expected a JSON file that the benchmark has written")
    report: Report = content
    return report


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    names = [section.name for section in SECTIONS]
    parser = common_parser("benchmark", __doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--only", nargs="+", choices=names, default=names, metavar="SECTION", help=", ".join(names))
    source.add_argument("--from-json", type=Path, metavar="FILE", help="measure nothing, take the results of this file")
    parser.add_argument("--cases", type=Path, metavar="FILE", help="also compare with peers on boxes of this JSON file")
    parser.add_argument("--names", nargs="+", default=(), metavar="NAME", help="the cases to take (default: all)")
    parser.add_argument("--quick", action="store_true", help="sizes that show only that everything runs")
    parser.add_argument("--plot", type=Path, metavar="OUT", help="write the picture to this file")
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        require_outputs(options)
        require_picture(options.plot)
        if options.from_json is not None:
            status, report = 0, load(options.from_json)
        else:
            if options.names and options.cases is None:
                raise BadInput("--names: expected a file of cases, given by --cases")
            cases = boxes(options.cases, options.names) if options.cases is not None else []
            report = {**origin(parser.prog, arguments), "sections": {}}
            is_complete = measure_all(
                [section for section in SECTIONS if section.name in options.only],
                report["sections"],
                lambda section: section.run(options.seed, options.quick, cases=cases),
                lambda: None if options.json is None else write_json(options.json, report),
            )
            status = 0 if is_complete else INTERRUPTED
            with run_writer(options.logdir) as writer:
                log_scalars(writer, scalars(report["sections"]))
        texts = _texts(report, options.from_json)
        for name, table in texts.items():
            print(f"{name}\n\n{table}\n")
        if options.plot is not None:
            draw(PANELS, report["sections"], options.plot)
    except BadInput as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{error.filename}: cannot be written ({(error.strerror or '').lower()})")
    return status


def _texts(report: Report, source: Path | None) -> dict[str, str]:
    """The tables of a report, which may come from a file that only looks like one."""
    try:
        return tables(report)
    except (AttributeError, KeyError, TypeError, ValueError):
        if source is None:
            raise
        raise BadInput(f"{source}: expected a JSON file that this version of the benchmark has written") from None
