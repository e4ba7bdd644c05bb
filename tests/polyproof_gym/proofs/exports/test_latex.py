from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from polyproof_gym.proofs.exports.latex import Latex, to_latex
from tests.polyproof_gym.proofs.exports.examples import HOSTILE, MAKERS, TREES, any_example, by_cases, example


def without_escapes(source: str) -> str:
    return re.sub(r"\\[^A-Za-z]", "", source)


@pytest.mark.parametrize("name", [*MAKERS, *TREES])
def test_the_document_is_well_formed(name: str) -> None:
    source = to_latex(any_example(name))
    assert source.isascii()
    assert set(re.findall(r"\\usepackage{(.*)}", source)) == {"amsmath,amssymb"}
    body = without_escapes(source.partition(r"\begin{document}")[2])
    depth = 0
    for character in body:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert body.count("$") % 2 == 0
    assert re.findall("[#%&~]", body) == []
    outside = re.sub(r"\$[^$]*\$", "", body)
    assert re.findall("[_^<>|]", re.sub(r"\\ensuremath{[<>|]}", "", outside)) == []
    begins, ends = (re.findall(rf"\\{word}{{(\w+)}}", source.partition("\\sloppy")[2]) for word in ("begin", "end"))
    assert sorted(begins) == sorted(ends)


def test_special_characters_of_a_name_are_escaped() -> None:
    title = re.search(r"\\section\*{(.*)}", to_latex(example("weighted")))
    assert title is not None
    for escaped in (
        r"50\%",
        r"\#1",
        r"\&",
        r"a\_b",
        r"\{c\}",
        r"\$d\$",
        r"\textbackslash{}e",
        r"F\"{u}nf",
        r"\texttt{U+4E94}",
    ):
        assert escaped in title[1]
    assert r"\ensuremath{\lambda }" in title[1]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x", "x"),
        ("x12", "x_{12}"),
        ("u_x12", "u_{x_{12}}"),
        ("u_u_y", "u_{u_{y}}"),
        ("x_1", r"\text{\itshape x\_1}"),
        ("foo", r"\text{\itshape foo}"),
        ("xü", r"\text{\itshape x\"{u}}"),
        ("x五", r"\text{\itshape x\texttt{U+4E94}}"),
        ("Δ", r"\Delta "),
    ],
)
def test_names_of_variables(name: str, written: str) -> None:
    assert Latex().name(name) == written


def test_different_names_stay_different() -> None:
    names = ["x1", "x_1", "x01", "u_x1", "ux1", "u_x_1", "x", "X", "_x", "x_", "x__1"]
    assert len({Latex().name(name) for name in names}) == len(names)


def test_long_numbers_can_be_broken() -> None:
    latex = Latex()
    assert latex.number(Fraction(-1, 2)) == r"-\tfrac{1}{2}"
    long = latex.number(Fraction(10**60, 3))
    assert max(map(len, re.findall(r"\d+", long))) <= 10
    assert "".join(re.findall(r"\d", long.partition("/")[0])) == str(10**60)


def test_cases_have_headings() -> None:
    source = to_latex(by_cases("two_pentagons"))
    assert re.findall(r"\\textbf{Case (.*)", source) == [
        "1:} $x_{0} = 0$. Fixed: $x_{0} = 0$. The sum becomes"
        r" $x_{1} + x_{2} + x_{3} + x_{4} + x_{5} + x_{6} + x_{7} + x_{8} + x_{9}$.",
        "2:} $x_{0} = 1$. Fixed: $x_{0} = 1$; $x_{1} = x_{4} = 0$. The sum becomes"
        r" $x_{2} + x_{3} + x_{5} + x_{6} + x_{7} + x_{8} + x_{9} + 1$.",
    ]
    assert source.count(r"\hfill$\square$") == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX here")
@pytest.mark.parametrize("name", ["weighted", "awkward_names", "dense", "loose", "constrained_cases"])
def test_it_compiles_and_fits_the_page(name: str, tmp_path: Path) -> None:
    proof = any_example(name)
    source = to_latex(replace(proof, problem=replace(proof.problem, name=f"{HOSTILE} {proof.problem.name}")))
    (tmp_path / "proof.tex").write_text(source, encoding="ascii")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "proof.tex"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0
    assert b"Overfull" not in result.stdout
