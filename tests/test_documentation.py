"""What the README and the site show runs as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from experiments.cli import main
from experiments.train.main import main as train

ROOT = Path(__file__).resolve().parents[1]

ELSEWHERE = ["docs/adapters.md", "docs/leaderboard.md"]
"""Pages whose code needs other libraries or an entry of one's own; it has tests of its own."""

PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if str(page.relative_to(ROOT)) not in ELSEWHERE),
]

SLOW = ["docs/cases.md", "docs/certified-radius.md"]
"""The pages whose code takes a minute."""

SUCCESS = 0, 3, 4
"""What `polyproof` may end with: a target may be undecided or refuted."""

FENCE = re.compile(r"^(<!-- not run: .*? -->\n\n?)?```([\w{}-]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


PRINTED = re.compile(r"^print\(.*\)  # (-?\d[\d/.]*|proved)\b", re.MULTILINE)
"""What a block says that it prints: a number, or a status."""


def blocks(page: Path, language: str) -> list[str]:
    """The contents of a page's fenced blocks, but for those that say before them why they are not run."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [match[3] for match in found if match[2] == language and not match[1]]


def command_lines(page: Path) -> list[list[str]]:
    """The words of the commands of a page, but for what needs a shell, names to fill in, or a training."""
    lines = "".join(blocks(page, "")).replace("\\\n", " ").splitlines()
    commands = [
        shlex.split(line, comments=True) for line in lines if line.startswith((".venv/bin/", "polyproof ", "python "))
    ]
    placeholder = re.compile(r"\$|^[A-Z]+$|^<$|^\.\.\.$|^runs/")
    return [words for words in commands if not any(placeholder.search(word) for word in words[1:])]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def marked(page: Path) -> Any:
    return pytest.param(page, id=name_of(page), marks=[pytest.mark.slow] if name_of(page) in SLOW else [])


WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]
WITH_COMMANDS = [page for page in PAGES if command_lines(page)]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Networks are small, and tests run side by side."""
    torch.set_num_threads(1)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, and with what readers have: a graph, and a text file of a problem."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "meetings.col", tmp_path / "my_graph.col")
    shutil.copy(ROOT / "examples" / "budget.poly", tmp_path / "budget.poly")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [*map(marked, WITH_PYTHON)])
def test_python_of_a_page_runs_and_prints_what_it_says(
    page: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for number, block in enumerate(blocks(page, "python"), 1):
        exec(compile(block, f"{name_of(page)}, block {number}", "exec", dont_inherit=True), names)
        printed = capsys.readouterr().out.splitlines()
        assert [value for value in PRINTED.findall(block) if value not in printed] == []


@pytest.mark.parametrize("page", [*map(marked, WITH_COMMANDS)])
def test_commands_of_a_page_succeed_one_after_the_other(page: Path, workplace: Path) -> None:
    for program, *words in command_lines(page):
        if program.endswith("polyproof"):
            assert main(words) in SUCCESS, words


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_modules_and_files_that_commands_name_are_there(page: Path) -> None:
    for program, *words in command_lines(page):
        if program.endswith("python") and words[0] == "-m":
            assert find_spec(words[1]) is not None, words
        for word in words:
            if word.startswith(("experiments/", "examples/", "polyproof_gym/", "agents/")):
                assert (ROOT / word.partition(":")[0]).exists(), words  # perhaps with a function of a file


def test_the_training_of_your_own_makes_an_agent(workplace: Path) -> None:
    (config,) = blocks(ROOT / "docs" / "own-training.md", "yaml")
    Path("my-training.yaml").write_text(config, encoding="utf-8")
    assert train(["--config", "my-training.yaml", "--seed", "0", "--out", "runs/train/mine"]) == 0
    assert main(["prove", "petersen", "--agent", "runs/train/mine"]) in SUCCESS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(name: str) -> None:
    """Within the site the build checks them."""
    targets = re.findall(r"""(?:\]\(|src=")([^)"#\s]+)""", (ROOT / name).read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []


def test_the_readme_is_an_overview() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) < 1000
