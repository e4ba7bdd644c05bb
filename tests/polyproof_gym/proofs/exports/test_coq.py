from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import polyproof_gym
from polyproof_gym import BadInput, Proof
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom
from polyproof_gym.proofs.exports.coq import to_coq
from polyproof_gym.proofs.exports.lean import to_lean
from tests.flat import prove
from tests.polyproof_gym.proofs.exports.examples import HOSTILE, MAKERS, TREES, any_example, by_cases, example
from tests.polyproof_gym.proofs.exports.identities import ReadProof, remaining_loss
from tests.polyproof_gym.proofs.trees import tree

REAL_NUMBERS = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
}
"""The axioms that the real numbers of Coq's standard library stand on."""


def read(text: str) -> ReadProof:
    """What stands in a Coq proof of this package."""
    text = " ".join(text[text.index("Theorem objective_bound") :].split())
    intervals = re.findall(r"([^,>)]*) <= (\w+) <= ([^>]*?) -> \(\* (B\d+) \*\)", text)
    implied = re.findall(
        r"assert \((B\d+) : (\S.*?) <= (\w+) <= ([^()]*?)\) by \(clear - (.*?);(?: split;.*?)? lra\)\.", text
    )
    intervals += [(low, name, high, label) for label, low, name, high, _ in implied]
    equations = re.findall(r"(\w+ \* \w+) = (\w+) -> \(\* ([EN][\d_]+) \*\)", text)
    constraints = re.findall(r"0 <= ([^>]*?) -> \(\* (G\d+) \*\)", text)
    claim = re.search(r"([^)]*) [<>]= ([^.=]*)\. Proof\.", text)
    assert claim is not None
    units = re.findall(r"destruct \(to_unit (B\d+) .*?\) as \[(\w+) \[-> (U\d+)\]\]", text)
    lines = re.findall(r"assert \((L[\d_]+) : 0 <= (.*?)\)(?: by|\.)", text)
    given = re.findall(r"assert \((L[\d_]+) : 0 <= [^.]*?\) by (?:exact|\(clear -) (\(unit_\w+ \w+\)|G\d+)", text)
    products = re.findall(
        r"assert \((L[\d_]+) : [^.]*\)\."
        r" \{ refine \(line_times (L[\d_]+|unit_one) (\(square \(.*?\)\)|\(.*?\)|L[\d_]+) (.*?) _\)\.",
        text,
    )
    return ReadProof(
        intervals={label: (low.strip(), name, high) for low, name, high, label in intervals},
        units={unit: (box, name) for box, name, unit in units},
        equations={label: (left, right) for left, right, label in equations},
        inequalities={**{label: inequality for inequality, label in constraints}, **dict(lines)},
        implied={label: hypotheses.split() for label, *_, hypotheses in implied},
        whole={label: name for name, label in re.findall(r"is_whole (\w+) -> \(\* (I\d+) \*\)", text)},
        gaps={
            label: (below, whole)
            for label, below, whole in re.findall(
                r"assert \((L\d+) : [^.]*?\) by \(pose proof \(whole_gap \((-?\d+)\) (I\d+)\) as F;", text
            )
        },
        given=dict(given),
        products={
            label: (parent, factor, re.findall(r"vanish_plus \((.*?)\) (\w+)", vanishing))
            for label, parent, factor, vanishing in products
        },
        combination=re.findall(r"sum_plus (\d+) (.*?)\) in S\.", text),
        objective=claim[1].strip(),
        bound=claim[2],
    )


@pytest.mark.parametrize("name", MAKERS)
def test_the_identities_hold(name: str) -> None:
    proof = example(name)
    assert remaining_loss(read(to_coq(proof)), proof) == 0


def test_the_theorem_states_the_problem_in_its_own_variables() -> None:
    problem = polyproof_gym.polynomial(
        "b*x^2 - 0.5*x*y",
        box={"x": (-2, 1), "y": ("1/3", 5)},
        boolean=["b"],
        constraints=["x + y <= 5", "b*x >= -1"],
        sense="max",
    )
    content = read(to_coq(Proof(problem, (), {})))
    assert content.intervals == {"B1": ("0", "b", "1"), "B2": ("-2", "x", "1"), "B3": ("1 / 3", "y", "5")}
    assert content.equations == {"E1": ("b * b", "b")}
    assert content.inequalities == {"G6": "5 - x - y", "G7": "1 + b * x"}
    assert content.objective == "-1 / 2 * x * y + b * x ^ 2"


def test_a_small_file_to_the_letter() -> None:
    text = to_coq(prove("cycle:n=3", max_steps=10))
    assert text[text.index("Theorem") :] == (
        """\
Theorem objective_bound : forall x0 x1 x2 : R,
  0 <= x0 <= 1 -> (* B1 *)
  0 <= x1 <= 1 -> (* B2 *)
  0 <= x2 <= 1 -> (* B3 *)
  x0 * x0 = x0 -> (* E1 *)
  x1 * x1 = x1 -> (* E2 *)
  x2 * x2 = x2 -> (* E3 *)
  x0 * x1 = 0 -> (* N1_2 *)
  x0 * x2 = 0 -> (* N1_3 *)
  x1 * x2 = 0 -> (* N2_3 *)
  x0 + x1 + x2 <= 1.
Proof.
  intros x0 x1 x2 B1 B2 B3 E1 E2 E3 N1_2 N1_3 N2_3.
  assert (L0 : 0 <= 1 - x2) by exact (unit_high B3).
  assert (L1 : 0 <= 1 - x1 - x2).
  { refine (line_times L0 (unit_high B2) (vanish_plus (1) N2_3 vanish_all) _). clear. ring. }
  assert (L2 : 0 <= 1 - x0 - x1 - x2).
  { refine (line_times L1 (unit_high B1) (vanish_plus (1) N1_2 (vanish_plus (1) N1_3 vanish_all)) _). clear. ring. }
  assert (S : 0 <= 0) by (clear; lra).
  apply (sum_plus 1 L2) in S.
  clear - S. lra.
Qed.
"""
    )


def test_a_small_file_by_cases_to_the_letter() -> None:
    text = to_coq(tree(make_problem("cycle:n=3"), 1).rounding())
    assert text[text.index("  intros x0") :] == (
        """\
  intros x0 x1 x2 B1 B2 B3 E1 E2 E3 N1_2 N1_3 N2_3.
  assert (Q : -1 <= -x0 - x1 - x2).
  {
    destruct (zero_or_one E1) as [-> | ->].
    {
      assert (L0 : 0 <= 1 - x2) by exact (unit_high B3).
      assert (L1 : 0 <= 1 - x1 - x2).
      { refine (line_times L0 (unit_high B2) (vanish_plus (1) N2_3 vanish_all) _). clear. ring. }
      assert (S : 0 <= 0) by (clear; lra).
      apply (sum_plus 1 L1) in S.
      clear - S. lra.
    }
    {
      assert (F : x1 = 0) by (clear - N1_2; lra).
      subst x1.
      assert (F : x2 = 0) by (clear - N1_3; lra).
      subst x2.
      assert (S : 0 <= 0) by (clear; lra).
      clear - S. lra.
    }
  }
  assert (W : exists whole : Z, -x0 - x1 - x2 = 0 + 1 * IZR whole).
  { clear - E1 E2 E3.
    destruct (whole_boolean E1) as [k_x0 ->].
    destruct (whole_boolean E2) as [k_x1 ->].
    destruct (whole_boolean E3) as [k_x2 ->].
    exists (-k_x0 - k_x1 - k_x2)%Z.
    repeat progress rewrite ?plus_IZR, ?minus_IZR, ?mult_IZR, ?opp_IZR.
    field. }
  destruct W as [whole W].
  pose proof (round_up (-1) (ex_intro _ whole eq_refl) W Q ltac:(clear; lra) ltac:(clear; lra)) as T.
  clear - T. lra.
Qed.
"""
    )


@pytest.mark.parametrize("name", TREES)
def test_a_proof_by_cases_states_what_one_without_would(name: str) -> None:
    proof = by_cases(name)
    flat = Proof(proof.problem, (), {})
    for export, end in ((to_coq, "Proof."), (to_lean, ":= by")):
        statements = (export(p).partition("objective_bound")[2].partition(end)[0] for p in (proof, flat))
        first, second = (re.sub(r"[<>≤≥]=? [^<>≤≥]*$", "", statement) for statement in statements)
        assert first == second


def test_a_clique_is_derived_pair_by_pair() -> None:
    text = to_coq(example("cliques"))
    assert "assert (L0 : 0 <= 1 - x0) by exact (unit_high B1)." in text
    assert re.search(r"assert \(L\d_1 : 0 <= 1 - x\d\) by exact", text)
    assert re.search(r"assert \(L\d_2 : 0 <= 1 - x\d - x\d\)\.", text)


def test_names_that_are_not_safe_are_replaced() -> None:
    text = to_coq(example("hostile_names"))
    comments = [line for line in text.splitlines() if " stands for " in line]
    assert comments == ["(* x1 stands for forall. *)", "(* x2 stands for x'* ). *)"]
    assert text.isascii()
    assert '"' not in text
    assert text.count("(*") == text.count("*)")
    assert "forall x1 x2 : R" in text


@pytest.mark.parametrize("name", ["in", "u_x1", "R", "L1", "X", "sin", "x_1", "é", "ℝ", "x²"])
def test_names_that_could_mean_something_are_replaced(name: str) -> None:
    problem = polyproof_gym.polynomial("x1 + x2", box=[(-1, 1), (-1, 1)])
    proof = Proof(replace(problem, variables=("x2", name)), (), {})
    assert "forall x1 x2 : R" in to_coq(proof)
    assert "(x1 x2 : ℝ)" in to_lean(proof)


@pytest.mark.parametrize(("export", "quantifier"), [(to_coq, "exists"), (to_lean, "∃")])
def test_what_rounding_quantifies_over_is_none_of_the_variables(
    export: Callable[[Proof], str], quantifier: str
) -> None:
    theorem = export(example("letters")).partition("objective_bound")[2]
    quantified = re.findall(rf"{quantifier} (\w+) :", theorem)
    assert quantified
    assert set(quantified).isdisjoint(example("letters").problem.variables)


def test_a_reason_of_another_kind() -> None:
    class Square:
        parents = ()

        def __getattr__(self, name: str) -> object:
            return lambda *arguments: example("nothing").problem.axioms[0]

    with pytest.raises(BadInput, match="line 0: there is no export"):
        to_coq(replace(example("nothing"), reasons=(Square(),)))  # type: ignore[arg-type]


# With Coq ----------------------------------------------------------------------------------------------------------


def coqc(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "proof.v"
    path.write_text(text, encoding="utf-8")
    return subprocess.run(["coqc", str(path)], capture_output=True, text=True, timeout=300, check=False)


def is_rejected(text: str, folder: Path) -> bool:
    """Whether Coq rejects a text, and for what it says in the theorem or its proof."""
    result = coqc(text, folder)
    line = re.search(r"line (\d+)", result.stderr)
    theorem = text[: text.index("Theorem objective_bound")].count("\n")
    return result.returncode != 0 and line is not None and int(line[1]) > theorem


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.coq
@pytest.mark.parametrize("name", [*MAKERS, *TREES])
def test_coq_accepts_the_proof(name: str, tmp_path: Path) -> None:
    result = coqc(to_coq(any_example(name)) + "\nPrint Assumptions objective_bound.\n", tmp_path)
    assert result.returncode == 0, result.stderr
    heading, axioms = result.stdout.split("\n", 1)
    assert heading == "Axioms:"
    assert set(re.findall(r"^(\S+)", axioms, re.MULTILINE)) <= REAL_NUMBERS


def test_the_proofs_for_coq_include_a_long_one() -> None:
    proof = example("dense")
    assert proof.problem.num_variables == 50
    assert len(proof.lines) >= 60


def test_what_is_implied_is_no_hypothesis() -> None:
    for export in (to_coq, to_lean):
        content = export(example("implied")).partition("objective_bound")[2]
        statement = content.partition("Proof." if export is to_coq else "by")[0]
        assert re.findall(r"\b[ABG]\d+\b", statement) == ["A1", "G4", "G5", "G6"]
        assert "5 / 3" not in statement


@pytest.mark.parametrize("name", ["half", "rounded_upwards"])
def test_the_proofs_for_coq_include_rounding_that_matters(name: str) -> None:
    proof = example(name)
    assert proof.bound != proof.combination_bound


@pytest.mark.coq
@pytest.mark.parametrize(
    ("name", "bound", "better"),
    [
        ("pentagon", "x4 <= 2.", "x4 <= 199 / 100."),
        ("petersen", "x9 <= 4.", "x9 <= 3."),
        ("butcher", ">= -2159 / 1500.", ">= -2158 / 1500."),
        ("half", "x2 <= 1.", "x2 <= 0."),
        ("half", "(* N2_3 *)\n  x0 + x1 + x2 <= 1.", "(* N2_3 *)\n  x0 + x1 <= 1 / 2."),
        ("loose", ">= -277 / 48.", ">= -276 / 48."),
        ("nothing", "<= 5.", "<= 49 / 10."),
        ("constrained", ">= -1 / 6.", ">= -33 / 200."),
        ("parabola", ">= 0.", ">= 1 / 1000000."),
        ("motzkin", ">= 0.", ">= 1 / 1000000."),
        ("exclusive", "x4 <= 2.", "x4 <= 1."),
        ("implied", "<= 26 / 27.", "<= 25 / 27."),
        ("integer", ">= 9.", ">= 10."),
        ("whole_ends", "<= 21.", "<= 20."),
        ("common_step", ">= -97 / 15.", ">= -96 / 15."),
        ("cliques", "x5 <= 2.", "x5 <= 1."),
        ("constrained_cases", ">= -325 / 64.", ">= -324 / 64."),
        ("two_pentagons", "x9 <= 4.", "x9 <= 3."),
        ("mixed_cases", "<= 4.", "<= 3."),
    ],
)
def test_coq_rejects_a_better_bound(name: str, bound: str, better: str, tmp_path: Path) -> None:
    assert is_rejected(replaced(to_coq(any_example(name)), bound, better), tmp_path)


@pytest.mark.coq
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pentagon", "  x0 * x1 = 0 -> (* N1_2 *)\n", "  x0 * x1 = x0 -> (* N1_2 *)\n"),
        ("pentagon", "  0 <= x0 <= 1 -> (* B1 *)\n", "  0 <= x0 <= 2 -> (* B1 *)\n"),
        ("rounded_upwards", "  d * d = d -> (* E4 *)\n", "  d * d = a -> (* E4 *)\n"),
        ("constrained", "0 <= 1 - x2 - x3 -> ", "0 <= 2 - x2 - x3 -> "),
        ("half", "round_up (-1)", "round_up (0)"),
        ("parabola", "(square (-1 + 2 * u_x))", "(square (-1 + 3 * u_x))"),
        ("cross_polytope", "(line_times L2 L1 vanish_all _)", "(line_times L2 L0 vanish_all _)"),
        ("moved", "line_times L0 (square", "line_times L1 (square"),
        ("implied", "  0 <= x -> (* A1 *)\n", "  -1 <= x -> (* A1 *)\n"),
        ("implied", "  0 <= 3 - x - 2 * y -> (* G4 *)\n", "  0 <= 4 - x - 2 * y -> (* G4 *)\n"),
        ("implied", "(B1 : 0 <= x <= 5 / 3)", "(B1 : 0 <= x <= 4 / 3)"),
        ("integer", "whole_gap (6)", "whole_gap (5)"),
        ("integer", "  is_whole a -> (* I1 *)\n", "  is_whole b -> (* I1 *)\n"),
        ("whole_ends", "(B1 : 1 <= a <= 7)", "(B1 : 1 <= a <= 6)"),
        ("common_step", "round_up (-10)", "round_up (-9)"),
        ("two_pentagons", "  x0 * x1 = 0 -> (* N1_2 *)\n", "  x0 * x1 = x0 -> (* N1_2 *)\n"),
        ("two_pentagons", "  x0 * x0 = x0 -> (* E1 *)\n", "  x0 * x1 = 0 -> (* E1 *)\n"),
        ("maximum_cases", "apply (halves (1 / 2)) in B2", "apply (halves (3 / 4)) in B2"),
    ],
)
def test_coq_rejects_other_hypotheses_and_steps(name: str, old: str, new: str, tmp_path: Path) -> None:
    assert is_rejected(replaced(to_coq(any_example(name)), old, new), tmp_path)


@pytest.mark.coq
def test_coq_rejects_a_line_that_does_not_follow(tmp_path: Path) -> None:
    text = to_coq(prove("cycle:n=3", max_steps=10))
    assert is_rejected(replaced(text, "(L1 : 0 <= 1 - x1 - x2)", "(L1 : 0 <= 1 - x1 - 2 * x2)"), tmp_path)


@pytest.mark.coq
def test_coq_reads_hostile_names_as_comments(tmp_path: Path) -> None:
    proof = example("nothing")
    proof = replace(proof, problem=replace(proof.problem, name=HOSTILE, family="(**) *) Admitted. (*"))
    assert coqc(to_coq(proof), tmp_path).returncode == 0


BINOMIALS = {
    "a^2 + a": (2, {"a": (-3, 4)}),
    "a^3/6 + a^2*b/2 - a/6 - a*b/2": (1, {"a": (-3, 4), "b": (0, 9)}),
    "a^4 - 6*a^3 + 11*a^2 - 6*a + 24*b*c": (24, {"a": (-3, 4), "b": (0, 9)}),
}


@pytest.mark.coq
@pytest.mark.parametrize("objective", BINOMIALS)
def test_coq_accepts_roundings_that_binomial_coefficients_tell(objective: str, tmp_path: Path) -> None:
    step, box = BINOMIALS[objective]
    problem = polyproof_gym.polynomial(objective, box=box, integer=[*box], boolean=["c"] * ("c" in objective))
    ends = tuple(Axiom(k, problem.axioms[k]) for k in (0, 1))
    proof = Proof(problem, ends, {0: Fraction(1, 3), 1: Fraction(1, 7)}).rounding()
    assert problem.values.step == step
    assert proof.bound != proof.combination_bound
    text = to_coq(proof)
    assert coqc(text, tmp_path).returncode == 0
    better = f">= {proof.bound + step}."
    assert is_rejected(replaced(text, f">= {proof.bound}.", better), tmp_path)
    with pytest.raises(BadInput, match="no export for Lean of a rounding"):
        to_lean(proof)
