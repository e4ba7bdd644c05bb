"""The text of a proof in the making."""

from __future__ import annotations

import numpy as np

from polyproof_gym.printable import printable
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import OpenLeaves, ProofState

MAX_LINES = 12
"""Most derivations that are shown, and most inequalities that the bound combines."""


def used_inequalities(state: ProofState) -> list[tuple[int, float]]:
    """The inequalities that the present bound combines and their multipliers, largest first; none if there is none."""
    if not state.has_lp_bound:
        return []
    multipliers = state.multipliers
    used = np.flatnonzero(multipliers > 1e-9)
    order = used[np.argsort(-multipliers[used], kind="stable")]
    return [(int(j), float(multipliers[j])) for j in order]


def _bound_text(problem: Problem, bound: float) -> str:
    relation = ">=" if problem.sense == "min" else "<="
    known = "" if problem.incumbent is None else f"   (best feasible value known: {float(problem.incumbent):.10g})"
    return f"{printable(problem.name)}: {problem.sense} f {relation} {bound:.10g}{known}"


def _case_text(leaves: OpenLeaves) -> str:
    """Which of several cases is shown, and what holds in it."""
    number, path = leaves.place
    found: list[str] = []
    for (variable, value), side in path:
        above = value + 1 if variable in leaves.problem.integer else value
        is_boolean = variable in leaves.problem.ring.idempotent
        relation = f"= {int(side == 'upper')}" if is_boolean else f"<= {value}" if side == "lower" else f">= {above}"
        found.append(f"{leaves.problem.variables[variable]} {relation}")
    return printable(f"Case {number + 1} of {leaves.num_leaves}, the worst: {', '.join(found)}")


def render_text(leaves: OpenLeaves) -> str:
    """The proof so far: the bound, the last derivations, and the inequalities that the bound combines.

    Of several cases the worst is shown.
    """
    state = leaves.shown
    memory = state.memory
    lines = [_bound_text(leaves.problem, leaves.bound)]
    if leaves.num_leaves > 1:
        lines.append(_case_text(leaves))
    if not state.has_lp_bound:
        lines.append("No combination gives a bound yet; this is the trivial one from the signs of the coefficients.")
    axioms = len(memory) - state.steps
    first = max(axioms, len(memory) - MAX_LINES)
    lines.append(f"{axioms} axioms, {state.steps} derived" + (", the last ones:" if first > axioms else ":"))
    lines += [
        f"  line {j}: {memory[j]} >= 0   [{memory.reasons[j].describe(memory.ring)}]" for j in range(first, len(memory))
    ]
    used = used_inequalities(state)
    if used:
        lines.append(f"The bound combines {len(used)} inequalities:")
        lines += [f"  {value:.6g} * ({memory[j]}) [line {j}]" for j, value in used[:MAX_LINES]]
        if len(used) > MAX_LINES:
            lines.append(f"  and {len(used) - MAX_LINES} more")
    return "\n".join(lines)
