"""A file that one process at a time goes on with: two would overwrite each other's results."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from polyproof_gym import BadInput


class FileLock:
    """Keeps other processes of this machine from a file, as long as this one runs and keeps the lock.

    What is locked is an empty file in the folder for temporary files, since the file itself is replaced when it is
    written. However the process ends, it is free then: record locks of POSIX are not inherited by forked processes,
    which may live a little longer. Where no such file can be made, nothing is locked.
    """

    def __init__(self, path: Path) -> None:
        """Lock a file, which need not be there.

        Args:
            path: The file.

        Raises:
            BadInput: If another process has it.
        """
        self._handle: int | None = None
        with suppress(OSError, ValueError):
            name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
            file = Path(tempfile.gettempdir()) / f"polyproof-{name}.lock"
            self._handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if self._handle is None:
            return
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # POSIX allows both
            raise BadInput(f"{path}: another process is writing it") from None
        except OSError:  # a file system without locks
            pass

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
