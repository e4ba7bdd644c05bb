"""A file that one process at a time goes on with: two would overwrite each other's results."""

from __future__ import annotations

import errno
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
        self._owner = os.getpid()
        name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
        self._file = Path(tempfile.gettempdir()) / f"polyproof-{name}.lock"
        with suppress(OSError):
            while not self._is_locked(path):
                pass

    def _is_locked(self, path: Path) -> bool:
        """Lock the file; whether it is still there, since whoever had it may have removed it meanwhile.

        Raises:
            BadInput: If another process has it.
            OSError: If nothing can be locked.
        """
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in (errno.EACCES, errno.EAGAIN):  # POSIX allows both
                raise BadInput(f"{path}: another process is writing it") from None
            raise
        if self._file.exists() and os.path.samestat(os.fstat(handle), self._file.stat()):
            self._handle = handle
            return True
        os.close(handle)
        return False

    def __del__(self) -> None:
        if self._handle is None:
            return
        if os.getpid() == self._owner:
            self._file.unlink(missing_ok=True)
        os.close(self._handle)
