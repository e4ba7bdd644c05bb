"""The wheel and the source archive, installed into clean environments: `make packages`.

Every Python that is there, with the lowest and with the newest versions that ``pyproject.toml`` admits, without and
with each extra. The environments need uv, which `make packages` installs, and take minutes. What uv reads from the
environment holds: ``UV_TORCH_BACKEND=cpu`` takes PyTorch without CUDA, which else is gigabytes, from where its authors
have it, and ``UV_FIND_LINKS`` names a folder with wheels.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RESOLUTIONS = ("lowest-direct", "highest")
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "WANDB_MODE": "offline",
}
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"

EPISODE = """
import gymnasium as gym
import polyproof_gym

env = gym.make("PolyProof-v0", problem="random-stable-set:n=10", max_steps=20)
observation, info = env.reset(seed=0)
terminated = truncated = False
while not (terminated or truncated):
    action = env.action_space.sample(info["action_mask"])
    observation, reward, terminated, truncated, info = env.step(action)
assert env.unwrapped.proof().verify() is None
assert polyproof_gym.robustness.models.load_model("digits-quadratic", latent=8).labels
"""

LEARNED = """
import gymnasium as gym
import polyproof_gym
from agents import prove
from agents.dqn import MaskedDQN

assert prove(polyproof_gym.make_problem("random-stable-set:n=20,index=0"), "learned", max_steps=40).bound >= 3
env = gym.make("PolyProof-v0", problem="random-stable-set:n=8", max_steps=10)
MaskedDQN("MultiInputPolicy", env, buffer_size=100, learning_starts=10).learn(30)
"""

PICTURE = """
import gymnasium as gym
import polyproof_gym

env = gym.make("PolyProof-v0", problem="petersen", render_mode="rgb_array")
env.reset(seed=0)
assert env.render().ndim == 3
"""

ATTACK = """
from experiments.robustness.peers import foolbox_attack
from polyproof_gym.robustness.models import load_model

model = load_model("digits-quadratic", latent=8)
assert len(foolbox_attack("LinfDeepFoolAttack", model.latent_classifier, model.latents[:2])) == 2
"""

MODULE = """
import ray

from agents.ppo.rllib import ppo_config

ray.init("local", num_cpus=1, include_dashboard=False)
config = ppo_config({"problem": "cycle:n=3", "max_steps": 2}, network={"width": 8})
config.build_algo().train()
"""

PEERS = "import pyscipopt, z3"
SITE = "import furo, myst_nb, sphinx, sphinx_copybutton, sphinx_design"

ALWAYS: tuple[tuple[str, ...], ...] = (
    ("python", "-c", EPISODE),
    ("polyproof", "prove", "petersen", "--out", "proof.json"),
    ("polyproof", "verify", "proof.json"),
    ("polyproof", "prove", "petersen", "--agent", "dual-guided", "--out", "steps.json"),
    ("polyproof", "export", "proof.json", "--format", "html", "--out", "proof.html"),
    ("polyproof", "doctor"),
)
"""What works without any extra."""

TRAINING = ("--config", "quick.yaml", "--set", "updates=1", "--set", "trials.problems=2", "--set", "held_out=2")
CASES = ("--poly", "2*x + y", "--box", "x=0..1", "y=0..1", "--constraint", "16*x*y >= 1", "--agent", "cases")
TUNING = ("--set", "settings.step_size=uniform(0.5, 1)", "--samples", "2", "--processes", "2", "--out", "search")

USES: dict[str, tuple[tuple[str, ...], ...]] = {
    "agents": (("python", "-c", LEARNED), ("polyproof", "train", *TRAINING)),
    "render": (("python", "-c", PICTURE),),
    "robustness": (("python", "-m", "experiments.robustness.training", "iris", "--out", "models"),),
    "symmetry": (("polyproof", "prove", "petersen", "--agent", "orbits:level=4"),),
    "completion": (("register-python-argcomplete", "polyproof"),),
    "attacks": (("python", "-c", ATTACK),),
    "docs": (("python", "-c", SITE),),
}
"""What each extra is for that goes with all other ones."""

USES_ALONE: dict[str, tuple[tuple[str, ...], ...]] = {
    "agents,wandb": (("polyproof", "train", *TRAINING, "--log", "wandb:packages"),),
    "ray": (("polyproof", "prove", *CASES, "--executor", "ray", "--processes", "2", "--out", "cases.json"),),
    "tune": (("python", "-m", "experiments.tune", *TRAINING, *TUNING),),
    "rllib": (("python", "-c", MODULE),),
    "bench": (("python", "-c", PEERS),),
}
"""What the other ones are for: they are large, and RLlib goes with no newer Gymnasium."""

REFUSED: dict[str, tuple[str, ...]] = {
    "agents": ("polyproof", "evaluate"),
    "render": ("polyproof", "replay", "steps.json", "--out", "proof.gif"),
    "robustness": ("python", "-m", "experiments.robustness.training", "iris", "--out", "models"),
    "symmetry": ("polyproof", "prove", "petersen", "--agent", "orbits:level=4"),
}
"""What says which extra to install where it is missing."""

DATA = (
    "agents/py.typed",
    "agents/pretrained/learned/weights.npz",
    "agents/pretrained/learned-polynomials/weights.npz",
    "experiments/configs/quick.yaml",
    "polyproof_gym/py.typed",
    "polyproof_gym/proofs/exports/page.css",
    "polyproof_gym/robustness/models/classifiers/digits-quadratic.json",
)
"""Some of what ships beside the code."""

SOURCE_TESTS = (
    "tests/polyproof_gym/polynomials",
    "tests/polyproof_gym/proofs/test_checker.py",
    "tests/experiments/test_cli.py",
)
"""Quick tests that are run from the unpacked source archive."""


class Archives(NamedTuple):
    """What is published."""

    wheel: Path
    source: Path


def run(*words: str | Path, cwd: Path = ROOT, path: str = "", status: Sequence[int] = (0,)) -> str:
    """Run a program; what it writes.

    Args:
        words: The program and its arguments.
        cwd: Where it runs.
        path: A folder in which programs are looked for first.
        status: What it may end with.
    """
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment |= {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}", **SETTINGS}
    command = [*map(str, words)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode in status, f"{' '.join(command)[:300]}\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


def require_uv() -> None:
    """Skip the test where there is no uv."""
    if shutil.which("uv") is None:
        pytest.skip("needs uv")


def resolve(python: str, resolution: str, extras: Iterable[str], versions: Path) -> None:
    """Choose versions of all that is needed.

    Args:
        python: For which Python, as an option of ``uv pip compile``.
        resolution: One of :data:`RESOLUTIONS`.
        extras: The extras.
        versions: Where they are written.
    """
    # Of versions that this Python has no wheels of, such as NumPy 1.26 for 3.13, nothing is asked.
    words: list[str | Path] = ["uv", "pip", "compile", "--quiet", "--upgrade", "--only-binary=:all:", python]
    words += [f"--resolution={resolution}", *(f"--extra={name}" for name in extras), f"--output-file={versions}"]
    if resolution == "highest":  # of PyTorch, as in the Makefile, the one that is installed anyway
        torch = versions.with_name("torch.txt")
        lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        torch.write_text("\n".join(line for line in lines if line.startswith("torch==")), encoding="utf-8")
        words.append(f"--constraints={torch}")
    run(*words, "pyproject.toml")


def interpreter(python: str) -> str | None:
    """Where a version of Python is, if it is there.

    Commands that pyenv has on the path fail but for the versions that are chosen, and uv ends at the first that fails;
    what pyenv has installed works.
    """
    folders = (str(folder) for folder in sorted(PYENV.glob(f"{python}.*/bin")))
    environment = {**os.environ, "PATH": os.pathsep.join([*folders, os.environ["PATH"]])}
    command = ["uv", "python", "find", "--no-project", python]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return None if found.returncode else found.stdout.strip()


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    """Both archives, the wheel made from the source archive."""
    require_uv()
    folder = tmp_path_factory.mktemp("archives")
    run("uv", "build", "--quiet", "--out-dir", folder)
    return Archives(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


def declared_extras() -> dict[str, list[str]]:
    """The extras of ``pyproject.toml``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, list[str]] = project["optional-dependencies"]
    return found


class Environment:
    """An environment that holds the wheel and what it needs, and nothing else."""

    def __init__(self, folder: Path, python: str, resolution: str, wheel: Path) -> None:
        """Make it, empty.

        Args:
            folder: The folder for it, and for what programs write.
            python: The version of Python.
            resolution: One of :data:`RESOLUTIONS`.
            wheel: The wheel.
        """
        self.folder = folder
        self._bin, self._resolution, self._wheel = folder / "environment" / "bin", resolution, wheel
        found = interpreter(python)
        if found is None:
            pytest.skip(f"there is no Python {python}")
        run("uv", "venv", "--quiet", "--python", found, self._bin.parent)

    @property
    def _python(self) -> Path:
        return self._bin / "python"

    def install(self, *extras: str) -> None:
        """Have the wheel with some extras, and nothing that other ones have brought."""
        shutil.rmtree(self.folder / "runs", ignore_errors=True)  # trainings that other extras have begun
        versions = self.folder / "versions.txt"
        resolve(f"--python={self._python}", self._resolution, extras, versions)
        versions.write_text(f"{versions.read_text(encoding='utf-8')}\n{self._wheel}\n", encoding="utf-8")
        run("uv", "pip", "sync", "--quiet", f"--python={self._python}", versions)

    def run(self, *words: str, status: Sequence[int] = (0,)) -> str:
        """Run a program of the environment, outside of the repository."""
        return run(self._bin / words[0], *words[1:], cwd=self.folder, path=str(self._bin), status=status)

    def completed(self, commands: Iterable[Sequence[str]]) -> int:
        """How many commands have ended well, one after the other; the first that does not fails the test."""
        return len([self.run(*command) for command in commands])


@pytest.fixture(scope="module", params=[(p, r) for p in PYTHONS for r in RESOLUTIONS], ids=" ".join)
def environment(
    request: pytest.FixtureRequest, archives: Archives, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """The environments, one after the other; they are removed, as they are large."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copy(ROOT / "experiments" / "configs" / "quick.yaml", folder)
    python, resolution = request.param
    yield Environment(folder, python, resolution, archives.wheel)
    shutil.rmtree(folder)


@pytest.mark.packages
def test_what_ships_is_in_the_archives(archives: Archives) -> None:
    with zipfile.ZipFile(archives.wheel) as wheel:
        assert {*DATA} - {*wheel.namelist()} == set()
    with tarfile.open(archives.source) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {
        *DATA,
        "README.md",
        "CHANGELOG.md",
        "docs/index.md",
        "examples/meetings.col",
        "tests/conftest.py",
    } - names == set()
    run("twine", "check", "--strict", *archives)


@pytest.mark.packages
@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("python", PYTHONS)
def test_there_are_wheels_of_all_that_is_needed(python: str, resolution: str, tmp_path: Path) -> None:
    """For a Python that is not here, too."""
    require_uv()
    for extras in ((*USES,), *(extra.split(",") for extra in USES_ALONE)):
        versions = tmp_path / "versions.txt"
        resolve(f"--python-version={python}", resolution, extras, versions)
        assert {"clarabel", "gymnasium", "highspy", "numpy"} <= set(
            re.findall(r"^([\w-]+)==", versions.read_text(encoding="utf-8"), re.MULTILINE)
        )
        versions.unlink()


@pytest.mark.packages
def test_the_wheel_alone_works_and_says_what_extras_are_for(environment: Environment) -> None:
    environment.install()
    for command in ALWAYS:
        environment.run(*command)
    for name, command in REFUSED.items():
        said = environment.run(*command, status=(2,)).splitlines()
        assert f"pip install 'polyproof-gym[{name}]'" in said[-1]


@pytest.mark.packages
@pytest.mark.parametrize("extra", [*USES, *USES_ALONE])
def test_an_extra_does_what_it_is_for(extra: str, environment: Environment) -> None:
    environment.install(*extra.split(","))
    commands = (USES | USES_ALONE)[extra]
    assert environment.completed(commands) == len(commands) > 0


@pytest.mark.packages
def test_all_extras_work_together(environment: Environment) -> None:
    environment.install(*USES)
    commands = (*ALWAYS, *(command for commands in USES.values() for command in commands))
    assert environment.completed(commands) == len(commands)


@pytest.mark.packages
def test_tests_pass_in_the_source_archive(archives: Archives, tmp_path: Path) -> None:
    environment = Environment(tmp_path, "3.11", "highest", archives.wheel)
    environment.install("agents", "dev")
    with tarfile.open(archives.source) as source:
        source.extractall(tmp_path, filter="data")
    folder = next(tmp_path.glob("polyproof_gym-*"))
    tests = (str(folder / test) for test in SOURCE_TESTS)
    words = ("python", "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--rootdir", str(folder), *tests)
    assert " passed" in environment.run(*words)
    shutil.rmtree(tmp_path)


def test_every_extra_is_tried() -> None:
    tried = {name for extra in (*USES, *USES_ALONE) for name in extra.split(",")}
    assert set(declared_extras()) - tried == {"dev"}
