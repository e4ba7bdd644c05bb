"""Machine code in files, from one process to the next."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from polyproof_gym.compiled.loading import MachineCode
from polyproof_gym.errors import BadInput

FOLDER = "POLYPROOF_CACHE_DIR"
"""The environment variable that names the folder to use, in place of those of :attr:`Store.folders`."""

_DIGEST_SIZE = 32


class Store:
    """Where the machine code of a package's loops is kept.

    There is one file for every processor and version of what compiled it. It tells from which sources it was made; when
    they have changed it is of no use, and is overwritten. Files are replaced as a whole, so that any number of
    processes may write the same one.

    Attributes:
        folders: Where the file may be: beside the sources if that can be written, else in the user's cache folder.
    """

    def __init__(self, package: str) -> None:
        """Find out what the file is called, and what it begins with.

        Args:
            package: The full name of the package.
        """
        import llvmlite
        import llvmlite.binding as llvm
        import numpy

        own, sources, numba = Path(__file__).parent, _folder(f"{package}.kernels"), _folder("numba")
        made_with = (
            sys.version,
            numpy.__version__,
            llvmlite.__version__,
            str((numba / "__init__.py").stat().st_mtime_ns),  # to read the version takes longer than all the rest
            llvm.get_host_cpu_name(),
            llvm.get_host_cpu_features().flatten(),
            str(sources.resolve()),
        )
        self._name = f"{package}-{_digest(*(part.encode() for part in made_with)).hex()[:16]}.machine-code"
        self._sources = _digest(
            *(path.read_bytes() for folder in (own, sources) for path in sorted(folder.glob("*.py")))
        )
        named = os.environ.get(FOLDER)
        self.folders = (Path(named),) if named else (sources / "__pycache__", *_user_caches())

    @property
    def path(self) -> Path | None:
        """The file, if there is one that is up to date."""
        return next((path for folder in self.folders if self._code_in(path := folder / self._name)), None)

    def read(self) -> MachineCode | None:
        """The machine code, if there is some that is up to date."""
        return next((code for folder in self.folders if (code := self._code_in(folder / self._name))), None)

    def _code_in(self, path: Path) -> MachineCode | None:
        try:
            content = path.read_bytes()
        except OSError:
            return None
        sources, digest, rest = (
            content[:_DIGEST_SIZE],
            content[_DIGEST_SIZE : 2 * _DIGEST_SIZE],
            content[2 * _DIGEST_SIZE :],
        )
        if sources != self._sources or digest != _digest(rest):
            return None
        names, _, object_file = rest.partition(b"\n")
        return MachineCode(tuple(names.decode().split()), object_file)

    @property
    def writable_folder(self) -> Path | None:
        """The first folder in which files can be made, if there is one; it is made if need be."""
        for folder in self.folders:
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK):
                return folder
        return None

    def write(self, code: MachineCode) -> None:
        """Keep machine code, if that is possible."""
        folder = self.writable_folder
        if folder is None:
            return
        from polyproof_gym.whole_file import write_whole_with

        rest = " ".join(code.names).encode() + b"\n" + code.object_file
        with suppress(BadInput):  # the disk is full, perhaps
            write_whole_with(folder / self._name, lambda file: file.write(self._sources + _digest(rest) + rest))


def _folder(package: str) -> Path:
    """The folder of a package, which is not loaded (its parents are)."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {package}")
    return Path(spec.submodule_search_locations[0])


def _user_caches() -> tuple[Path, ...]:
    """The folder for the user's caches, if there is a user with a home."""
    variable, below = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}.get(
        sys.platform, ("XDG_CACHE_HOME", ".cache")
    )
    try:
        folder = Path(os.environ.get(variable) or Path.home() / below)
    except RuntimeError:
        return ()
    return (folder / "polyproof-gym",)


def _digest(*parts: bytes) -> bytes:
    """One number for some texts, in their order."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
