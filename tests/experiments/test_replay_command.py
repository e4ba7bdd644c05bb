from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.case_picture import picture_of_cases
from polyproof_gym.proofs import ProofTree
from tests.experiments.conftest import CommandLine
from tests.flat import prove
from tests.polyproof_gym.proofs.exports.examples import by_cases, example


def test_the_page_of_a_proof_file(polyproof: CommandLine, workplace: Path) -> None:
    proof = prove("petersen")
    proof.save(workplace / "proof.json")
    result = polyproof("replay", "proof.json", "--out", "page.html")
    assert (result.status, result.err) == (0, "")
    page = (workplace / "page.html").read_text()
    assert result.out == f"page.html: {proof.num_derivations} derivations, {len(page.encode()) // 1000} kB\n"
    assert page.count('data-step="line"') == len(proof.reasons)
    assert 'class="curve"' in page


def test_the_search_of_an_agent_with_its_detours(polyproof: CommandLine, workplace: Path) -> None:
    arguments = ["replay", "petersen", "--agent", "random-closed", "--steps", "15", "--seed", "1", "--out", "page.html"]
    result = polyproof(*arguments)
    assert (result.status, result.out.partition(",")[0]) == (0, "page.html: 15 derivations")


def test_a_typed_problem(polyproof: CommandLine, workplace: Path) -> None:
    result = polyproof("replay", "--poly", "x*y - x", "--box", "x=0..1", "y=-1..1", "--out", "page.html")
    assert result.status == 0
    assert "x·y − x ≥ " in (workplace / "page.html").read_text()  # noqa: RUF001


@pytest.mark.parametrize("name", ["parabola", "pentagon"])
def test_the_animation_of_a_proof(polyproof: CommandLine, workplace: Path, name: str) -> None:
    images = pytest.importorskip("PIL.Image")
    proof = example(name)
    proof.save(workplace / "proof.json")
    assert polyproof("replay", "proof.json", "--out", "proof.gif").status == 0
    with images.open(workplace / "proof.gif") as image:
        assert (image.size, image.n_frames) == ((1000, 400), proof.num_derivations + 1)


def test_cases_have_a_page_and_a_picture_but_no_animation(polyproof: CommandLine, workplace: Path) -> None:
    images = pytest.importorskip("PIL.Image")
    proof = by_cases("petersen_cases")
    assert isinstance(proof, ProofTree)
    proof.save(workplace / "proof.json")
    assert polyproof("replay", "proof.json", "--out", "page.html").status == 0
    assert polyproof("replay", "proof.json", "--out", "cases.png").status == 0
    with images.open(workplace / "cases.png") as image:
        assert np.array_equal(np.asarray(image), picture_of_cases(proof))
    result = polyproof("replay", "proof.json", "--out", "proof.gif")
    assert result.status == 2
    assert "cases" in result.err
    result = polyproof("replay", "cycle:n=5", "--out", "cases.png")
    assert (result.status, "expected a proof by cases for a PNG" in result.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["petersen", "--out", "page.pdf"],
        ["petersen", "--out", "proof.json/page.html"],
        ["missing.json", "--out", "page.html"],
        ["proof.json", "--agent", "bfs", "--out", "page.html"],
        ["nothing-of-the-kind", "--out", "page.html"],
        ["--out", "page.html"],
    ],
)
def test_what_cannot_be_replayed(polyproof: CommandLine, workplace: Path, arguments: list[str]) -> None:
    prove("cycle:n=5").save(workplace / "proof.json")
    result = polyproof("replay", *arguments)
    assert (result.status, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert not (workplace / "page.html").exists()
