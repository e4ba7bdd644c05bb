from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from experiments.leaderboard.board import Board, records, share, standings
from experiments.leaderboard.entries import Entry
from experiments.leaderboard.main import BOARD
from experiments.leaderboard.suites import SUITES, Goal, problem_of
from polyproof_gym import BadInput
from tests.experiments.conftest import ROOT

GOALS = {
    "up": {"p": Goal(Fraction(0), Fraction(10), True), "q": Goal(Fraction(1), Fraction(1), True)},
    "down": {"r": Goal(Fraction(8), Fraction(4), False)},
}
COST = {"seconds": "1.0", "machine": "m", "training": "none"}


def entry(name: str, lines: int = 5, **bounds: str) -> Entry:
    return Entry(name, "about", "command", COST, "0" * 64, bounds, dict.fromkeys(bounds, lines))


def test_scores_go_from_the_start_to_the_best() -> None:
    goal = Goal(Fraction(8), Fraction(4), False)
    assert [goal.score(bound) for bound in (Fraction(8), Fraction(5), Fraction(4))] == [0.0, 0.75, 1.0]
    assert (goal.score(Fraction(9)), goal.score(None)) == (0.0, 0.0)
    assert Goal(Fraction(1), Fraction(1), True).score(Fraction(1)) == 1.0
    assert Goal(Fraction(1), Fraction(1), True).score(None) == 0.0


def test_only_the_optimum_is_shown_as_1() -> None:
    assert [share(score) for score in (1.0, 1 - 1e-9, 0.29, 0.0)] == ["1.000", "0.999", "0.290", "0.000"]


def test_a_missing_problem_counts_nothing() -> None:
    board = Board(GOALS, ())
    half = entry("half", p="5", r="6")
    assert (board.score(half, "up"), board.score(half, "down")) == (0.25, 0.5)
    assert board.total(half) == 0.375


def test_the_better_bound_wins() -> None:
    weak, strong = entry("weak", p="3", r="5"), entry("strong", p="9", r="6")
    board = Board(GOALS, (weak, strong))
    assert board.ranking() == [strong, weak]
    assert (board.holder("p"), board.holder("r"), board.holder("q")) == (strong, weak, None)


def test_of_equal_bounds_the_shorter_certificate_and_then_the_first_wins() -> None:
    first, shorter, later = entry("a", 9, p="5"), entry("b", 7, p="5"), entry("c", 7, p="5")
    board = Board(GOALS, ()).accepting(first).accepting(shorter).accepting(later)
    assert board.holder("p") == shorter
    assert board.ranking() == [first, shorter, later]


def test_an_entry_replaces_the_one_of_its_name() -> None:
    board = Board(GOALS, ()).accepting(entry("a", p="9")).accepting(entry("a", p="2"))
    assert [found.bounds for found in board.entries] == [{"p": "2"}]


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    board = Board(GOALS, (entry("a", p="1/3", r="7"),))
    board.save(tmp_path / "board.json")
    assert Board.load(tmp_path / "board.json") == board
    assert "| a | **0.133** | 0.016 | 0.250 | 10 | 1.0 | none | about |" in standings(board)
    assert "| up | `p` | 0 | 10 | 1/3 | 0.033 | 5 | a |" in records(board)
    assert "| up | `q` | 1 | 1 |  |  |  |  |" in records(board)
    assert "| down | `r` | 8 | ~ 4 | 7 | 0.250 | 5 | a |" in records(board)


@pytest.mark.parametrize("data", ["[]", '{"suites": {}}', '{"suites": {"s": {"p": {}}}, "entries": []}'])
def test_other_files_are_refused(data: str, tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_text(f'{{"kind": "leaderboard", "origin": {{}}, "tables": {{}}, "data": {data}}}')
    with pytest.raises(BadInput, match="expected a file that the leaderboard has written"):
        Board.load(path)


def test_the_file_is_of_the_present_suites() -> None:
    goals = Board.load(ROOT / BOARD).goals
    assert {suite: tuple(problems) for suite, problems in goals.items()} == SUITES
    for spec in ("cycle:n=21", "heart", SUITES["graphs"][0], *SUITES["quadratics"][:1], *SUITES["robust-margins"][:1]):
        suite = next(suite for suite, specs in SUITES.items() if spec in specs)
        assert goals[suite][spec] == Goal.of(problem_of(spec))
