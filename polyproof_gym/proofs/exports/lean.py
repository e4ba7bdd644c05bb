"""Proofs for Lean 4 with Mathlib, written like those for Coq, but not checked by Lean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.proofs.exports.formal import FormalProof, Given, Interval, Product, wrapped
from polyproof_gym.proofs.proof import Proof

_WARNING = """\
-- UNCHECKED: this text was written for Lean 4 with Mathlib, but no Lean has checked it. It may need small repairs.
"""

_LEMMAS = """\
import Mathlib

set_option maxHeartbeats 0

theorem unit_low {x : ℝ} (h : 0 ≤ x ∧ x ≤ 1) : 0 ≤ x := h.1

theorem unit_high {x : ℝ} (h : 0 ≤ x ∧ x ≤ 1) : 0 ≤ 1 - x := sub_nonneg.mpr h.2

theorem unit_times {x y : ℝ} (h : 0 ≤ x ∧ x ≤ 1) (k : 0 ≤ y ∧ y ≤ 1) : 0 ≤ x * y ∧ x * y ≤ 1 :=
  ⟨mul_nonneg h.1 k.1, (mul_le_mul h.2 k.2 k.1 zero_le_one).trans_eq (one_mul 1)⟩

theorem unit_one : (0 : ℝ) ≤ 1 := zero_le_one

theorem square (q : ℝ) : 0 ≤ q * q := mul_self_nonneg q

-- Unit coordinates.
theorem to_unit {low high x : ℝ} (h : low ≤ x ∧ x ≤ high) (w : low < high) :
    ∃ u : ℝ, x = low + (high - low) * u ∧ (0 ≤ u ∧ u ≤ 1) := by
  have p : 0 < high - low := sub_pos.mpr w
  have n : high - low ≠ 0 := ne_of_gt p
  refine ⟨(x - low) / (high - low), ?_, div_nonneg (sub_nonneg.mpr h.1) (le_of_lt p), ?_⟩
  · field_simp <;> ring
  · exact (div_le_one p).mpr (by linarith only [h.2])

-- The combination: a multiple of a is added to the sum s.
theorem sum_plus {c a s : ℝ} (p : 0 ≤ c) (h : 0 ≤ a) (k : 0 ≤ s) : 0 ≤ s + c * a :=
  add_nonneg k (mul_nonneg p h)
"""

_ROUNDING = """\
-- Rounding.
theorem whole_boolean {x : ℝ} (h : x * x = x) : ∃ k : ℤ, x = k := by
  have p : x * (x - 1) = 0 := by linear_combination h
  rcases mul_eq_zero.mp p with q | q
  · exact ⟨0, by rw [q, Int.cast_zero]⟩
  · exact ⟨1, by rw [sub_eq_zero.mp q, Int.cast_one]⟩

theorem round_up {f q : ℝ} (b : ℤ) (w : ∃ k : ℤ, f = k) (h : q ≤ f) (g : (b : ℝ) - 1 < q) : (b : ℝ) ≤ f := by
  obtain ⟨k, rfl⟩ := w
  have p : ((b - 1 : ℤ) : ℝ) < (k : ℝ) := by push_cast; linarith only [h, g]
  have r : b - 1 < k := Int.cast_lt.mp p
  exact Int.cast_le.mpr (by omega)
"""


def to_lean(proof: Proof) -> str:
    """The proof as a Lean 4 file: after a few lemmas, the theorem ``objective_bound`` in the problem's own variables.

    It takes the same steps as the proof for Coq. The text says of itself that it has not been checked.

    Raises:
        BadInput: If a line has a reason of another kind than those of proof files.
    """
    formal = FormalProof(proof)
    parts = [_WARNING + "".join(f"-- {line}\n" for line in formal.title), _LEMMAS]
    if formal.is_rounded:
        parts.append(_ROUNDING)
    return "\n".join([*parts, wrapped(_theorem(formal))])


def _theorem(formal: FormalProof) -> Iterator[str]:
    yield "theorem objective_bound"
    if formal.variables:
        yield f"    ({formal.variables} : ℝ)"
    for interval in formal.intervals:
        if interval.given_label:
            yield f"    ({interval.given_label} : {_interval(interval, interval.given)})"
    for equation in formal.equations:
        yield f"    ({equation.label} : {equation.left} = {equation.right})"
    for constraint in formal.constraints:
        yield f"    ({constraint.label} : (0 : ℝ) ≤ {constraint.polynomial})"
    yield f"    : {formal.objective} {'≤' if formal.is_upper else '≥'} ({formal.bound} : ℝ) := by"
    for interval in formal.intervals:
        yield from _implied(interval)
    for interval in formal.intervals:
        yield from _unit_coordinate(interval)
    for line in formal.lines:
        yield from _given(line) if isinstance(line, Given) else _product(line)
    yield "  have S : (0 : ℝ) ≤ 0 := le_refl 0"
    for value, fact in formal.combination:
        yield f"  have S := sum_plus (by norm_num : (0 : ℝ) ≤ {value}) {fact} S"
    if formal.is_rounded:
        yield from _rounding(formal)
    yield f"  linarith only [{'T' if formal.is_rounded else 'S'}]"


def _interval(interval: Interval, sides: Sequence[Side]) -> str:
    """That a variable keeps the ends of its interval on some sides."""
    bounds = {"lower": f"{interval.low} ≤ {interval.variable}", "upper": f"{interval.variable} ≤ {interval.high}"}
    return " ∧ ".join(bounds[side] for side in sides)


def _implied(interval: Interval) -> Iterator[str]:
    if interval.implied_by:
        yield f"  have {interval.label} : {_interval(interval, SIDES)} := by"
        yield f"    constructor <;> linarith only [{', '.join(interval.implied_by)}]"


def _unit_coordinate(interval: Interval) -> Iterator[str]:
    if interval.unit is not None:
        yield f"  obtain ⟨{interval.unit}, rfl, {interval.unit_label}⟩ := to_unit {interval.label} (by norm_num)"


def _given(line: Given) -> Iterator[str]:
    means = f"by linarith only [{line.fact}]" if line.is_scaled else line.fact
    yield f"  have {line.label} : (0 : ℝ) ≤ {line.polynomial} := {means}"


def _product(line: Product) -> Iterator[str]:
    vanishing = " + ".join(f"({coefficient}) * {equation.label}" for coefficient, equation in line.corrections)
    means = f"linear_combination {vanishing}" if vanishing else "ring"
    yield f"  have {line.label} : (0 : ℝ) ≤ {line.polynomial} :="
    yield f"    (mul_nonneg {line.parent} {line.factor}).trans_eq (by {means})"


def _rounding(formal: FormalProof) -> Iterator[str]:
    whole, names = formal.whole
    yield f"  have Q : ({formal.unrounded} : ℝ) ≤ {formal.minimised} := by linarith only [S]"
    yield f"  have W : ∃ whole : ℤ, ({formal.minimised} : ℝ) = whole := by"
    for name, label in names:
        yield f"    obtain ⟨{name}, rfl⟩ := whole_boolean {label}"
    yield f"    exact ⟨{whole}, by push_cast <;> ring⟩"
    yield f"  have T := round_up ({formal.rounded}) W Q (by norm_num)"
    yield "  push_cast at T"
