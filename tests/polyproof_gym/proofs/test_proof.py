from __future__ import annotations

import errno
import json
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest

import polyproof_gym
from polyproof_gym import BadInput, InvalidProof, Problem, Proof, ResourceLimit, polynomial
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, Square, Times, TimesLine, checker
from tests.flat import load_flat, prove

PENTAGON = make_problem("cycle:n=5")


def axiom(index: int) -> Axiom:
    return Axiom(index, PENTAGON.axioms[index])


def clique_proof(**changes: Any) -> Proof:
    """``x1 + ... + x5 <= 3`` from two edges and a vertex."""
    proof = Proof(
        problem=PENTAGON,
        reasons=(
            axiom(1),
            axiom(5),
            axiom(9),
            Times(0, 1, complement=True),
            Times(1, 3, complement=True),
        ),
        multipliers={3: 1, 4: 1, 2: 1},
    )
    return replace(proof, **changes)


def test_a_proof_by_hand() -> None:
    proof = clique_proof()
    proof.verify()
    assert proof.bound == 3
    assert isinstance(proof.bound, Fraction)
    assert proof.gap == 1
    assert proof.num_derivations == 2
    x = [Polynomial.variable(PENTAGON.ring, i) for i in range(5)]
    assert proof.lines == (1 - x[0], 1 - x[2], 1 - x[4], 1 - x[0] - x[1], 1 - x[2] - x[3])


def test_the_empty_proof_proves_the_trivial_bound() -> None:
    proof = Proof(PENTAGON, (), {})
    proof.verify()
    assert proof.bound == 5
    assert proof.lines == ()
    assert proof.num_derivations == 0


def test_smaller_multipliers_prove_less() -> None:
    proof = clique_proof(multipliers={3: Fraction(1, 2), 4: 1, 2: 1})
    proof.verify()
    assert proof.bound == Fraction(7, 2)


def test_a_lower_bound() -> None:
    problem = polyproof_gym.polynomial("x1 - 2*x2", box="unit")
    proof = Proof(problem, tuple(Axiom(k, p) for k, p in enumerate(problem.axioms)), {0: 1, 3: 2})
    proof.verify()
    assert proof.bound == -2
    assert proof.gap == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"multipliers": {3: -1, 4: 1, 2: 1}}, "multipliers: that of number 3 is negative"),
        ({"multipliers": {3: 1, 4: Fraction(-1, 10**9), 2: 1}}, "multipliers: that of number 4 is negative"),
        ({"multipliers": {3: 1, 5: 1}}, "multiplier of line 5.*no such line"),
        ({"multipliers": {3: 1, -1: 1}}, "multiplier of line -1.*no such line"),
        ({"reasons": (Axiom(0, PENTAGON.axioms[0] - 1),), "multipliers": {}}, "line 0.*not an axiom"),
        ({"reasons": (axiom(0), Axiom(1, 2 - PENTAGON.axioms[0])), "multipliers": {}}, "line 1.*not an axiom"),
        ({"reasons": (axiom(0), Times(1, 2, False)), "multipliers": {}}, "line 1.*does not come before"),
        ({"reasons": (Times(1, 2, False), axiom(0)), "multipliers": {}}, "line 0.*does not come before"),
        ({"reasons": (axiom(0), Times(-1, 2, False)), "multipliers": {}}, "line 1.*does not come before"),
        ({"reasons": (axiom(0), Times(7, 2, False)), "multipliers": {}}, "line 1.*does not come before"),
    ],
)
def test_wrong_proofs_are_rejected_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidProof, match=reason):
        clique_proof(**changes).verify()


@pytest.mark.parametrize("variable", [5, 99, -1, -2, -6])
def test_products_with_variables_that_do_not_exist_are_rejected(variable: int) -> None:
    with pytest.raises(InvalidProof, match="line 1"):
        clique_proof(reasons=(axiom(0), Times(0, variable, complement=False)), multipliers={}).verify()


def test_lines_that_say_nothing_new_do_no_harm() -> None:
    reasons = (*clique_proof().reasons, axiom(0), axiom(0), Times(5, 0, True), Times(5, 1, False), Times(8, 2, False))
    proof = clique_proof(reasons=reasons)
    proof.verify()
    assert proof.bound == 3
    assert not any(proof.lines[7:])


def test_the_index_of_an_axiom_must_be_its_own() -> None:
    """The file names axioms by their index alone: a wrong one would make it another proof."""
    with pytest.raises(InvalidProof, match="line 0"):
        clique_proof(reasons=(Axiom(3, PENTAGON.axioms[1]),), multipliers={0: 1}).verify()


def test_an_axiom_of_another_problem_is_rejected() -> None:
    constrained = polyproof_gym.polynomial("x1*x2", box="unit", constraints=["x1 <= 1/2"])
    free = polyproof_gym.polynomial("x1*x2", box="unit")
    proof = Proof(constrained, (Axiom(4, constrained.axioms[4]),), {})
    proof.verify()
    with pytest.raises(InvalidProof, match="not an axiom"):
        replace(proof, problem=free).verify()


def test_a_bound_beyond_a_feasible_value_is_rejected() -> None:
    """Only a contradiction among the axioms can prove it."""
    x = Polynomial.variable(PENTAGON.ring, 0)
    wrong = replace(PENTAGON, axioms=(*PENTAGON.axioms, -1 * x - 1))
    proof = Proof(wrong, (Axiom(10, wrong.axioms[10]),), {0: 4})
    with pytest.raises(InvalidProof, match="contradicts the feasible value 2"):
        proof.verify()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (None, "bounded"),
        (3, "proved"),
        (4, "proved"),
        (Fraction(5, 2), "undecided"),
        (Fraction(3 * 10**30 - 1, 10**30), "undecided"),
        (2, "undecided"),
        (Fraction(2 * 10**30 - 1, 10**30), "refuted"),
    ],
)
def test_the_status_for_an_upper_bound(target: Any, status: str) -> None:
    assert clique_proof(target=target).status == status


@pytest.mark.parametrize(("target", "status"), [(None, "optimal"), (-2, "proved"), (-3, "proved"), (-1, "refuted")])
def test_the_status_for_a_lower_bound(target: Any, status: str) -> None:
    problem = polyproof_gym.polynomial("x1 - 2*x2", box="unit")
    proof = Proof(problem, tuple(Axiom(k, p) for k, p in enumerate(problem.axioms)), {0: 1, 3: 2}, target=target)
    assert proof.status == status


def test_without_a_feasible_point_there_is_no_gap() -> None:
    assert clique_proof(problem=replace(PENTAGON, feasible_point=None)).gap is None


def test_proofs_compare_without_the_record_of_the_search() -> None:
    one, other = (prove(PENTAGON, agent="dual-guided", seed=seed) for seed in (0, 1))
    assert one == other
    assert one.search != other.search


@pytest.mark.parametrize("spec", ["cycle:n=5", "butcher"])
def test_proofs_survive_pickling(spec: str) -> None:
    proof = prove(spec, max_steps=40)
    twin = pickle.loads(pickle.dumps(proof))
    assert twin.bound == proof.bound
    assert twin.lines == proof.lines
    assert twin.search == proof.search
    twin.verify()


# Files ---------------------------------------------------------------------------------------------------------------


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("spec", ["cycle:n=5", "random-stable-set:n=12", "butcher", "rd", "caprasse"])
def test_no_float_enters_the_file(spec: str) -> None:
    content = prove(spec, max_steps=60, target=0).to_json()
    assert content["format"] == "polyproof-certificate"
    assert content["version"] == 1
    assert {type(leaf) for leaf in leaves(content)} <= {str, int}
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    ("objective", "bound", "version"),
    [
        ("a*b - b", "-1", 1),
        ("4*a*b - 4*b + 3", "-1", 1),
        ("4*a*b - 4*b", "-4", 1),
        ("a*b/2 - b/2", "-1/2", 2),
        ("a*b - b + 1/2", "-1/2", 2),
    ],
)
def test_a_file_has_the_lowest_version_that_rounds_alike(objective: str, bound: str, version: int) -> None:
    content = Proof(polynomial(objective, boolean="a b"), (), {}).rounding().to_json()
    assert (content["bound"], content["version"]) == (bound, version)
    assert checker.check(content) == Fraction(bound)


def test_rounding_to_multiples_is_of_version_2() -> None:
    """Before, a bound was rounded to the next whole number, and files may still claim that only."""
    problem = polynomial("4*a - 4*b", boolean="a b")
    proof = Proof(problem, (Axiom(3, problem.axioms[3]),), {0: Fraction(11, 2)}).rounding()
    content = proof.to_json()
    assert (content["rounded_from"], content["bound"], content["version"]) == ("-11/2", "-4", 2)
    for version in (1, 2):
        content["bound"] = "-5"
        content["version"] = version
        if version == 1:
            del content["problem"]["implied"]
        else:
            content["problem"]["implied"] = []
        assert checker.check(content) == -5
    content["bound"] = "-3"
    with pytest.raises(checker.Rejected, match="rounded to a value that the objective may have"):
        checker.check(content)


def test_the_file_holds_the_whole_proof() -> None:
    content = clique_proof().to_json()
    assert content["bound"] == "3"
    assert content["lines"] == [
        "axiom 1",
        "axiom 5",
        "axiom 9",
        "times 1-x_1 of line 0",
        "times 1-x_3 of line 1",
    ]
    assert sorted(content["multipliers"]) == [[2, "1"], [3, "1"], [4, "1"]]
    problem = content["problem"]
    assert problem["sense"] == "max"
    assert problem["exclusive"] == [[0, 1], [0, 4], [1, 2], [2, 3], [3, 4]]
    assert problem["idempotent"] == [0, 1, 2, 3, 4]
    assert problem["objective"] == [["1", [i]] for i in range(5)]
    assert problem["axioms"][:2] == [[["1", [0]]], [["1", []], ["-1", [0]]]]


def test_fractions_are_written_exactly() -> None:
    content = prove("rd", max_steps=60).to_json()
    assert content["problem"]["box"] == [["-5", "5"]] * 3
    total = sum(Fraction(text) for text, monomial in content["problem"]["objective"] if not monomial)
    assert total == 0
    coefficients = {tuple(monomial): text for text, monomial in content["problem"]["objective"]}
    assert coefficients[1,] == "582182733/500000000"  # 2 - 0.835634534
    assert Fraction(content["bound"]) == Fraction(-917817267, 25000000)


def test_saving(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    proof = clique_proof()
    proof.save(path)
    assert json.loads(path.read_text(encoding="utf-8")) == proof.to_json()
    proof.save(str(path))
    assert list(tmp_path.iterdir()) == [path]


def test_saving_again_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text("old " * 10_000, encoding="utf-8")
    clique_proof().save(path)
    assert json.loads(path.read_text(encoding="utf-8"))["bound"] == "3"


def test_names_that_are_not_ascii(tmp_path: Path) -> None:
    path = tmp_path / "Bündel 证明.json"
    clique_proof(problem=replace(PENTAGON, name="Fünfeck 五")).save(path)
    assert json.loads(path.read_text(encoding="utf-8"))["problem"]["name"] == "Fünfeck 五"


def test_a_saved_file_can_be_read_by_those_who_could_read_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("", encoding="utf-8")
    clique_proof().save(tmp_path / "proof.json")
    assert (tmp_path / "proof.json").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("name", ["missing/proof.json", "file/proof.json", "folder"])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="cannot be written") as caught:
        clique_proof().save(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_name_that_is_too_long_or_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for name in ("x" * 300, "loop"):
        with pytest.raises(BadInput, match="cannot be written") as caught:
            clique_proof().save(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_the_longest_name_there_may_be(tmp_path: Path) -> None:
    clique_proof().save(tmp_path / ("x" * 255))
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 255]


def test_a_number_too_long_for_text_is_not_saved(tmp_path: Path) -> None:
    proof = clique_proof(multipliers={3: Fraction(1, 10**5000)})
    with pytest.raises(ResourceLimit, match=r"proof\.json: not written \(.*digits") as caught:
        proof.save(tmp_path / "proof.json")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_folder_that_must_not_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text("old", encoding="utf-8")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BadInput, match="cannot be written"):
            clique_proof().save(path)
    finally:
        tmp_path.chmod(0o700)
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_failure_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "proof.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(BadInput, match="no space left"):
        clique_proof().save(path)
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_proof_that_does_not_hold_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(InvalidProof):
        clique_proof(reasons=(axiom(0), Times(1, 2, False)), multipliers={}).save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@dataclass(frozen=True)
class Claim:
    """A reason of another kind, which proof files do not have."""

    text: Any
    parents: tuple[int, ...] = ()
    since: ClassVar[int] = 1

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        return 1 - Polynomial.variable(ring, 0)

    def renumbered(self, numbers: Mapping[int, int]) -> Claim:
        return self

    def describe(self, ring: Ring) -> str:
        return "claimed"

    def to_json(self) -> Any:
        return self.text

    def require(self, problem: Problem) -> None:
        pass


@pytest.mark.parametrize(
    "text", ["claimed", "axiom 0", "axiom 99", "times x_0 of line 0", "", "axiom 1\n", 1, None, [], {}, {1}, b"axiom 1"]
)
def test_what_would_not_be_loaded_is_not_saved(text: Any, tmp_path: Path) -> None:
    proof = clique_proof(reasons=(Claim(text), Times(0, 1, True)), multipliers={1: 1})
    with pytest.raises(InvalidProof, match=r"^[^\n]*proof\.json: not written \([^\n]+\)$"):
        proof.save(tmp_path / "proof.json")
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Disguised(Square):
    """A square of a class of its own, whose text is that of an ordinary one."""


def test_a_reason_that_would_be_loaded_as_another_is_not_saved(tmp_path: Path) -> None:
    x = Polynomial.variable(PENTAGON.ring, 0)
    for reason in (Claim("axiom 1"), Disguised(x), Square(x, parent=True)):
        proof = clique_proof(reasons=(axiom(1), reason), multipliers={0: 1})
        with pytest.raises(InvalidProof, match=r"^[^\n]*proof\.json: not written \(line 1: [^\n]+\)$"):
            proof.save(tmp_path / "proof.json")
        assert list(tmp_path.iterdir()) == []


def test_all_kinds_of_reasons_are_loaded_as_what_they_are(tmp_path: Path) -> None:
    x, y = (Polynomial.variable(PENTAGON.ring, i) for i in range(2))
    reasons = (axiom(1), Times(0, 1, complement=True), TimesLine(1, 0), Square(2 * x - 3 * y), Square(x + 1, parent=1))
    proof = clique_proof(reasons=reasons, multipliers={0: 1})
    proof.save(tmp_path / "proof.json")
    assert load_flat(tmp_path / "proof.json").reasons == reasons


@pytest.mark.parametrize("changes", [{"multipliers": {3: -1}}, {"multipliers": {17: 1}}, {"multipliers": {3: 0.5}}])
def test_proofs_that_do_not_hold_are_not_saved(changes: dict[str, Any], tmp_path: Path) -> None:
    proof = clique_proof(**changes)
    with pytest.raises(InvalidProof, match=r"^[^\n]+$"):
        proof.save(tmp_path / "proof.json")
    assert list(tmp_path.iterdir()) == []


def test_a_proof_too_large_for_a_file_is_not_saved(tmp_path: Path) -> None:
    proof = clique_proof(problem=replace(PENTAGON, name="x" * checker.MAX_BYTES))
    with pytest.raises(ResourceLimit, match=r"^[^\n]*proof\.json: not written \([^\n]+limit set[^\n]+\)$"):
        proof.save(tmp_path / "proof.json")
    assert list(tmp_path.iterdir()) == []


def test_the_layout_of_a_file(tmp_path: Path) -> None:
    """One item per line, but of the pairs all that begin with the same variable."""
    clique_proof().save(tmp_path / "proof.json")
    lines = (tmp_path / "proof.json").read_text(encoding="utf-8").splitlines()
    start = lines.index('  "exclusive": [')
    assert lines[start + 1 : start + 6] == ["[0,1],[0,4],", "[1,2],", "[2,3],", "[3,4]", "  ],"]
    assert lines[0] == "{"
    assert lines[-1] == "}"
    assert lines[lines.index(' "lines": [') + 1] == '"axiom 1",'
