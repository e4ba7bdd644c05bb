from __future__ import annotations

import json
from typing import Any

import gymnasium as gym
import pytest

import polyproof_gym  # noqa: F401 (registers the environment)
from agents import AGENTS, prove
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import DEFAULT_RULES, ProofState, VariableProducts, make_rules, rule_names
from polyproof_gym.proofs.rules import RULES, ConstraintProducts
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import SquaresOfDifferences
from tests.rules import USABLE_RULES


def test_the_default_is_the_rule_of_the_paper() -> None:
    assert make_rules(None) is DEFAULT_RULES
    assert rule_names(DEFAULT_RULES) == ("products",)


@pytest.mark.parametrize("given", [[*RULES], (*RULES,), ",".join(RULES), ", ".join(RULES)])
def test_rules_are_made_by_name(given: Any) -> None:
    assert rule_names(make_rules(given)) == (*RULES,)


def test_names_and_rules_may_be_mixed() -> None:
    own = SquaresOfDifferences()
    first, second, third = make_rules(["constraints", own, VariableProducts()])
    assert (type(first), second, type(third)) == (ConstraintProducts, own, VariableProducts)
    assert rule_names((second, third)) == ("squares-of-differences", "products")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["product"], "unknown rule 'product', did you mean 'products'?"),
        (["qqq"], "unknown rule 'qqq', expected one of products"),
        ("", "unknown rule ''"),
        (["products:n=3"], "products: expected no settings, got 'n=3'"),
        (3, "expected a list of inference rules, got 3"),
        ([3], "expected a list of inference rules, got [3]"),
        ([VariableProducts], "expected a list of inference rules"),
        ([], "expected at least one inference rule"),
        ("products,products", "expected every inference rule once, got 'products' 2 times"),
        (["squares:slots=3", "products", "squares"], "expected every inference rule once, got 'squares' 2 times"),
        (["products", VariableProducts()], "expected every inference rule once, got 'products' 2 times"),
    ],
)
def test_what_names_no_rules_is_refused(given: Any, message: str) -> None:
    for make in (make_rules, lambda rules: prove("petersen", rules=rules), lambda rules: PolyProofEnv(rules=rules)):
        with pytest.raises(BadInput) as caught:
            make(given)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_environment_of_named_rules_can_be_written_as_json() -> None:
    env = gym.make("PolyProof-v0", problem="petersen", rules=USABLE_RULES, max_steps=5)
    assert env.spec is not None
    again = gym.make(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.spec is not None
    assert again.spec.kwargs["rules"] == USABLE_RULES
    assert again.action_space == env.action_space
    json.loads(env.spec.to_json())


def test_without_rules_there_are_no_actions() -> None:
    state = ProofState(make_problem("petersen"), rules=())
    assert state.num_actions == 0
    assert state.action_mask().tolist() == state.closed().tolist() == state.expectations().tolist() == []
    assert state.most_violated().tolist() == []


def test_an_environment_needs_actions() -> None:
    with pytest.raises(BadInput, match="expected rules that give actions, got constraints"):
        PolyProofEnv("petersen", rules=["constraints"])


@pytest.mark.parametrize("agent", [*(name for name in AGENTS if name != "squares")])
def test_agents_stop_where_no_action_is_known(agent: str) -> None:
    if agent == "orbits":
        pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")
    proof = prove("cycle:n=5", f"{agent}:rounds=3" if agent == "neighbourhood-search" else agent, rules=["constraints"])
    proof.verify()
    assert proof.status in ("bounded", "optimal")
