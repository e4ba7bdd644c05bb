"""The lines of a proof as a graph: axioms and squares at the top, every product below its factors, then the bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polyproof_gym.proofs.proof import Proof


@dataclass(frozen=True)
class Layout:
    """Where everything is drawn: across in the unit of the widths given, down in rows.

    Attributes:
        across: The middle of every line's node.
        depth: The row of every line's node; axioms and squares are in row 0.
        drops: For every line that the combination uses, where its edge to the bound comes down.
        width: The width of everything.
        rows: The number of rows above the bound.
    """

    across: tuple[float, ...]
    depth: tuple[int, ...]
    drops: dict[int, float]
    width: float
    rows: int


def layout(proof: Proof, widths: Sequence[float], drop_widths: dict[int, float]) -> Layout:
    """Place the lines so that no edges cross as long as every line has at most one parent.

    Each line has a strip of its own, which holds those of the lines derived from it side by side, and that of its edge
    to the bound.

    Args:
        proof: The proof.
        widths: The width of every line's node, with the distance to the next.
        drop_widths: The width of the edge to the bound, for the lines that have one.
    """
    depth: list[int] = []
    children: list[list[int]] = [[] for _ in proof.reasons]
    for line, reason in enumerate(proof.reasons):
        depth.append(1 + max((depth[parent] for parent in reason.parents), default=-1))
        for parent in reason.parents[:1]:
            children[parent].append(line)

    strips = list(widths)
    for line in reversed(range(len(strips))):
        strips[line] = max(strips[line], sum(strips[child] for child in children[line]) + drop_widths.get(line, 0))

    across = [0.0] * len(strips)
    drops = {}
    end = 0.0
    for line, reason in enumerate(proof.reasons):
        if not reason.parents:
            across[line] = end + strips[line] / 2
            end += strips[line]
        drop = drop_widths.get(line, 0)
        needed = sum(strips[child] for child in children[line]) + drop
        left = across[line] - needed / 2
        if drop:
            drops[line] = left + drop / 2
            left += drop
        for child in children[line]:
            across[child] = left + strips[child] / 2
            left += strips[child]
    return Layout(tuple(across), tuple(depth), drops, end, max(depth, default=-1) + 1)
