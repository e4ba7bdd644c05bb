from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from experiments.executors import Executor, ExecutorLost, Failure, Processes, make_executor
from experiments.executors.executor import Item, Outcome
from experiments.leaderboard.entries import make_entry, read_entry
from polyproof_gym import BadInput, InvalidProof

SPECS = ("cycle:n=5", "lv", "random-stable-set:n=25,index=0")


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    """An entry with three certificates."""
    return made("dual-guided", SPECS, Processes())[0]


def made(agent: str, specs: Sequence[str], executor: Executor) -> tuple[dict[str, Any], int]:
    return make_entry(
        agent, specs, name="mine", max_steps=20, seed=0, rules="products", command="make it", executor=executor
    )


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "entry.json"
    path.write_text(json.dumps(content))
    return path


def test_an_entry_is_accepted_with_the_bounds_that_its_certificates_prove(
    content: dict[str, Any], tmp_path: Path
) -> None:
    entry = read_entry(written(tmp_path, content))
    assert entry.name == "mine"
    assert tuple(entry.bounds) == SPECS
    assert entry.bounds["cycle:n=5"] == "2"
    assert Fraction(entry.bounds["random-stable-set:n=25,index=0"]) >= 3
    assert entry.lines["cycle:n=5"] == len(content["certificates"][0]["lines"])
    assert float(entry.cost["seconds"]) >= 0


def test_problems_that_the_agent_cannot_work_on_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    content, num_missing = made("clique-cover", ["lv", "cycle:n=5"], Processes())
    assert [certificate["problem"]["name"] for certificate in content["certificates"]] == ["cycle:n=5"]
    assert num_missing == 0
    assert "lv: clique-cover: expected a stable set problem" in capsys.readouterr().err
    with pytest.raises(BadInput, match="expected an agent that can work on some"):
        made("clique-cover", ["lv"], Processes())


@pytest.mark.parametrize("executor", ["processes", pytest.param("ray", marks=pytest.mark.ray)])
def test_the_certificates_are_the_same_whoever_finds_them(content: dict[str, Any], executor: str) -> None:
    with make_executor(executor, 2) as workers:
        shared, num_missing = made("dual-guided", SPECS, workers)
    assert num_missing == 0
    assert shared["certificates"] == content["certificates"]
    assert float(shared["cost"]["seconds"]) >= 0


class Mortal(Processes):
    """Processes of which those that get a certain problem die, and which are all gone when they get another one."""

    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """See :meth:`Executor.outcomes`."""
        for item in items:
            if item == "cycle:n=9":
                raise ExecutorLost("all are gone")
            yield item, Failure("killed") if item == "lv" else work(item)


def test_what_is_missing_since_workers_are_gone_is_told(
    content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rest, num_missing = made("dual-guided", [*SPECS, "cycle:n=9", "cycle:n=15"], Mortal())
    assert num_missing == 3
    assert rest["certificates"] == [content["certificates"][0], content["certificates"][2]]
    told = capsys.readouterr().err
    assert "lv: given up, killed" in told
    assert "all are gone; what was found by then follows" in told


def forged_bound(content: dict[str, Any]) -> None:
    content["certificates"][0]["bound"] = "1"


def forged_line(content: dict[str, Any]) -> None:
    content["certificates"][0]["lines"][-1] = content["certificates"][0]["lines"][0]


def easier_problem(content: dict[str, Any]) -> None:
    """With one edge more, and a proof that holds for it."""
    other, _ = made("dual-guided", ["cycle:n=5"], Processes())
    certificate = other["certificates"][0]
    certificate["problem"]["exclusive"].append([0, 2])
    certificate["problem"]["exclusive"].sort()
    certificate["lines"], certificate["multipliers"], certificate["bound"] = [], [], "5"
    content["certificates"][0] = certificate


def unknown_problem(content: dict[str, Any]) -> None:
    content["certificates"][0]["problem"]["name"] = "cycle:n=4"


def twice(content: dict[str, Any]) -> None:
    content["certificates"].append(content["certificates"][0])


def no_certificates(content: dict[str, Any]) -> None:
    content["certificates"] = []


def no_cost(content: dict[str, Any]) -> None:
    del content["cost"]["training"]


def name_that_breaks_tables(content: dict[str, Any]) -> None:
    content["name"] = "a | b"


def another_format(content: dict[str, Any]) -> None:
    content["format"] = "polyproof-certificate"


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (forged_bound, InvalidProof, "certificate 1: rejected, bound: the combination of the lines does not prove it"),
        (forged_line, InvalidProof, "certificate 1: rejected"),
        (easier_problem, InvalidProof, "certificate 1: its problem is another one than cycle:n=5, though"),
        (unknown_problem, InvalidProof, "certificate 1: no suite has a problem called 'cycle:n=4'"),
        (twice, BadInput, "certificate 4: expected one certificate for cycle:n=5"),
        (no_certificates, BadInput, "certificates: expected a list"),
        (no_cost, BadInput, "cost: expected the keys seconds, machine, training"),
        (name_that_breaks_tables, BadInput, "name: expected one line of text"),
        (another_format, BadInput, 'expected an object with "format"'),
    ],
)
def test_other_entries_are_refused(
    spoil: Callable[[dict[str, Any]], None],
    error: type[Exception],
    message: str,
    content: dict[str, Any],
    tmp_path: Path,
) -> None:
    spoilt = deepcopy(content)
    spoil(spoilt)
    with pytest.raises(error) as caught:
        read_entry(written(tmp_path, spoilt))
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1, "a": 2}', "1.5"])
def test_files_that_are_no_entries_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "entry.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"entry\.json"):
        read_entry(path)
