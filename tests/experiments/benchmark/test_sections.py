from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.benchmark import bounds, growth, memory, parts, reliability, search, steps
from experiments.benchmark.episodes import POLICIES, environment, held_out, record
from experiments.benchmark.sections import SECTIONS
from experiments.sections import Section


def quick(name: str) -> dict[str, Any]:
    (section,) = (section for section in SECTIONS if section.name == name)
    return section.run(seed=0, quick=True)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_section_runs_and_has_a_table_that_json_keeps(section: Section) -> None:
    result = section.run(seed=0, quick=True)
    read = json.loads(json.dumps(result, allow_nan=False))
    table = section.table(read)
    assert table == section.table(result)
    heading, rule, *lines = table.splitlines()
    assert len(lines) == len(result["rows"])
    assert {line.count("|") for line in (rule, *lines)} == {heading.count("|")}


# Steps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_the_recorded_columns_give_the_bounds_of_the_environment(policy: str) -> None:
    episode = record(held_out(10, 0), policy, 12, seed=3)
    env = environment("random-stable-set:n=10", 12)
    env.reset(options={"problem": episode.problem})
    bounds_of_env = [env.step(action)[4]["bound"] for action in episode.actions]
    assert episode.bounds == pytest.approx(bounds_of_env, abs=1e-9)
    assert steps.replay_highspy(episode)[1] == pytest.approx(bounds_of_env, abs=1e-6)
    assert steps.replay_scipy(episode)[1] == pytest.approx(bounds_of_env, abs=1e-6)
    assert len(episode.added) == len(episode.actions) == 12


def test_ratios_are_those_of_the_times_where_there_is_one_graph() -> None:
    (row, _) = quick("steps")["rows"]
    assert row["ratio_to_highspy"] == pytest.approx(row["step"] / row["highspy"])
    assert row["ratio_of_scipy"] == pytest.approx(row["scipy"] / row["step"])
    assert row["reset_in_steps"] == pytest.approx(row["reset"] / row["step"])
    assert row["ratios_to_highspy"] == (row["ratio_to_highspy"],) * 2


def test_the_parts_make_up_the_step() -> None:
    for row in quick("parts")["rows"]:
        total = row["algebra"] + row["inside_solver"] + row["around_solver"] + row["observation"]
        assert total == pytest.approx(row["step"])
        assert row["solver_share"] == pytest.approx(row["inside_solver"] / row["step"])


def test_a_replayed_state_ends_where_the_episode_did() -> None:
    episode = record(held_out(8, 1), "dual-guided", 10, seed=0)
    state = parts.started(episode, 10)
    algebra, solving = parts.replay_state(state, episode.actions)
    assert state.bound == pytest.approx(episode.bounds[-1])
    assert algebra > 0
    assert solving > 0


def test_the_solver_takes_a_share_of_a_search() -> None:
    (row,) = search.measure(sizes=(8,), graphs=2, repetitions=2, max_steps=5).rows
    assert 0 < row.solver_share < 1
    assert row.steps <= 5
    assert row.seconds_per_100_steps == pytest.approx(100 * row.seconds / row.steps)


# Bounds --------------------------------------------------------------------------------------------------------------


def test_all_methods_bound_the_same_number() -> None:
    rows = {row.method: row for row in bounds.measure(sizes=((10, 2, 40, (2, 3)),)).rows}
    exact = rows["mixed-integer program"].bound
    theta = rows["theta number"].bound
    ours = rows["`dual-guided`, 40 steps"].bound
    level_2, level_3 = rows["static level 2"].bound, rows["static level 3"].bound
    reaching = rows["`dual-guided`, up to the bound of level 3"].bound
    assert exact is not None
    assert theta is not None
    assert ours is not None
    assert level_2 is not None
    assert level_3 is not None
    assert reaching is not None
    assert exact <= theta + 1e-6
    assert exact <= ours + 1e-6
    assert exact <= level_3 <= level_2
    assert ours <= reaching + 1e-6 <= level_3 + 2e-6
    assert rows["`dual-guided`, 40 steps"].times_slower == 1.0


def test_static_systems_that_are_too_large_are_named_with_the_reason() -> None:
    rows = {row.method: row for row in bounds.measure(sizes=((60, 1, 1, (4,)),)).rows}
    assert "refused" in rows["static level 4"].remark
    assert "products" in rows["static level 4"].remark
    assert rows["static level 4"].bound is None


def test_programs_that_are_not_done_in_time_are_named() -> None:
    rows = {row.method: row for row in bounds.measure(sizes=((60, 1, 1, ()),), time_limit=0.0).rows}
    assert rows["theta number"].remark == "not done in 0 s on some graph"
    assert rows["theta number"].bound is None


# Growth and memory ---------------------------------------------------------------------------------------------------


@given(st.floats(-2, 3), st.floats(1e-6, 1e3), st.lists(st.integers(2, 5000), min_size=3, max_size=10, unique=True))
def test_the_exponent_of_a_power_is_found(power: float, factor: float, sizes: list[int]) -> None:
    assert growth.exponent(sizes, [factor * size**power for size in sizes]) == pytest.approx(power, abs=1e-6)


def test_too_few_windows_have_no_exponent() -> None:
    assert growth.exponent([1.0, 2.0], [1.0, 2.0]) is None


def test_a_long_episode_reports_its_windows() -> None:
    (row,) = growth.measure(settings=((15, "random-valid", 40),), seed=1).rows
    assert row.steps_made == 40
    assert row.ended == "all steps made"
    assert len(row.sizes) == len(row.choice) == len(row.step) == growth.WINDOWS
    assert row.sizes[0] == 30 + 1.5  # the axioms, and the middle of the first four steps
    assert row.sizes[-1] == 30 + 37.5
    assert row.peak_bytes > row.observation_bytes > 0


def test_an_episode_ends_when_its_time_is_over() -> None:
    (row,) = growth.measure(settings=((15, "random-valid", 40),), time_limit=0.0).rows
    assert row.steps_made == 1
    assert row.ended == "0 s were over"
    assert row.total_exponent is None


def test_what_is_too_large_is_named_with_the_reason() -> None:
    result = growth.measure(settings=((500, "random-valid", 200_000),))
    assert "refused: " in result.rows[0].remark
    assert "expected at most" in growth.table({"rows": [result.rows[0].__dict__]})


def test_observations_have_the_size_of_their_space() -> None:
    (row,) = memory.measure(settings=(("random-stable-set:n=8", 10),)).rows
    space = environment("random-stable-set:n=8", 10).observation_space
    entries = {key: math.prod(part.shape or ()) * part.dtype.itemsize for key, part in space.items()}  # type: ignore[attr-defined]
    assert row.observation_bytes == sum(entries.values())
    lp = entries["multipliers"] + entries["pseudo_moments"] + entries["has_lp_bound"]
    assert row.observation_bytes_without_lp == row.observation_bytes - lp
    assert row.actions == (16 + 10) * 8 * 2


# Reliability ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", reliability.CASES, ids=lambda case: case.name)
def test_the_cases_can_be_made(case: reliability.Case) -> None:
    problem = case.problem(0)
    assert problem.num_variables >= 2
    assert case.steps > 0


def test_weights_and_coefficients_are_as_far_apart_as_they_should_be() -> None:
    weights = [float(c) for c in reliability.weighted_graph(0, n=30, decades=6).objective.terms.values()]
    assert all(1e-6 <= weight <= 1e6 for weight in weights)
    assert max(weights) / min(weights) > 1e9
    sizes = [abs(float(c)) for c in reliability.uneven_polynomial(0, n=5, decades=9).objective.terms.values()]
    assert max(sizes) / min(sizes) > 1e7


def test_a_search_goes_on_past_the_incumbent_and_is_compared() -> None:
    case = reliability.Case("K5", lambda _: held_out(5, 0), ("random",), 20)
    row = reliability.endure(case, "random", comparisons=5, seed=0)
    assert row.compared >= 2
    assert row.largest_difference < 1e-9
    assert (row.failed, row.mismatches, row.loss) == (0, 0, 0.0)


def test_differences_are_relative_to_one_more_than_the_size() -> None:
    assert reliability.relative_difference(9.0, 8.0) == 0.1
    assert reliability.relative_difference(-9.0, -9.0) == 0.0
