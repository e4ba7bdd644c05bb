"""Proofs for Lean 4 with Mathlib, written like those for Coq, but not checked by Lean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polyproof_gym.errors import BadInput
from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.proofs.exports.formal import FormalProof
from polyproof_gym.proofs.exports.formal_cases import FormalCases, Halves, Value, formal
from polyproof_gym.proofs.exports.formal_lines import GapLine, Given, Interval, Line, Product
from polyproof_gym.proofs.exports.formal_texts import wrapped
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

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

_WHOLE = """\
-- Whole numbers.
def IsWhole (x : ℝ) : Prop := ∃ k : ℤ, x = k

theorem whole_gap {x : ℝ} (k : ℤ) (h : IsWhole x) : 0 ≤ (x - k) * (x - (k + 1)) := by
  obtain ⟨n, rfl⟩ := h
  have p : (0 : ℤ) ≤ (n - k) * (n - (k + 1)) := by
    rcases le_or_gt n k with q | q
    · exact mul_nonneg_of_nonpos_of_nonpos (by omega) (by omega)
    · exact mul_nonneg (by omega) (by omega)
  exact_mod_cast p

theorem whole_from {x : ℝ} (k : ℤ) (h : IsWhole x) (g : (k : ℝ) - 1 < x) : (k : ℝ) ≤ x := by
  obtain ⟨n, rfl⟩ := h
  have p : ((k - 1 : ℤ) : ℝ) < (n : ℝ) := by push_cast; exact g
  have q : k - 1 < n := Int.cast_lt.mp p
  exact Int.cast_le.mpr (by omega)

theorem whole_to {x : ℝ} (k : ℤ) (h : IsWhole x) (g : x < (k : ℝ) + 1) : x ≤ (k : ℝ) := by
  obtain ⟨n, rfl⟩ := h
  have p : (n : ℝ) < ((k + 1 : ℤ) : ℝ) := by push_cast; exact g
  have q : n < k + 1 := Int.cast_lt.mp p
  exact Int.cast_le.mpr (by omega)

theorem whole_halves {low high x : ℝ} (k l : ℤ) (e : k + 1 = l) (w : IsWhole x) (h : low ≤ x ∧ x ≤ high) :
    Or (low ≤ x ∧ x ≤ (k : ℝ)) ((l : ℝ) ≤ x ∧ x ≤ high) := by
  obtain ⟨n, rfl⟩ := w
  rcases le_or_gt n k with q | q
  · exact Or.inl ⟨h.1, Int.cast_le.mpr q⟩
  · exact Or.inr ⟨Int.cast_le.mpr (by omega), h.2⟩
"""

_BOOLEAN = """\
theorem zero_or_one {x : ℝ} (h : x * x = x) : Or (x = 0) (x = 1) := by
  have p : x * (x - 1) = 0 := by linear_combination h
  rcases mul_eq_zero.mp p with q | q
  · exact Or.inl q
  · exact Or.inr (sub_eq_zero.mp q)
"""

_CASES = """\
-- Cases; the unit coordinate of a variable with a single value is 0 as well as any other.
theorem halves {low high x : ℝ} (v : ℝ) (h : low ≤ x ∧ x ≤ high) :
    Or (low ≤ x ∧ x ≤ v) (v ≤ x ∧ x ≤ high) :=
  (le_total x v).imp (fun k => ⟨h.1, k⟩) (fun k => ⟨k, h.2⟩)

theorem unit_zero : (0 : ℝ) ≤ 0 ∧ (0 : ℝ) ≤ 1 := ⟨le_refl 0, zero_le_one⟩
"""

_ROUNDING = """\
-- Rounding.
theorem whole_boolean {x : ℝ} (h : x * x = x) : IsWhole x := by
  rcases zero_or_one h with q | q
  · exact ⟨0, by rw [q, Int.cast_zero]⟩
  · exact ⟨1, by rw [q, Int.cast_one]⟩

theorem round_up {f q o s c : ℝ} (b : ℤ) (w : IsWhole c) (e : f = o + s * c) (h : q ≤ f) (p : 0 < s)
    (g : o + s * ((b : ℝ) - 1) < q) : o + s * (b : ℝ) ≤ f := by
  have r : (b : ℝ) - 1 < c := lt_of_mul_lt_mul_left (by linarith only [e, h, g]) (le_of_lt p)
  have t := mul_le_mul_of_nonneg_left (whole_from b w r) (le_of_lt p)
  linarith only [e, t]
"""


def to_lean(proof: Proof | ProofTree) -> str:
    """The proof as a Lean 4 file: after a few lemmas, the theorem ``objective_bound`` in the problem's own variables.

    It takes the same steps as the proof for Coq. The text says of itself that it has not been checked.

    Raises:
        BadInput: If a line has a reason of another kind than those of proof files, or if more is used to round the
            bound than common divisors of the objective's coefficients.
    """
    theorem = formal(proof)
    has_cases = isinstance(theorem, FormalCases)
    parts = [_WARNING + "".join(f"-- {line}\n" for line in theorem.title), _LEMMAS]
    if theorem.is_rounded or any(item.whole for item in theorem.intervals):
        parts.append(_WHOLE)
    if has_cases or theorem.is_rounded:
        parts.append(_BOOLEAN)
    if has_cases:
        parts.append(_CASES)
    if theorem.is_rounded:
        parts.append(_ROUNDING)
    return "\n".join([*parts, wrapped(_theorem(theorem))])


def _theorem(formal: FormalProof | FormalCases) -> Iterator[str]:
    yield "theorem objective_bound"
    if formal.variables:
        yield f"    ({formal.variables} : ℝ)"
    for interval in formal.intervals:
        if interval.given_label:
            yield f"    ({interval.given_label} : {_interval(interval, interval.given)})"
    for interval in formal.intervals:
        if interval.whole:
            yield f"    ({interval.whole} : IsWhole {interval.variable})"
    for equation in formal.equations:
        yield f"    ({equation.label} : {equation.left} = {equation.right})"
    for constraint in formal.constraints:
        yield f"    ({constraint.label} : (0 : ℝ) ≤ {constraint.polynomial})"
    yield f"    : {formal.objective} {'≤' if formal.is_upper else '≥'} ({formal.bound} : ℝ) := by"
    for interval in formal.intervals:
        yield from _implied(interval)
    steps = _cases(formal) if isinstance(formal, FormalCases) else _steps(formal)
    if formal.is_rounded:
        yield f"  have Q : ({formal.rounding.before} : ℝ) ≤ {formal.rounding.minimised} := by"
        yield from (f"  {step}" for step in steps)
        yield from _rounding(formal)
        yield "  linarith only [T]"
    else:
        yield from steps


def _cases(formal: FormalCases) -> Iterator[str]:
    """The proofs of the cases, each in a block of its own."""
    for case in formal.nodes():
        steps = [_value(value) for value in case.values]
        steps += _halves(case.step) if isinstance(case.step, Halves) else _steps(case.step)
        if case.depth:
            steps[0] = f"· {steps[0].lstrip()}"
        yield from (f"{'  ' * case.depth}{step}" for step in steps)


def _value(value: Value) -> str:
    facts = f"{value.fact}.1, {value.fact}.2" if value.is_interval else value.fact
    return f"  obtain rfl : {value.variable} = {value.value} := by linarith only [{facts}]"


def _halves(halves: Halves) -> Iterator[str]:
    fact = halves.fact
    if halves.ends is None:
        yield f"  rcases zero_or_one {fact} with rfl | rfl"
    elif halves.whole is None:
        yield f"  rcases halves ({halves.ends[0]}) {fact} with {fact} | {fact}"
    else:
        below, above = halves.ends
        yield f"  have H := whole_halves ({below}) ({above}) rfl {halves.whole} {fact}"
        yield "  push_cast at H"
        yield f"  rcases H with {fact} | {fact}"


def _steps(formal: FormalProof) -> Iterator[str]:
    """The lines and their combination."""
    for interval in formal.intervals:
        yield from _unit_coordinate(interval)
    for line in formal.lines:
        yield from _line(line)
    yield "  have S : (0 : ℝ) ≤ 0 := le_refl 0"
    for value, fact in formal.combination:
        yield f"  have S := sum_plus (by norm_num : (0 : ℝ) ≤ {value}) {fact} S"
    yield "  linarith only [S]"


def _interval(interval: Interval, sides: Sequence[Side]) -> str:
    """That a variable keeps the ends of its interval on some sides."""
    bounds = {"lower": f"{interval.low} ≤ {interval.variable}", "upper": f"{interval.variable} ≤ {interval.high}"}
    return " ∧ ".join(bounds[side] for side in sides)


def _implied(interval: Interval) -> Iterator[str]:
    if interval.implied_by and interval.whole:
        follows = f"(by push_cast; linarith only [{', '.join(interval.implied_by)}])"
        ends = (("from", interval.low), ("to", interval.high))
        means = (f"(whole_{at} ({end}) {interval.whole} {follows})" for at, end in ends)
        yield f"  have {interval.label} : {_interval(interval, SIDES)} := by"
        yield f"    exact_mod_cast And.intro {' '.join(means)}"
    elif interval.implied_by:
        yield f"  have {interval.label} : {_interval(interval, SIDES)} := by"
        yield f"    constructor <;> linarith only [{', '.join(interval.implied_by)}]"


def _unit_coordinate(interval: Interval) -> Iterator[str]:
    if interval.unit is not None:
        yield f"  obtain ⟨{interval.unit}, rfl, {interval.unit_label}⟩ := to_unit {interval.label} (by norm_num)"


def _line(line: Line) -> Iterator[str]:
    if isinstance(line, Given):
        yield from _given(line)
    elif isinstance(line, GapLine):
        yield f"  have {line.label} : (0 : ℝ) ≤ {line.polynomial} := by"
        yield f"    have F := whole_gap ({line.below}) {line.whole}; push_cast at F; linarith only [F]"
    else:
        yield from _product(line)


def _given(line: Given) -> Iterator[str]:
    means = f"by linarith only [{line.fact}]" if line.is_scaled else line.fact
    yield f"  have {line.label} : (0 : ℝ) ≤ {line.polynomial} := {means}"


def _product(line: Product) -> Iterator[str]:
    vanishing = " + ".join(f"({coefficient}) * {equation.label}" for coefficient, equation in line.corrections)
    means = f"linear_combination {vanishing}" if vanishing else "ring"
    yield f"  have {line.label} : (0 : ℝ) ≤ {line.polynomial} :="
    yield f"    (mul_nonneg {line.parent} {line.factor}).trans_eq (by {means})"


def _rounding(formal: FormalProof | FormalCases) -> Iterator[str]:
    rounding = formal.rounding
    if rounding.chosen:
        raise BadInput("there is no export for Lean of a rounding to values that binomial coefficients tell")
    value = f"({rounding.offset} : ℝ) + {rounding.step} * (whole : ℝ)"
    yield f"  have W : ∃ whole : ℤ, ({rounding.minimised} : ℝ) = {value} := by"
    for name, label in rounding.integers:
        yield f"    obtain ⟨{name}, rfl⟩ := {label}"
    for name, label in rounding.booleans:
        yield f"    obtain ⟨{name}, rfl⟩ := whole_boolean {label}"
    yield f"    exact ⟨{rounding.count}, by push_cast <;> ring⟩"
    yield "  obtain ⟨whole, W⟩ := W"
    yield f"  have T := round_up ({rounding.steps}) ⟨whole, rfl⟩ W Q (by norm_num) (by norm_num)"
    yield "  push_cast at T"
