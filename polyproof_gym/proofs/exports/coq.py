"""Proofs for Coq: a theorem about real numbers that ``coqc`` checks on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.proofs.exports.formal import FormalProof
from polyproof_gym.proofs.exports.formal_cases import FormalCases, Halves, formal
from polyproof_gym.proofs.exports.formal_lines import GapLine, Given, Interval, Line, Product
from polyproof_gym.proofs.exports.formal_texts import wrapped
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

_LEMMAS = """\
Require Import Reals Lra Lia.
Open Scope R_scope.

Lemma unit_low {x : R} : 0 <= x <= 1 -> 0 <= x.
Proof. lra. Qed.

Lemma unit_high {x : R} : 0 <= x <= 1 -> 0 <= 1 - x.
Proof. lra. Qed.

Lemma unit_times {x y : R} : 0 <= x <= 1 -> 0 <= y <= 1 -> 0 <= x * y <= 1.
Proof.
  intros. split; [apply Rmult_le_pos; lra |].
  rewrite <- (Rmult_1_l 1). apply Rmult_le_compat; lra.
Qed.

Definition unit_one : 0 <= 1 := Rle_0_1.

Lemma square (q : R) : 0 <= q * q.
Proof. apply Rle_0_sqr. Qed.

(* Unit coordinates. *)
Lemma to_unit {low high x : R} :
  low <= x <= high -> low < high -> exists u : R, x = low + (high - low) * u /\\ 0 <= u <= 1.
Proof.
  intros B W. exists ((x - low) / (high - low)). split; [field; lra | split].
  - apply Rmult_le_pos; [lra | apply Rlt_le, Rinv_0_lt_compat; lra].
  - apply (Rmult_le_reg_r (high - low)); [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

(* A line r: the product of a line a and a factor p, less an expression e that vanishes. *)
Lemma line_times {a p e r : R} : 0 <= a -> 0 <= p -> e = 0 -> r = a * p - e -> 0 <= r.
Proof. intros A P -> ->. rewrite Rminus_0_r. apply Rmult_le_pos; assumption. Qed.

Lemma vanish_plus {l r e : R} (c : R) : l = r -> e = 0 -> c * (l - r) + e = 0.
Proof. intros -> ->. ring. Qed.

Definition vanish_all : 0 = 0 := eq_refl.

(* The combination: p * a is added to the sum s. *)
Lemma sum_plus (p : positive) {a s : R} : 0 <= a -> 0 <= s -> 0 <= s + IZR (Z.pos p) * a.
Proof.
  intros A S. apply Rplus_le_le_0_compat; [exact S | apply Rmult_le_pos; [apply IZR_le; lia | exact A]].
Qed.
"""

_WHOLE = """\
(* Whole numbers. *)
Definition is_whole (x : R) : Prop := exists k : Z, x = IZR k.

Lemma whole_gap {x : R} (k : Z) : is_whole x -> 0 <= (x - IZR k) * (x - (IZR k + 1)).
Proof.
  intros [n ->]. rewrite <- plus_IZR, <- !minus_IZR, <- mult_IZR. apply IZR_le.
  destruct (Z.le_gt_cases n k); nia.
Qed.

Lemma whole_from {x : R} (k : Z) : is_whole x -> IZR k - 1 < x -> IZR k <= x.
Proof.
  intros [n ->] G. apply IZR_le. assert (k - 1 < n)%Z; [| lia]. apply lt_IZR. rewrite minus_IZR. exact G.
Qed.

Lemma whole_to {x : R} (k : Z) : is_whole x -> x < IZR k + 1 -> x <= IZR k.
Proof.
  intros [n ->] G. apply IZR_le. assert (n < k + 1)%Z; [| lia]. apply lt_IZR. rewrite plus_IZR. exact G.
Qed.

Lemma whole_halves {low high x : R} (k l : Z) :
  (k + 1)%Z = l -> is_whole x -> low <= x <= high -> low <= x <= IZR k \\/ IZR l <= x <= high.
Proof.
  intros <- [n ->] B. rewrite plus_IZR. destruct (Z.le_gt_cases n k) as [C | C].
  - left. apply IZR_le in C. lra.
  - right. assert (k + 1 <= n)%Z as D by lia. apply IZR_le in D. rewrite plus_IZR in D. lra.
Qed.
"""

_BOOLEAN = """\
Lemma zero_or_one {x : R} : x * x = x -> x = 0 \\/ x = 1.
Proof.
  intros E. assert (x * (x - 1) = 0) as F by lra.
  destruct (Rmult_integral _ _ F); [left | right]; lra.
Qed.
"""

_CASES = """\
(* Cases; the unit coordinate of a variable with a single value is 0 as well as any other. *)
Lemma halves {low high x : R} (v : R) : low <= x <= high -> low <= x <= v \\/ v <= x <= high.
Proof. intros. destruct (Rle_or_lt x v); [left | right]; lra. Qed.

Lemma unit_zero : 0 <= 0 <= 1.
Proof. lra. Qed.
"""

_ROUNDING = """\
(* Rounding. *)
Lemma whole_boolean {x : R} : x * x = x -> is_whole x.
Proof. intros E. destruct (zero_or_one E) as [-> | ->]; [exists 0%Z | exists 1%Z]; reflexivity. Qed.

Lemma round_up {f q o s c : R} (b : Z) :
  is_whole c -> f = o + s * c -> q <= f -> 0 < s -> o + s * (IZR b - 1) < q -> o + s * IZR b <= f.
Proof.
  intros W -> H P G. apply Rplus_le_compat_l, Rmult_le_compat_l; [lra |].
  apply (whole_from b W), (Rmult_lt_reg_l s); lra.
Qed.
"""


_CHOOSING = """\
(* Binomial coefficients. *)
Fixpoint choose (x : R) (k : nat) : R :=
  match k with O => 1 | S j => choose x j * (x - INR j) / INR (S j) end.

Lemma choose_next (x : R) (k : nat) : choose (x + 1) (S k) = choose x (S k) + choose x k.
Proof.
  revert x. induction k as [| k IH]; intros x; [simpl; field |].
  change (choose (x + 1) (S k) * (x + 1 - INR (S k)) / INR (S (S k))
    = choose x (S k) * (x - INR (S k)) / INR (S (S k)) + choose x (S k)).
  rewrite IH. change (choose x (S k)) with (choose x k * (x - INR k) / INR (S k)).
  rewrite !S_INR. pose proof (pos_INR k). field. lra.
Qed.

Lemma whole_plus {x y : R} : is_whole x -> is_whole y -> is_whole (x + y).
Proof. intros [k ->] [n ->]. exists (k + n)%Z. now rewrite plus_IZR. Qed.

Lemma whole_minus {x y : R} : is_whole x -> is_whole y -> is_whole (x - y).
Proof. intros [k ->] [n ->]. exists (k - n)%Z. now rewrite minus_IZR. Qed.

Lemma whole_choose (k : nat) (n : Z) : is_whole (choose (IZR n) k).
Proof.
  revert n. induction k as [| k IH]; intros n; [now exists 1%Z |].
  induction n as [| n F | n F] using Z.peano_ind.
  - exists 0%Z. clear IH. induction k as [| k IH]; [simpl; field |].
    change (choose 0 (S k) * (0 - INR (S k)) / INR (S (S k)) = 0). rewrite IH. unfold Rdiv. ring.
  - unfold Z.succ. rewrite plus_IZR, choose_next. exact (whole_plus F (IH n)).
  - pose proof (choose_next (IZR (Z.pred n)) k) as N. rewrite <- plus_IZR, <- Z.sub_1_r, Z.sub_add in N.
    rewrite <- Z.sub_1_r.
    replace (choose (IZR (n - 1)) (S k)) with (choose (IZR n) (S k) - choose (IZR (n - 1)) k) by lra.
    exact (whole_minus F (IH (n - 1)%Z)).
Qed.
"""


def to_coq(proof: Proof | ProofTree) -> str:
    """The proof as a Coq file: after a few lemmas, the theorem ``objective_bound`` in the problem's own variables.

    Every line is an identity that ``ring`` checks, and the last step one call of ``lra``. Only the standard library is
    needed, and only the axioms of its real numbers are used.

    Raises:
        BadInput: If a line has a reason of another kind than those of proof files.
    """
    theorem = formal(proof)
    has_cases = isinstance(theorem, FormalCases)
    parts = [wrapped(f"(* {line} *)" for line in theorem.title), _LEMMAS]
    if theorem.is_rounded or any(item.whole for item in theorem.intervals):
        parts.append(_WHOLE)
    if has_cases or theorem.is_rounded:
        parts.append(_BOOLEAN)
    if has_cases:
        parts.append(_CASES)
    if theorem.is_rounded:
        parts += [_ROUNDING, *([_CHOOSING] if theorem.rounding.chosen else [])]
    return "\n".join([*parts, wrapped(_theorem(theorem))])


def _theorem(formal: FormalProof | FormalCases) -> Iterator[str]:
    hypotheses: list[tuple[str, str]] = [
        *((item.given_label, _interval(item, item.given)) for item in formal.intervals if item.given_label),
        *((item.whole, f"is_whole {item.variable}") for item in formal.intervals if item.whole),
        *((item.label, f"{item.left} = {item.right}") for item in formal.equations),
        *((item.label, f"0 <= {item.polynomial}") for item in formal.constraints),
    ]
    yield "Theorem objective_bound :" + (f" forall {formal.variables} : R," if formal.variables else "")
    for label, statement in hypotheses:
        yield f"  {statement} -> (* {label} *)"
    yield f"  {formal.objective} {'<=' if formal.is_upper else '>='} {formal.bound}."
    yield "Proof."
    yield f"  {' '.join(['intros', *formal.variables.split(), *(label for label, _ in hypotheses)])}."
    for interval in formal.intervals:
        yield from _implied(interval)
    steps = _cases(formal) if isinstance(formal, FormalCases) else _steps(formal)
    if formal.is_rounded:
        yield f"  assert (Q : {formal.rounding.before} <= {formal.rounding.minimised})."
        yield "  {"
        yield from (f"  {step}" for step in steps)
        yield "  }"
        yield from _rounding(formal)
        yield "  clear - T. lra."
    else:
        yield from steps
    yield "Qed."


def _cases(formal: FormalCases) -> Iterator[str]:
    """The proofs of the cases, each in brackets."""
    brackets = 0
    for case in formal.nodes():
        while brackets >= max(case.depth, 1):
            yield f"{'  ' * brackets}}}"
            brackets -= 1
        if case.depth:
            yield f"{'  ' * case.depth}{{"
        indent, brackets = "  " * case.depth, case.depth
        for item in case.values:
            yield f"{indent}  assert (F : {item.variable} = {item.value}) by (clear - {item.fact}; lra)."
            yield f"{indent}  subst {item.variable}."
        steps = [_halves(case.step)] if isinstance(case.step, Halves) else _steps(case.step)
        yield from (f"{indent}{step}" for step in steps)
    while brackets:
        yield f"{'  ' * brackets}}}"
        brackets -= 1


def _halves(halves: Halves) -> str:
    fact = halves.fact
    if halves.ends is None:
        return f"  destruct (zero_or_one {fact}) as [-> | ->]."
    below, above = halves.ends
    lemma = f"halves ({below})" if halves.whole is None else f"whole_halves ({below}) ({above}) eq_refl {halves.whole}"
    return f"  apply ({lemma}) in {fact} as [{fact} | {fact}]."


def _steps(formal: FormalProof) -> Iterator[str]:
    """The lines and their combination."""
    for interval in formal.intervals:
        yield from _unit_coordinate(interval)
    for line in formal.lines:
        yield from _line(line)
    yield "  assert (S : 0 <= 0) by (clear; lra)."
    for value, fact in formal.combination:
        yield f"  apply (sum_plus {value} {fact}) in S."
    yield "  clear - S. lra."


def _interval(interval: Interval, sides: Sequence[Side]) -> str:
    """That a variable keeps the ends of its interval on some sides."""
    low, high = ([end] if side in sides else [] for side, end in zip(SIDES, (interval.low, interval.high), strict=True))
    return " <= ".join([*low, interval.variable, *high])


def _implied(interval: Interval) -> Iterator[str]:
    if interval.implied_by and interval.whole:
        whole = interval.whole
        means = (
            f"split; [apply (whole_from ({interval.low}) {whole}) | apply (whole_to ({interval.high}) {whole})]; lra"
        )
        yield f"  assert ({interval.label} : {_interval(interval, SIDES)})"
        yield f"    by (clear - {' '.join((*interval.implied_by, whole))}; {means})."
    elif interval.implied_by:
        yield f"  assert ({interval.label} : {_interval(interval, SIDES)})"
        yield f"    by (clear - {' '.join(interval.implied_by)}; lra)."


def _unit_coordinate(interval: Interval) -> Iterator[str]:
    if interval.unit is not None:
        yield (
            f"  destruct (to_unit {interval.label} ltac:(clear; lra)) as [{interval.unit} [-> {interval.unit_label}]]."
        )


def _line(line: Line) -> Iterator[str]:
    if isinstance(line, Given):
        yield from _given(line)
    elif isinstance(line, GapLine):
        means = f"(pose proof (whole_gap ({line.below}) {line.whole}) as F; clear - F; lra)"
        yield f"  assert ({line.label} : 0 <= {line.polynomial}) by {means}."
    else:
        yield from _product(line)


def _given(line: Given) -> Iterator[str]:
    means = f"(clear - {line.fact}; lra)" if line.is_scaled else f"exact {line.fact}"
    yield f"  assert ({line.label} : 0 <= {line.polynomial}) by {means}."


def _product(line: Product) -> Iterator[str]:
    vanishing = "vanish_all"
    for coefficient, equation in reversed(line.corrections):
        vanishing = f"(vanish_plus ({coefficient}) {equation.label} {vanishing})"
    yield f"  assert ({line.label} : 0 <= {line.polynomial})."
    yield f"  {{ refine (line_times {line.parent} {line.factor} {vanishing} _). clear. ring. }}"


def _rounding(formal: FormalProof | FormalCases) -> Iterator[str]:
    rounding = formal.rounding
    labels = [label for _, label in [*rounding.integers, *rounding.booleans]]
    yield f"  assert (W : exists whole : Z, {rounding.minimised} = {rounding.offset} + {rounding.step} * IZR whole)."
    yield f"  {{ clear {' '.join(['-', *labels] if labels else [])}."
    for name, label in rounding.integers:
        yield f"    destruct {label} as [{name} ->]."
    for name, label in rounding.booleans:
        yield f"    destruct (whole_boolean {label}) as [{name} ->]."
    for name, integer, k in rounding.chosen:
        yield f"    destruct (whole_choose {k} {integer}) as [{name} V_{name}]."
    yield f"    exists ({rounding.count})%Z."
    yield "    repeat progress rewrite ?plus_IZR, ?minus_IZR, ?mult_IZR, ?opp_IZR."
    if rounding.chosen:
        yield f"    rewrite {', '.join(f'<- V_{name}' for name, _, _ in rounding.chosen)}. simpl choose. simpl INR."
    yield "    field. }"
    yield "  destruct W as [whole W]."
    facts = "(ex_intro _ whole eq_refl) W Q ltac:(clear; lra) ltac:(clear; lra)"
    yield f"  pose proof (round_up ({rounding.steps}) {facts}) as T."
