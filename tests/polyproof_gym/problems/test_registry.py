import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import (
    REGISTRY,
    Entry,
    Problem,
    ProblemGenerator,
    RandomPolynomial,
    RandomStableSet,
    is_called_rightly,
    make_problem,
    make_source,
)
from polyproof_gym.problems.json_form import problem_from_json, problem_to_json

each_entry = pytest.mark.parametrize("entry", REGISTRY.values(), ids=lambda entry: entry.name)


def assert_same(first: Problem, second: Problem) -> None:
    assert first.ring == second.ring
    assert first.objective == second.objective
    assert first.axioms == second.axioms
    assert (first.name, first.sense, first.box, first.optimum) == (
        second.name,
        second.sense,
        second.box,
        second.optimum,
    )


@each_entry
def test_every_example_builds_and_its_name_makes_it_again(entry: Entry) -> None:
    problem = make_problem(entry.example)
    assert problem.family == entry.family
    assert problem.name.partition(":")[0] == entry.name
    assert_same(make_problem(problem.name), problem)


@each_entry
def test_entries_are_filed_under_their_name_with_a_type_for_every_key(entry: Entry) -> None:
    assert REGISTRY[entry.name] is entry
    assert entry.parameters.keys() == entry.types.keys()
    assert entry.example.partition(":")[0] == entry.name


def test_the_named_problems_of_the_interface_exist() -> None:
    wanted = {"cycle", "petersen", "paley", "kneser", "mycielski", "random-stable-set", "caprasse"}
    assert wanted <= REGISTRY.keys()


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("kneser:k=2,n=6", "kneser:n=6,k=2"),
        (" cycle: n = 5 ", "cycle:n=5"),
        ("petersen:", "petersen"),
        ("random-polynomial", "random-polynomial:n=3,degree=3,terms=8,index=0"),
        ("random-stable-set:n=10", "random-stable-set:n=10,p_min=0.5,p_max=1.0,index=0"),
        ("random-stable-set:n=10,index=2", "random-stable-set:index=2,n_min=10,n_max=10"),
        ("random-stable-set:n=10,p_min=1e-1", "random-stable-set:n=10,p_min=0.1"),
        ("random-stable-set:n=10,max_weight=1", "random-stable-set:n=10"),
        ("random-stable-set:max_weight=9,n=10", "random-stable-set:n=10,p_min=0.5,p_max=1.0,max_weight=9,index=0"),
        ("random-polynomial:boolean=0", "random-polynomial"),
        ("robust-margin", "robust-margin:model=digits-quadratic,latent=8,generator=linear,radius=0.3,norm=inf,index=0"),
        ("robust-margin:radius=3/10,index=2", "robust-margin:radius=0.30,rival=nearest,index=2"),
        ("random-polynomial:boolean=1", "random-polynomial:n=3,degree=3,terms=8,boolean=1,index=0"),
    ],
)
def test_specs_that_mean_the_same(spec: str, same: str) -> None:
    assert_same(make_problem(spec), make_problem(same))


def test_random_families_give_generators_or_numbered_problems() -> None:
    generator = make_source("random-stable-set:n_min=5,n_max=9,p_min=0.25,p_max=0.75")
    assert generator == RandomStableSet(5, 9, 0.25, 0.75)
    assert isinstance(generator, ProblemGenerator)
    numbered = make_source("random-stable-set:n_min=5,n_max=9,p_min=0.25,p_max=0.75,index=3")
    assert isinstance(numbered, Problem)
    assert_same(numbered, generator.held_out(3))
    assert isinstance(make_source("petersen"), Problem)


def test_different_indices_give_different_problems() -> None:
    graphs = {make_problem(f"random-stable-set:n=12,index={i}").ring for i in range(10)}
    assert len(graphs) == 10


def test_parameters_are_used() -> None:
    assert make_problem("cycle:n=9").num_variables == 9
    assert make_problem("random-polynomial:n=5,degree=2,terms=4").num_variables == 5
    assert make_problem("grid:rows=2,columns=5").num_variables == 10
    assert make_source("random-stable-set:n=5,max_weight=3") == RandomStableSet(5, 5, max_weight=3)
    assert make_source("random-polynomial:n=5,degree=2,boolean=1") == RandomPolynomial(5, 2, 8, boolean=1)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("cycel:n=5", "unknown problem 'cycel', did you mean 'cycle'?"),
        ("Petersen", "did you mean 'petersen'?"),
        ("PALEY:q=13", "did you mean 'paley'?"),
        ("random-stableset:n=5", "did you mean 'random-stable-set'?"),
        ("caprase", "did you mean 'caprasse'?"),
        ("qqqqqq", "`polyproof problems` lists all"),
        ("graphs/petersen.col", "unknown problem 'graphs/petersen.col'; a file is read by polyproof_gym.load_problem"),
        ("", "unknown problem ''"),
        (":n=5", "unknown problem ''"),
        ("cycle", "cycle: expected n=..., as in 'cycle:n=5'"),
        ("kneser:n=6", "kneser: expected k=..., as in"),
        ("cycle:m=3", "cycle: expected n=..., got 'm=3'"),
        ("cycle:n", "cycle: expected n=..., got 'n'"),
        ("cycle:5", "cycle: expected n=..., got '5'"),
        ("cycle:n=3,n=4", "cycle: expected 'n' once"),
        ("cycle:n=five", "cycle: expected a whole number for 'n', got 'five'"),
        ("cycle:n=", "cycle: expected a whole number for 'n'"),
        ("cycle:n=5.0", "cycle: expected a whole number for 'n', got '5.0'"),
        ("cycle:n=" + "9" * 5000, "cycle: expected a whole number for 'n'"),
        ("cycle:n=2", "cycle: expected n >= 3"),
        ("cycle:n=5,index=0", "cycle: expected n=..., got 'index=0'"),
        ("petersen:n=3", "petersen: expected no settings, got 'n=3'"),
        ("caprasse:n=3", "caprasse: expected no settings"),
        ("paley:q=7", "paley: expected a prime q"),
        ("random-stable-set", "random-stable-set: expected n, or n_min and n_max"),
        ("random-stable-set:n_min=5", "random-stable-set: expected n, or n_min and n_max"),
        ("random-stable-set:n=5,n_min=3,n_max=9", "random-stable-set: expected n, or n_min and n_max"),
        ("random-stable-set:n=5,p_min=high", "random-stable-set: expected a number for 'p_min', got 'high'"),
        (
            "random-stable-set:n=5,p_min=nan",
            "random-stable-set: expected a finite number from 0 to 1 as p_min",
        ),
        ("random-stable-set:n=5,p_min=0.9,p_max=0.1", "random-stable-set: expected p_min <= p_max, got 0.9 and 0.1"),
        ("random-stable-set:n=5,index=-1", "random-stable-set: expected a whole number of at least 0"),
        ("random-stable-set:n=5,index=x", "random-stable-set: expected a whole number for 'index'"),
        ("random-polynomial:n=0", "random-polynomial: expected a whole number from 1 to 50 as n"),
        ("random-polynomial:boolean=2", "random-polynomial: expected a whole number from 0 to 1 as boolean, got 2"),
        ("random-polynomial:boolean=yes", "random-polynomial: expected a whole number for 'boolean', got 'yes'"),
        (
            "random-stable-set:n=5,max_weight=0",
            "random-stable-set: expected a whole number from 1 to 1000000 as max_weight, got 0",
        ),
        ("robust-margin:model=digits-cubic", "robust-margin: unknown model 'digits-cubic', did you mean 'digits-"),
        ("robust-margin:model=", "robust-margin: expected a short text for 'model', got ''"),
        ("robust-margin:latent=5", "robust-margin: expected latent as one of 4, 6, 8, 20 for digits-quadratic, got 5"),
        (
            "robust-margin:generator=cubic",
            "robust-margin: unknown generator 'cubic', expected one of linear, quadratic",
        ),
        ("robust-margin:radius=0", "robust-margin: expected a positive number as radius, got '0'"),
        ("robust-margin:radius=wide", "robust-margin: expected a finite number as radius, got 'wide'"),
        ("robust-margin:norm=1", "robust-margin: expected one of 'inf', '2' as norm, got '1'"),
        (
            "robust-margin:rival=10",
            "robust-margin: expected 'nearest' or a whole number from 0 to 9 as rival, got '10'",
        ),
        ("robust-margin:index=200", "robust-margin: expected a whole number from 0 to 199 as index, got 200"),
        ("random-stable-set:n=5,max_weight=1.5", "random-stable-set: expected a whole number for 'max_weight'"),
    ],
    ids=lambda text: text[:40],
)
@pytest.mark.parametrize("make", [make_problem, make_source])
def test_bad_specs_say_what_was_expected(make: Callable[[str], object], spec: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        make(spec)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@each_entry
def test_problems_are_called_rightly_as_long_as_they_are_the_same(entry: Entry) -> None:
    problem = make_problem(entry.example)
    assert is_called_rightly(problem)
    read = problem_from_json(json.loads(json.dumps(problem_to_json(problem, 2))))
    assert is_called_rightly(read)
    assert not is_called_rightly(replace(problem, name="some"))
    assert not is_called_rightly(replace(problem, sense="min" if problem.sense == "max" else "max"))
    assert not is_called_rightly(replace(problem, objective=problem.objective * 2))
    assert not is_called_rightly(replace(problem, variables=tuple(f"{name}_" for name in problem.variables)))
