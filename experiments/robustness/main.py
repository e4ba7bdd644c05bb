"""Robustness from both sides: limits for every classifier, certified radii of a polynomial one, and attacks.

``python -m experiments.robustness`` examines points of a generator's distribution one by one, each without looking at
the others, and holds what it finds against the limit. Tables go to standard output, progress to standard error. What
is finished is written at once; ``--resume`` goes on with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from agents.certified_radius.radius import TOLERANCE
from experiments.cli.exit_status import INVALID, UNDECIDED
from experiments.cli.parsing import positive, whole_number
from experiments.executors import Executor
from experiments.executors.options import executor_of
from experiments.options import common_parser, many_options, require_outputs
from experiments.origin import origin
from experiments.outputs import require_folder, require_picture
from experiments.panels import draw
from experiments.result_file import Ending
from experiments.robustness import examination
from experiments.robustness.examination import Examination, count_classes, examination_of, limit_of
from experiments.robustness.picture import PANELS
from experiments.robustness.points import SOURCES, PointFile, PointSettings
from experiments.robustness.sections import SECTIONS
from experiments.robustness.subjects import Subject, make_subject
from experiments.sections import measure_all, scalars
from experiments.starting import INTERRUPTED
from experiments.tensorboard import log_scalars, run_writer
from polyproof_gym import BadInput
from polyproof_gym.robustness.class_probabilities import read_confidence
from polyproof_gym.robustness.status import Status
from polyproof_gym.stopping import raised_on_sigterm

CURVES = "curves"
"""The name of what is not a section of its own: the points and the limit."""

NAMES = (CURVES, *(section.name for section in SECTIONS))
"""All that can be asked for."""

MODEL = "digits-quadratic"
"""The classifier that is examined by default."""

QUICK = {"points": 3, "samples": 2000}
"""What is smaller in the smallest run that makes sense."""


def names(text: str) -> list[str]:
    """Read names with commas between.

    Raises:
        argparse.ArgumentTypeError: If one is unknown.
    """
    given = [name.strip() for name in text.split(",")]
    for name in given:
        if name not in NAMES:
            raise argparse.ArgumentTypeError(f"expected names of {', '.join(NAMES)}, got {name!r}")
    return given


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = common_parser("robustness", __doc__ or "")
    parser.add_argument(
        "--model",
        default=MODEL,
        help="such as digits-quadratic:latent=8,generator=quadratic, or FILE.py:FUNCTION for a function that gives "
        "(classifier, generator, latent) (default: %(default)s)",
    )
    parser.add_argument("--train", action="store_true", help="train the model anew; the number latent is free then")
    parser.add_argument("--norm", choices=("2", "inf"), default="2", help="of latent distances (default: %(default)s)")
    parser.add_argument("--points", type=whole_number, default=100, metavar="N", help="default: %(default)s")
    parser.add_argument("--first", type=whole_number, default=0, metavar="K", help="number of the first point")
    parser.add_argument(
        "--source",
        choices=SOURCES,
        default=SOURCES[0],
        help="of the generator's distribution, which the limit is about, held-out data, or these, moved to the border "
        "of the generator's clip (default: %(default)s)",
    )
    parser.add_argument(
        "--no-squares", dest="squares", action="store_false", help="certify by products only, on balls up to degree 2"
    )
    parser.add_argument(
        "--tolerance",
        default=str(TOLERANCE),
        metavar="SHARE",
        help="of a radius, by which a larger one might be proved (default: %(default)s)",
    )
    parser.add_argument(
        "--samples",
        type=positive,
        default=examination.SAMPLES,
        help="random points that tell how frequent the classes are (default: %(default)s)",
    )
    parser.add_argument(
        "--confidence", default=str(examination.CONFIDENCE), help="of the limit, for that (default: %(default)s)"
    )
    parser.add_argument(
        "--only",
        type=names,
        default=[CURVES],
        metavar="NAME,NAME",
        help=f"what to do, of {', '.join(NAMES)} (default: {CURVES})",
    )
    parser.add_argument(
        "--require", choices=("certified",), help="exit with status 3 if anything is estimated that the curves show"
    )
    parser.add_argument(
        "--certificates", type=Path, metavar="FOLDER", help="write the proofs of what is examined there"
    )
    parser.add_argument("--plot", type=Path, metavar="OUT", help="write the picture to this file")
    parser.add_argument("--quick", action="store_true", help="sizes that show only that everything runs")
    many_options(parser, "points")
    return parser


def check(options: argparse.Namespace) -> None:
    """Check the options before anything takes time.

    Raises:
        BadInput: If something cannot be used.
    """
    require_outputs(options)
    require_picture(options.plot)
    if options.certificates is not None:
        require_folder(options.certificates)
    read_confidence(options.confidence)


def settings_of(options: argparse.Namespace, subject: Subject) -> dict[str, Any]:
    """What must be the same for points to be together in one file."""
    keys = ("model", "train", "norm", "source", "squares", "tolerance", "seed", "quick")
    return {
        "experiment": "robustness",
        **{key: getattr(options, key) for key in keys},
        "fingerprint": subject.fingerprint(),
    }


def is_certified(subject: Subject, points: int) -> bool:
    """Whether nothing is estimated that the curves of so many points show; otherwise people are told what is."""
    estimated = [subject.modulus.legend()] if subject.modulus.status is Status.ESTIMATED else []
    if subject.polynomial is None and points:
        estimated.append("attacks in floats (estimated)")
    if estimated:
        print(f"expected nothing that is estimated, got: {'; '.join(estimated)}", file=sys.stderr)
    return not estimated


def tables_of(results: Mapping[str, Any]) -> Iterator[str]:
    """The texts of all results, as JSON has them."""
    if CURVES in results:
        curves = results[CURVES]
        yield "\n".join([*examination.remarks(curves), "", examination.table(curves)])
    for section in SECTIONS:
        if section.name in results:
            yield f"{section.name}\n\n{section.table(results[section.name])}"


def log(folder: Path, results: Mapping[str, Any], file: PointFile) -> None:
    """Write the curves, over thousandths of the distance, the points and the sections for TensorBoard."""
    tags = [(f"robustness/{name}", value, step) for name, value, step in scalars(results)]
    if CURVES in results:
        curves = results[CURVES]
        shares = {found["name"]: found["beyond"] for found in curves["found"]} | {"limit": curves["limit"]["beyond"]}
        for name, beyond in shares.items():
            tag = f"robustness/{name.replace(' ', '_')}"
            tags += [(tag, share, round(1000 * t)) for t, share in zip(curves["distances"], beyond, strict=True)]
        for number, result in file.results.items():
            tags.append(("robustness/seconds", result.seconds, number))
            certified, attack, _ = result.exact
            if certified is not None and attack:
                tags.append(("robustness/certified_by_attack", float(certified / attack), number))
    with run_writer(folder) as writer:
        log_scalars(writer, tags)


def sections_of(file: PointFile, path: Path | None) -> dict[str, Any]:
    """The results that a file holds already.

    Raises:
        BadInput: If it only looks like one.
    """
    try:
        results: dict[str, Any] = {} if file.summary is None else {**file.summary["sections"]}
        for _ in tables_of(results):
            pass
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise BadInput(f"{path}: expected a file that this experiment has written") from None
    return results


def examine_points(
    options: argparse.Namespace, subject: Subject, file: PointFile, executor: Executor
) -> tuple[Examination, Ending[int]]:
    """The curves of what is finished, and how the work has ended.

    Raises:
        BadInput: If there are not so many points, or a file cannot be written.
        InvalidProof: If a proof does not hold.
    """
    tasks = [*range(options.first, options.first + options.points)]
    for task in tasks[-1:]:
        file.examiner.point(task)
    # Before the points, so that after Ctrl-C the curves are there at once.
    counts = count_classes(subject, options.samples, options.seed)
    distances, limit = limit_of(subject, counts, options.confidence)
    with executor:
        ending = file.complete(tasks, executor)
    results = [file.results[task] for task in tasks if task in file.results]
    return examination_of(subject, file.examiner.points, results, distances, limit), ending


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Examine and measure; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.quick:
        vars(options).update(QUICK)
    try:
        check(options)
        executor = executor_of(options)
        subject = make_subject(options.model, options.train, options.seed)
        if options.require and CURVES in options.only and not is_certified(subject, options.points):
            return UNDECIDED  # before there is a file
        points = PointSettings(options.norm, options.source, options.seed, options.squares, options.tolerance)
        file = PointFile(
            options.json, settings_of(options, subject), options.resume, subject, points, options.certificates
        )
        results = sections_of(file, options.json)
        if options.require and CURVES in results and not is_certified(subject, results[CURVES]["points"]):
            return UNDECIDED
        status = run(options, arguments, subject, file, results, executor)
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted; nothing to report yet", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        parser.error(f"{error.filename}: cannot be written ({(error.strerror or '').lower()})")
    return status


def run(
    options: argparse.Namespace,
    arguments: Sequence[str] | None,
    subject: Subject,
    file: PointFile,
    results: dict[str, Any],
    executor: Executor,
) -> int:
    """Do what is asked for, write it and show it; the exit status.

    Args:
        options: Those of the command line.
        arguments: The words of the command line, if they are not those of the process.
        subject: What is examined.
        file: The points.
        results: What is there already, and gets the rest.
        executor: What works on the points.
    """

    def save() -> None:
        file.write({**origin("python -m experiments.robustness", arguments), "sections": results})

    ending: Ending[int] = Ending(False, {})
    if CURVES in options.only:
        curves, ending = examine_points(options, subject, file, executor)
        results[CURVES] = asdict(curves)
        save()
    sections = [section for section in SECTIONS if section.name in options.only and section.name not in results]
    if not ending.is_interrupted and sections:
        is_complete = measure_all(
            sections, results, lambda section: section.run(options.seed, options.quick, folder=options.logdir), save
        )
        ending = replace(ending, is_interrupted=not is_complete)
    for text in tables_of(results):
        print(f"{text}\n")
    if not ending.is_interrupted:  # otherwise the end is to come soon
        log(options.logdir, results, file)
        if options.plot is not None:
            draw(PANELS, results, options.plot)
    wrong = examination.errors(results[CURVES]) if CURVES in results else []
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    return ending.report("the tables are of what is finished", options.json) or (INVALID if wrong else 0)
