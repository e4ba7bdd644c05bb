import pytest

from agents import AGENTS, make_agent
from agents.agent import StepAgent
from polyproof_gym import BadInput


@pytest.mark.parametrize("name", AGENTS)
def test_every_name_makes_an_agent(name: str) -> None:
    agent = make_agent(name)
    assert agent.name.partition(":")[0] == name
    assert make_agent(agent.name).name == agent.name


@pytest.mark.parametrize("spec", ["static-sherali-adams:level=3", "static-sherali-adams: level = 3 ,"])
def test_settings(spec: str) -> None:
    assert make_agent(spec).name == "static-sherali-adams:level=3"


def test_all_but_those_that_derive_everything_at_once_can_act_in_the_environment() -> None:
    acting = {name for name in AGENTS if isinstance(make_agent(name), StepAgent)}
    assert acting == set(AGENTS) - {"auto", "cases", "orbits", "static-sherali-adams", "squares"}


def test_the_width_of_greedy_is_part_of_its_name() -> None:
    assert make_agent("greedy:width=3").name == "greedy:width=3"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("dual-guide", "did you mean 'dual-guided'"),
        ("Random", "did you mean 'random'"),
        ("qqqq", "expected one of random, random-closed, bfs, greedy, dual-guided"),
        ("", "expected one of"),
        ("random:seed=1", "expected no settings"),
        ("greedy:level=2", "greedy: expected width=..., got 'level=2'"),
        ("static-sherali-adams:level", "expected level=..., got 'level'"),
        ("static-sherali-adams:level=", "expected a whole number for 'level'"),
        ("static-sherali-adams:level=two", "expected a whole number for 'level'"),
        ("static-sherali-adams:level=-1", "whole number of at least 1 as level"),
        ("static-sherali-adams:level=2.5", "expected a whole number for 'level'"),
        ("static-sherali-adams:level=²", "expected a whole number for 'level'"),
        ("static-sherali-adams:level=0", "whole number of at least 1 as level"),
        ("greedy:width=0", "whole number from 1 to 1000000000 as width"),
        ("greedy:width=2,width=3", "expected 'width' once"),
    ],
)
def test_bad_specs_are_refused_with_what_was_expected(spec: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_agent(spec)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
