"""Files made to mislead whoever reads what is printed of them, and files of problems without variables."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from polyproof_gym.printable import printable
from polyproof_gym.proofs import shrink
from polyproof_gym.proofs.exports import EXPORTERS
from tests.flat import load_flat, prove

NAMES = [
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "safe\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f",
    "zero\u200bwidth\u200d\ufeff\u00ad",
    "line\u2028two\u2029three\nfour\r\x0b\x0c\x1c\x85five",
    "\0 \ud800 \udfff",
    "</title></script><script>alert(1)</script><img src=x onerror=alert(1)> &lt; \"' --> ]]>",
    "\\end{document} \\input{/etc/passwd} ^^5cinput $ % # \\\\",
    '*) Admitted. (* (* " -/ /- \n-- theorem\n end',
    "\U000e0041\ufe0f\u3164\u115f\u2800",
]
VARIABLES = ["x\u3164", "\u115f", "א", "ﷺ", "𝓍", "ª", "K", "Å", "_", "a_" * 500 + "b", "x_" * 4 + "y", "五" * 300, "Ǆ"]  # noqa: RUF001
ALLOWED = {"\n"}


def file_with(folder: Path, **problem: Any) -> Path:
    """A proof file that has other words in its problem."""
    path = folder / "proof.json"
    prove("cycle:n=5").save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["problem"] |= problem
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class Text(HTMLParser):
    """The text and the attributes of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(source)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "".join(value or "" for _, value in attrs)


@pytest.mark.parametrize("kind", EXPORTERS)
@pytest.mark.parametrize("name", NAMES)
def test_names_show_all_that_they_are(kind: str, name: str, tmp_path: Path) -> None:
    proof = load_flat(file_with(tmp_path, name=name, family=name))
    text = EXPORTERS[kind](proof)
    assert printable("".join(character for character in text if character not in ALLOWED)) == text.replace("\n", "")
    if kind == "html":
        page, harmless = Text(text), Text(EXPORTERS[kind](prove("cycle:n=5")))
        assert printable(page.text.replace("\n", "")) == page.text.replace("\n", "")
        assert page.tags == harmless.tags
    if kind in ("coq", "lean", "latex"):
        assert re.sub("[ℝℤ≤≥∃∧⟨⟩≠·∀]", "", text).isascii()
    if kind == "coq":
        assert text.count("(*") == text.count("*)")
        assert "Admitted" not in re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)
    if kind == "lean":
        code = [line for line in text.splitlines() if not line.startswith("--")]
        assert sum(line.startswith("theorem objective_bound") for line in code) == 1
        assert not any("Admitted" in line for line in code)
    if kind == "latex":
        assert text.count(r"\end{document}") == 1
        assert r"\input" not in text


@pytest.mark.parametrize("kind", EXPORTERS)
@pytest.mark.parametrize("variable", VARIABLES)
def test_odd_letters_in_the_names_of_variables(kind: str, variable: str, tmp_path: Path) -> None:
    path = file_with(tmp_path, variables=["x", variable, "y1", "x1", "é"])
    text = EXPORTERS[kind](load_flat(path))
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def test_brackets_of_subscripts_are_closed(tmp_path: Path) -> None:
    text = EXPORTERS["latex"](load_flat(file_with(tmp_path, variables=["a_b_c_d", "a_b", "a_b_c", "x_1", "_"])))
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert "a_{b_{c}}" in text


# Problems without variables -------------------------------------------------------------------------------------------


def without_variables(folder: Path, **changes: Any) -> Path:
    problem: dict[str, Any] = {
        "name": "constant",
        "family": "test",
        "sense": "min",
        "variables": [],
        "box": [],
        "idempotent": [],
    }
    problem |= {"exclusive": [], "objective": [["5/3", []]], "axioms": []}
    content: dict[str, Any] = {"format": "polyproof-certificate", "version": 1, "problem": problem}
    content |= {"lines": [], "multipliers": [], "bound": "5/3"}
    for key, value in changes.items():
        (problem if key in problem else content)[key] = value
    path = folder / "constant.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


CONSTANTS: list[dict[str, Any]] = [
    {},
    {"sense": "max"},
    {"objective": [["5", []]], "rounded_from": "9/2", "bound": "5"},
    {"objective": [], "bound": "0"},
    {"axioms": [[["7", []]]], "lines": ["axiom 0"], "multipliers": [[0, "1/21"]], "bound": "4/3"},
]


@pytest.mark.parametrize("changes", CONSTANTS)
def test_problems_without_variables_are_accepted_by_all(changes: dict[str, Any], tmp_path: Path) -> None:
    proof = load_flat(without_variables(tmp_path, **changes))
    proof.verify()
    proof.save(tmp_path / "again.json")
    assert load_flat(tmp_path / "again.json").bound == proof.bound
    assert shrink(proof) is proof
    for kind, export in EXPORTERS.items():
        text = export(proof)
        assert str(proof.bound).replace("/", " / ") in text or str(proof.bound.numerator) in text, kind
        assert "forall  " not in text
        assert "( : " not in text


def test_the_theorem_about_a_constant(tmp_path: Path) -> None:
    proof = load_flat(without_variables(tmp_path))
    coq, lean = EXPORTERS["coq"](proof), EXPORTERS["lean"](proof)
    assert "Theorem objective_bound :\n  5 / 3 >= 5 / 3.\nProof.\n  intros.\n" in coq
    assert "theorem objective_bound\n    : 5 / 3 ≥ (5 / 3 : ℝ) := by\n" in lean
