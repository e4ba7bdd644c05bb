"""Bounds by SCIP, a branch-and-bound solver with floating-point relaxations."""

from __future__ import annotations

import time

from experiments.benchmark.peers.answer import Answer
from polyproof_gym.problems import Problem


def bounded(problem: Problem, limit: float) -> Answer:
    """The dual bound, with SCIP's own settings and tolerances."""
    import pyscipopt

    started = time.perf_counter()
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("limits/time", limit)
    variables = [model.addVar(lb=float(low), ub=float(high)) for low, high in problem.box]
    value = model.addVar(lb=None, ub=None)
    total = pyscipopt.Expr()
    for monomial, coefficient in problem.in_own_coordinates(problem.minimised).terms.items():
        total += pyscipopt.quickprod([float(coefficient), *(variables[i] for i in monomial)])
    model.addCons(total <= value)
    model.setObjective(value, "minimize")
    model.optimize()
    bound = float(model.getDualbound())
    return Answer(None if abs(bound) >= model.infinity() else bound, time.perf_counter() - started)
