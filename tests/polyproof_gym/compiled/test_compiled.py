"""A package with small loops, which are quick to compile, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polyproof_gym
from polyproof_gym.compiled import Store, kernels

ROOT = Path(polyproof_gym.__file__).parents[1]
NOTICE = "compiling the inner loops"

ONE_LOOP = """
import numpy as np
from numba import njit, types


@njit("int64(int64)", nogil=True, error_model="numpy")
def _square(number):
    return number * number


@njit("int64(int32[::1])", nogil=True, error_model="numpy")
def sum_of_squares(values):
    total = 0
    for value in values:
        total += _square(value)
    return total
"""

MORE_LOOPS = """
read_only = types.Array(types.int32, 1, "C", readonly=True)


@njit([types.void(types.boolean, types.float64, t[:, ::1]) for t in (types.int16, types.float32)], error_model="numpy")
def fill(only_first, value, table):
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            if not only_first or i + j == 0:
                table[i, j] = value


@njit(types.boolean(read_only, types.int64), error_model="numpy")
def contains(values, number):
    for value in values:
        if value == number:
            return True
    return False
"""


class Package:
    """A package ``NAME`` with loops, in a folder of its own."""

    def __init__(self, folder: Path, name: str, source: str = ONE_LOOP) -> None:
        self.folder, self.name, self.cache = folder, name, folder / "cache"
        self._module = folder / name / "kernels" / "loops.py"
        self._module.parent.mkdir(parents=True)
        for path in (folder / name, self._module.parent):
            (path / "__init__.py").touch()
        self.write(source)

    def write(self, source: str) -> None:
        """Change the loops."""
        self._module.write_text(source)

    def begin(self, expression: str, **environment: str) -> subprocess.Popen[str]:
        """Start a process that prints an expression of the loops ``k`` and whether Numba was loaded, as JSON."""
        code = (
            "import json, sys; import numpy as np; from polyproof_gym.compiled import kernels\n"
            f"k = kernels({self.name!r}); print(json.dumps([{expression}, 'numba' in sys.modules]))"
        )
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "POLYPROOF_CACHE_DIR": str(self.cache), **environment}
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            cwd=self.folder,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, expression: str, **environment: str) -> tuple[Any, bool, str]:
        """The value of an expression, whether Numba was loaded, and what was said on standard error."""
        process = self.begin(expression, **environment)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        value, has_numba = json.loads(out)
        return value, has_numba, err


SUM = "k.sum_of_squares(np.arange(4, dtype=np.int32))"


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return Package(tmp_path, "small")


def test_loops_are_compiled_once_and_then_loaded_without_numba(package: Package) -> None:
    value, has_numba, err = package.run(SUM)
    assert (value, has_numba) == (14, True)
    assert err.count("\n") == 1
    assert NOTICE in err
    assert "once per machine" in err
    assert package.run(SUM) == (14, False, "")


def test_changed_loops_are_compiled_anew(package: Package) -> None:
    package.run(SUM)
    package.write(ONE_LOOP.replace("number * number", "number + 1"))
    value, has_numba, err = package.run(SUM)
    assert (value, has_numba) == (10, True)
    assert NOTICE in err
    assert len([*package.cache.iterdir()]) == 1


@pytest.mark.parametrize(
    "damage", [lambda content: b"", lambda content: content[:-1], lambda content: content[:100] + bytes(200)]
)
def test_damaged_files_are_written_anew(package: Package, damage: Callable[[bytes], bytes]) -> None:
    package.run(SUM)
    (file,) = package.cache.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert package.run(SUM)[:2] == (14, True)
    assert package.run(SUM) == (14, False, "")


def test_without_a_folder_that_can_be_written(package: Package) -> None:
    package.cache.touch()
    for _ in range(2):
        value, has_numba, err = package.run(SUM)
        assert (value, has_numba) == (14, True)
        assert err.count("\n") == 1
        assert NOTICE in err
        assert "cannot be kept" in err


def test_without_a_home(package: Package) -> None:
    (package.folder / "small" / "kernels" / "__pycache__").touch()
    settings = {"POLYPROOF_CACHE_DIR": "", "PYTHONDONTWRITEBYTECODE": "1"}
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"), f"{package.folder}/cache/none")
    package.cache.touch()
    value, _, err = package.run(SUM, **settings, **nowhere)
    assert value == 14
    assert "cannot be kept" in err


def test_processes_that_compile_at_the_same_time(package: Package) -> None:
    processes = [package.begin(SUM) for _ in range(2)]
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert json.loads(out)[0] == 14
    assert package.run(SUM) == (14, False, "")
    assert len([*package.cache.iterdir()]) == 1


@pytest.mark.parametrize(
    ("setting", "kind"), [("NUMBA_BOUNDSCHECK", "CPUDispatcher"), ("NUMBA_DISABLE_JIT", "function")]
)
def test_where_checks_of_numba_are_wanted_loops_are_its_own(package: Package, setting: str, kind: str) -> None:
    value, _, _ = package.run("type(k.sum_of_squares).__name__", **{setting: "1"})
    assert value == kind
    value, _, _ = package.run("type(k.sum_of_squares).__name__", **{setting: "0"})
    assert value == "builtin_function_or_method"


def test_loops_that_need_numba_at_hand_run_with_it(tmp_path: Path) -> None:
    source = """
import numpy as np
from numba import njit


@njit("int64(int64)")
def length(number):
    return len(np.zeros(number))
"""
    value, has_numba, err = Package(tmp_path, "allocating", source).run("k.length(3)")
    assert (value, has_numba) == (3, True)
    assert "Traceback" not in err


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The loops in this process."""
    package = Package(tmp_path_factory.mktemp("loops"), "small_loops", ONE_LOOP + MORE_LOOPS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(package.folder)
        patch.setenv("POLYPROOF_CACHE_DIR", str(package.cache))
        return kernels("small_loops")


def test_results_are_whole_numbers(loops: Any) -> None:
    values = np.array([3, -4], np.int32)
    assert loops.sum_of_squares(values) == 25
    assert loops.sum_of_squares(values[:0]) == 0
    assert loops.contains(values, 3) == 1
    assert loops.contains(values, np.int64(4)) == 0
    assert loops.fill(True, 1.5, np.zeros((2, 2), np.float32)) == 0


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize(
    ("only_first", "value"), [(False, 2), (True, 2.0), (np.True_, np.float32(2.0)), (0, np.int8(2))]
)
def test_arrays_of_each_type_are_changed_in_place(loops: Any, dtype: Any, only_first: Any, value: Any) -> None:
    table = np.ones((3, 2), dtype)
    loops.fill(only_first, value, table)
    assert table.tolist() == ([[2, 1], [1, 1], [1, 1]] if only_first else [[2, 2]] * 3)


def test_arrays_that_are_only_read_may_be_read_only(loops: Any) -> None:
    values = np.arange(3, dtype=np.int32)
    values.setflags(write=False)
    assert loops.contains(values, 2) == 1
    with pytest.raises(TypeError):
        loops.sum_of_squares(values)


@pytest.mark.parametrize(
    "wrong",
    [
        np.arange(3, dtype=np.int64),
        np.arange(3, dtype=np.uint32),
        np.arange(3, dtype=np.float32),
        np.arange(3, dtype=">i4"),
        np.arange(6, dtype=np.int32)[::2],
        np.zeros((1, 3), np.int32),
        np.array(3, np.int32),
        np.zeros(13, np.int8)[1:].view(np.int32),
        np.arange(3, dtype=np.int32).view(np.matrix),
        [1, 2, 3],
        3,
        None,
        "text",
    ],
    ids=repr,
)
def test_arrays_of_other_types_are_refused(loops: Any, wrong: Any) -> None:
    with pytest.raises(TypeError):
        loops.sum_of_squares(wrong)


@pytest.mark.parametrize("arguments", [(), (np.arange(3, dtype=np.int32),), (np.arange(3, dtype=np.int32), 1, 2)])
def test_other_numbers_of_arguments_are_refused(loops: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        loops.contains(*arguments)


@pytest.mark.parametrize(
    ("wrong", "error"), [("2", TypeError), (None, TypeError), (2.5, TypeError), (2**64, OverflowError)]
)
def test_other_things_than_numbers_are_refused(loops: Any, wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        loops.contains(np.arange(3, dtype=np.int32), wrong)


@pytest.mark.parametrize("package", ["polyproof_gym.problems", "polyproof_gym.proofs", "polyproof_gym.envs", "agents"])
def test_all_loops_are_machine_code(package: str) -> None:
    found = vars(kernels(package))
    assert found
    assert {type(function) for function in found.values()} == {type(len)}
    assert Store(package).path is not None
