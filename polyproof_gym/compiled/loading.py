"""Python functions of machine code, through llvmlite and without Numba."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

WORD = ctypes.sizeof(ctypes.c_void_p)
"""The size of a pointer; what is known of objects below is given in words of this size."""

HEAD = object.__basicsize__ // WORD
"""Length of what every Python object begins with; the type is the last of it."""

DATA, DIMENSIONS, SHAPE, DTYPE, FLAGS = HEAD, HEAD + 1, HEAD + 2, HEAD + 5, HEAD + 6
"""Where an array, from the beginning of its object, has the fields of NumPy's ``PyArrayObject``."""

LETTERS = HEAD + 1
"""Where a data type has the letters ``kind``, ``char`` and ``byteorder``, as in NumPy's ``PyArray_Descr``."""

_METH_FASTCALL = 0x80


class MachineCode(NamedTuple):
    """An object file and the names of the functions in it, which Python can call (``METH_FASTCALL``).

    Their ``self`` is the type of NumPy arrays.
    """

    names: tuple[str, ...]
    object_file: bytes


class _MethodDefinition(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("documentation", ctypes.c_char_p),
    )


_loaded: list[object] = []
"""All that must live as long as the functions: machine code that is forgotten is unmapped."""


def is_possible() -> bool:
    """Whether arrays look in memory the way that the machine code expects."""
    if sys.implementation.name != "cpython" or WORD != 8:
        return False
    array = np.zeros((2, 3), np.int16)
    words = (ctypes.c_ssize_t * (FLAGS + 1)).from_address(id(array))
    letters = ctypes.string_at(id(array.dtype) + WORD * LETTERS, 3)
    return (
        words[HEAD - 1] == id(np.ndarray)
        and words[DATA] == array.ctypes.data
        and ctypes.c_int.from_address(id(array) + WORD * DIMENSIONS).value == 2
        and (ctypes.c_ssize_t * 2).from_address(words[SHAPE])[:] == [2, 3]
        and words[DTYPE] == id(array.dtype)
        and ctypes.c_int.from_address(id(array) + WORD * FLAGS).value == array.flags.num
        and letters.decode("latin-1") == array.dtype.kind + array.dtype.char + array.dtype.byteorder
    )


def load(code: MachineCode) -> SimpleNamespace:
    """The functions of machine code, by name.

    Raises:
        RuntimeError: If llvmlite cannot load it.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    linker = llvm.create_lljit_compiler()
    builder = llvm.JITLibraryBuilder().add_object_img(code.object_file).add_current_process()
    for name in code.names:
        builder.export_symbol(name)
    library = builder.link(linker, "kernels")
    _loaded.append(library)
    return SimpleNamespace(**{name: _function(name, library[name]) for name in code.names})


def _function(name: str, address: int) -> object:
    definition = _MethodDefinition(name.encode(), address, _METH_FASTCALL, None)
    _loaded.append(definition)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.argtypes, make.restype = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p), ctypes.py_object
    return make(ctypes.addressof(definition), np.ndarray, None)
