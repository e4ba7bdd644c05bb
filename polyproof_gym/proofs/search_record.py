"""How a proof was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from polyproof_gym.proofs.rules import Limits

Stop = Literal["goal", "steps", "limits", "exhausted", "agent", "seconds", "interrupted"]
"""Why a search ended:

- ``goal``: nothing is left to find out (the target is reached or refuted, the bound meets the incumbent, or no point
  satisfies the axioms);
- ``steps``: the step budget is spent;
- ``limits``: everything derivable within the limits on degree and length is known, but not without them;
- ``exhausted``: everything derivable is known;
- ``agent``: the agent had nothing more that it wanted to derive;
- ``seconds``: the time is over;
- ``interrupted``: the caller ended it.
"""


@dataclass(frozen=True)
class SearchRecord:
    """How a proof was found.

    Attributes:
        agent: Name of the agent.
        seed: Seed of its random choices.
        steps: Derivations it made.
        inequalities: Size of the memory at the end.
        lp_rows: Monomials in the last LP.
        lp_columns: Inequalities in the last LP.
        seconds: Wall time of the search, without the loading of code and the making of the exact proof.
        bounds: The bound at the start and after every move of the agent, in floats.
        columns: Inequalities in the LP at the same moments.
        cold_solves: How often the solver was doubted and the LP solved from scratch.
        solver_limits: How often a run of the solver met a limit on its iterations or its time.
        solver_failures: How often no run of it gave anything believable, and the last solution was carried over.
        mismatches: How often the exact bound was found to differ from the LP's.
        stopped: Why it ended; ``None`` as long as it has not.
        limits: What derived inequalities could grow to.
        limited_by: Which of the limits, ``"max_degree"`` and ``"max_terms"``, kept it from going on, where it stopped
            because of limits.
        rules: Names of the inference rules.
    """

    agent: str
    seed: int
    steps: int
    inequalities: int
    lp_rows: int
    lp_columns: int
    seconds: float
    bounds: tuple[float, ...] = ()
    columns: tuple[int, ...] = ()
    cold_solves: int = 0
    solver_limits: int = 0
    solver_failures: int = 0
    mismatches: int = 0
    stopped: Stop | None = None
    limits: Limits | None = None
    limited_by: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[str, ...] = ("products",)
