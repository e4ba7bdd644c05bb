"""``polyproof replay``: a proof step by step, as a page or as an animated picture; or its cases, as a picture."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from gymnasium.error import DependencyNotInstalled

from agents import Search
from experiments.animation import gif
from experiments.cli.exit_status import OK
from experiments.cli.output import emit
from experiments.cli.parsing import whole_number
from experiments.cli.problem_source import add_problem_arguments, find_problem
from experiments.options import rules_option
from experiments.outputs import make_folder, require_output
from polyproof_gym import BadInput, InvalidProof, Proof, ProofTree, load_proof
from polyproof_gym.envs.rendering import open_images
from polyproof_gym.printable import printable
from polyproof_gym.proofs.exports.html import to_html
from polyproof_gym.proofs.replay import replay, with_detours
from polyproof_gym.whole_file import write_whole_with

AGENT = "dual-guided"
"""The agent whose search is shown unless one is named: one that derives line by line."""

MAX_FRAMES = 400
"""The most frames of an animation."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add_problem_arguments(parser)
    parser.add_argument("--out", type=Path, metavar="F", required=True, help="write this file, F.html, F.gif or F.png")
    parser.add_argument("--agent", help=f"whose search is shown, where PROBLEM is no proof file (default: {AGENT})")
    rules_option(parser)
    parser.add_argument("--steps", type=whole_number, default=100, help="the most derivations (default: %(default)s)")
    parser.add_argument(
        "--seed", type=whole_number, default=0, help="seed of the agent's choices (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the page or the picture; the exit status."""
    require_output(options.out, options.problem)
    kind = options.out.suffix.lower()
    if kind not in (".html", ".gif", ".png"):
        raise BadInput(f"{options.out}: expected a name that ends with .html, .gif or .png")
    proof = _proof_of(options)
    if kind == ".html":
        content = _page(proof, options.problem)
    else:
        content = _animation(proof) if kind == ".gif" else _tree(proof)
    make_folder(options.out.parent)
    write_whole_with(options.out, lambda file: file.write(content))
    emit(f"{printable(str(options.out))}: {proof.num_derivations} derivations, {len(content) // 1000} kB")
    return OK


def _proof_of(options: argparse.Namespace) -> Proof | ProofTree:
    """The proof in a file, or that of a search with all its detours."""
    if options.problem is not None and options.problem.endswith(".json"):
        if options.agent is not None:
            raise BadInput("expected --agent with a problem only, not with a proof file")
        try:
            return load_proof(options.problem)
        except InvalidProof as error:
            raise BadInput(str(error)) from None
    search = Search(
        find_problem(options),
        options.agent or AGENT,
        max_steps=options.steps,
        seed=options.seed,
        rules=options.rules,
    )
    proof = search.run()
    return with_detours(proof, search.state.memory) if isinstance(proof, Proof) else proof


def _page(proof: Proof | ProofTree, source: str | None) -> bytes:
    try:
        return to_html(proof, with_bounds=True).encode("utf-8", errors="backslashreplace")
    except ValueError as error:  # numbers that are computed from those in the file can be too long for text
        raise BadInput(f"{source}: cannot be shown ({error})") from None


def _animation(proof: Proof | ProofTree) -> bytes:
    if isinstance(proof, ProofTree):
        raise BadInput("expected a proof without cases for a GIF; F.html and F.png show them")
    if proof.num_derivations >= MAX_FRAMES:
        raise BadInput(f"expected less than {MAX_FRAMES} derivations for a GIF, got {proof.num_derivations}")
    try:
        images, bounds, frames = open_images(float(proof.combination_bound)), [], []
    except DependencyNotInstalled as error:
        raise BadInput(str(error)) from None
    for moment in replay(proof):
        bounds.append(moment.state.bound)
        frames.append(images.image(proof.problem, moment.state, bounds))
    return gif(frames)


def _tree(proof: Proof | ProofTree) -> bytes:
    if isinstance(proof, Proof):
        raise BadInput("expected a proof by cases for a PNG; F.html and F.gif show those without")
    from PIL import Image  # with Matplotlib, which only pictures need

    from experiments.case_picture import picture_of_cases

    file = io.BytesIO()
    Image.fromarray(picture_of_cases(proof)).save(file, "PNG")
    return file.getvalue()
