from __future__ import annotations

import re
from dataclasses import replace

import pytest

from polyproof_gym.problems import make_problem
from polyproof_gym.proofs.exports.lean import to_lean
from tests.flat import prove
from tests.polyproof_gym.proofs.exports.examples import HOSTILE, MAKERS, by_cases, example
from tests.polyproof_gym.proofs.exports.identities import ReadProof, remaining_loss
from tests.polyproof_gym.proofs.trees import tree


def read(text: str) -> ReadProof:
    """What stands in a Lean proof of this package."""
    statement, steps = " ".join(text[text.index("theorem objective_bound") :].split()).split(":= by", 1)
    intervals = re.findall(r"\((B\d+) : (.*?) ≤ (\w+) ∧ \w+ ≤ (.*?)\)", statement)
    implied = re.findall(
        r"have (B\d+) : ([^:]*?) ≤ (\w+) ∧ \w+ ≤ ([^:]*?) := by"
        r" (?:constructor <;>|exact_mod_cast And.intro .whole_from \S+ I\d+ .by push_cast;) linarith only \[(.*?)\]",
        steps,
    )
    intervals += [interval for *interval, _ in implied]
    equations = re.findall(r"\(([EN][\d_]+) : (.*?) = (.*?)\)", statement)
    constraints = re.findall(r"\((G\d+) : \(0 : ℝ\) ≤ (.*?)\)", statement)
    claim = re.search(r"\) : ([^:]*) [≤≥] \(([^:]*) : ℝ\) $", statement)
    assert claim is not None
    given = re.findall(
        r"have (L[\d_]+) : \S+ : ℝ\) ≤ ([^:]*) := (?:by linarith only \[)?(\(unit_\w+ \w+\)|G\d+)", steps
    )
    products = re.findall(
        r"have (L[\d_]+) : \S+ : ℝ\) ≤ ([^:]*) :="
        r" \(mul_nonneg (L[\d_]+|unit_one) (\(square \(.*?\)\)|\(.*?\)|L[\d_]+)\)\.trans_eq"
        r" \(by (?:ring|linear_combination (.*?))\)(?= have)",
        steps,
    )
    gaps = re.findall(
        r"have (L\d+) : \S+ : ℝ\) ≤ ([^:]*) := by have F := whole_gap \((-?\d+)\) (I\d+); push_cast at F;", steps
    )
    return ReadProof(
        intervals={label: (low, name, high) for label, low, name, high in intervals},
        units={
            unit: (box, name)
            for name, unit, box in re.findall(r"obtain ⟨(u_\w+), rfl, (U\d+)⟩ := to_unit (B\d+)", steps)
        },
        equations={label: (left, right) for label, left, right in equations},
        inequalities=dict([*constraints, *((line[0], line[1]) for line in [*given, *gaps, *products])]),
        implied={label: hypotheses.split(", ") for label, *_, hypotheses in implied},
        whole={label: name for label, name in re.findall(r"\((I\d+) : IsWhole (\w+)\)", statement)},
        gaps={label: (below, whole) for label, _, below, whole in gaps},
        given={label: fact for label, _, fact in given},
        products={
            label: (parent, factor, re.findall(r"\((.*?)\) \* (\w+)", vanishing))
            for label, _, parent, factor, vanishing in products
        },
        combination=re.findall(r"have S := sum_plus \(by norm_num : \(0 : ℝ\) ≤ (.*?)\) (\(.*?\)|L[\d_]+) S", steps),
        objective=claim[1],
        bound=claim[2],
    )


@pytest.mark.parametrize("name", MAKERS)
def test_the_identities_hold(name: str) -> None:
    proof = example(name)
    assert remaining_loss(read(to_lean(proof)), proof) == 0


def test_a_small_file_to_the_letter() -> None:
    text = to_lean(prove("cycle:n=3", max_steps=10))
    assert text[text.index("theorem objective_bound") :] == (
        """\
theorem objective_bound
    (x0 x1 x2 : ℝ)
    (B1 : 0 ≤ x0 ∧ x0 ≤ 1)
    (B2 : 0 ≤ x1 ∧ x1 ≤ 1)
    (B3 : 0 ≤ x2 ∧ x2 ≤ 1)
    (E1 : x0 * x0 = x0)
    (E2 : x1 * x1 = x1)
    (E3 : x2 * x2 = x2)
    (N1_2 : x0 * x1 = 0)
    (N1_3 : x0 * x2 = 0)
    (N2_3 : x1 * x2 = 0)
    : x0 + x1 + x2 ≤ (1 : ℝ) := by
  have L0 : (0 : ℝ) ≤ 1 - x2 := (unit_high B3)
  have L1 : (0 : ℝ) ≤ 1 - x1 - x2 :=
    (mul_nonneg L0 (unit_high B2)).trans_eq (by linear_combination (1) * N2_3)
  have L2 : (0 : ℝ) ≤ 1 - x0 - x1 - x2 :=
    (mul_nonneg L1 (unit_high B1)).trans_eq (by linear_combination (1) * N1_2 + (1) * N1_3)
  have S : (0 : ℝ) ≤ 0 := le_refl 0
  have S := sum_plus (by norm_num : (0 : ℝ) ≤ 1) L2 S
  linarith only [S]
"""
    )


def test_a_small_file_by_cases_to_the_letter() -> None:
    text = to_lean(tree(make_problem("cycle:n=3"), 1))
    assert text[text.index("    : x0 + x1") :] == (
        """\
    : x0 + x1 + x2 ≤ (1 : ℝ) := by
  rcases zero_or_one E1 with rfl | rfl
  · have L0 : (0 : ℝ) ≤ 1 - x2 := (unit_high B3)
    have L1 : (0 : ℝ) ≤ 1 - x1 - x2 :=
      (mul_nonneg L0 (unit_high B2)).trans_eq (by linear_combination (1) * N2_3)
    have S : (0 : ℝ) ≤ 0 := le_refl 0
    have S := sum_plus (by norm_num : (0 : ℝ) ≤ 1) L1 S
    linarith only [S]
  · obtain rfl : x1 = 0 := by linarith only [N1_2]
    obtain rfl : x2 = 0 := by linarith only [N1_3]
    have S : (0 : ℝ) ≤ 0 := le_refl 0
    linarith only [S]
"""
    )


def test_intervals_are_split_under_the_same_name() -> None:
    text = to_lean(by_cases("maximum_cases"))
    assert "\n  rcases halves (1 / 2) B2 with B2 | B2\n  · rcases halves" in text


def test_the_text_says_that_it_is_unchecked() -> None:
    assert to_lean(example("nothing")).splitlines()[0].startswith("-- UNCHECKED: ")


def test_hostile_names_stay_within_comments() -> None:
    proof = example("hostile_names")
    proof = replace(proof, problem=replace(proof.problem, name=200 * f"{HOSTILE} "))
    comments, content = to_lean(proof).split("import Mathlib")
    assert all(line.startswith("-- ") for line in comments.splitlines() if line)
    assert "-- x1 stands for forall." in comments.splitlines()
    assert not re.search(r"Qed|forall|\{c\}", content)
