"""Machine code of Numba functions."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import carray, cfunc, njit, types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic
from numba.np.numpy_support import as_dtype

from polyproof_gym.compiled.loading import DATA, DIMENSIONS, DTYPE, FLAGS, HEAD, LETTERS, SHAPE, WORD, MachineCode

_C_CONTIGUOUS, _ALIGNED, _WRITEABLE = 0x1, 0x100, 0x400
"""Flags of NumPy arrays."""

_Function = Callable[..., Any]


def functions(package: str) -> dict[str, Any]:
    """The Numba functions of a package's loops, by name: those of its subpackage ``kernels`` without an underscore."""
    kernels = import_module(f"{package}.kernels")
    found = {}
    for module in pkgutil.iter_modules(kernels.__path__, f"{kernels.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            if getattr(value, "__module__", None) == module.name and callable(value) and not name.startswith("_"):
                found[name] = value
    return found


def build(package: str) -> MachineCode:
    """Compile a package's loops."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )
    kernels = functions(package)
    first, *others = (_module(name, kernel, machine) for name, kernel in kernels.items())
    for other in others:
        first.link_in(other)
    return MachineCode(tuple(kernels), machine.emit_object(first))


def _module(name: str, kernel: Dispatcher, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """A function that Python can call, as an LLVM module with nothing else in it than what that needs."""
    callable_ = cfunc(types.intp(types.intp, types.CPointer(types.intp), types.intp))(_callable(kernel))
    module = llvm.parse_assembly(callable_.inspect_llvm())
    for value in [*module.functions, *module.global_variables]:
        if value.name == callable_.native_name:
            value.name = name
        elif not value.is_declaration:
            value.linkage = llvm.Linkage.internal
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(module, passes)
    return module


# Python's C interface. Objects are given as their addresses.

_as_int = types.ExternalFunction("PyLong_AsLongLong", types.int64(types.intp))
_as_float = types.ExternalFunction("PyFloat_AsDouble", types.float64(types.intp))
_as_truth = types.ExternalFunction("PyObject_IsTrue", types.int32(types.intp))
_from_int = types.ExternalFunction("PyLong_FromLongLong", types.intp(types.int64))
_error = types.ExternalFunction("PyErr_Occurred", types.intp())
_type_error = types.ExternalFunction("PyErr_BadArgument", types.int32())
_release_lock = types.ExternalFunction("PyEval_SaveThread", types.intp())
_take_lock = types.ExternalFunction("PyEval_RestoreThread", types.void(types.intp))


def _callable(kernel: Dispatcher) -> _Function:
    """A function ``(type of arrays, address of the addresses of the arguments, their number)`` that calls a kernel.

    It returns the address of the result, or 0 after it has set an error. Numba compiles no loops over arguments of
    different types, so the code is written out.
    """
    names: dict[str, Any] = {
        "carray": carray,
        "kernel": kernel,
        "error": _error,
        "type_error": _type_error,
        "release_lock": _release_lock,
        "take_lock": _take_lock,
        "from_int": _from_int,
    }
    lines = ["def call(array_type, addresses, count):"]
    for number, signature in enumerate(kernel.nopython_signatures):
        readers = [_reader(argument) for argument in signature.args]
        for k, (fits, value) in enumerate(readers):
            names |= {f"fits_{number}_{k}": fits, f"value_{number}_{k}": value}
        fitting = [f"fits_{number}_{k}(arguments[{k}], array_type)" for k in range(len(readers))]
        values = [f"value_{number}_{k}(arguments[{k}])" for k in range(len(readers))]
        lines += [
            f"    arguments = carray(addresses, {len(readers)})",
            f"    if count == {len(readers)} and {' and '.join(fitting)}:",
            *(f"        value_{k} = {value}" for k, value in enumerate(values)),
            "        if error() != 0:",
            "            return 0",
            "        lock = release_lock()",
            f"        result = kernel({', '.join(f'value_{k}' for k in range(len(readers)))})",
            "        take_lock(lock)",
            f"        return from_int({0 if signature.return_type == types.none else 'result'})",
        ]
    lines += ["    type_error()", "    return 0"]
    exec("\n".join(lines), names)
    function: _Function = names["call"]
    return function


@cache
def _reader(argument: types.Type) -> tuple[_Function, _Function]:
    """Two Numba functions: whether an object can be an argument of a type, and what it is then.

    Whether an object is a number is known when it has been read.
    """
    if isinstance(argument, types.Array):
        return _array_reader(argument)
    convert = _as_float if isinstance(argument, types.Float) else _as_truth if argument == types.boolean else _as_int

    @njit
    def fits(address, array_type):  # type: ignore[no-untyped-def]
        return True

    @njit
    def value(address):  # type: ignore[no-untyped-def]
        return argument(convert(address))

    return fits, value


def _array_reader(array: types.Array) -> tuple[_Function, _Function]:
    dtype = as_dtype(array.dtype)
    dimensions, char, byteorder = array.ndim, ord(dtype.char), ord(dtype.byteorder)
    flags = _C_CONTIGUOUS | _ALIGNED | (_WRITEABLE if array.mutable else 0)

    @njit
    def fits(address, array_type):  # type: ignore[no-untyped-def]
        words = carray(_pointer(address), FLAGS + 1, np.intp)
        if words[HEAD - 1] != array_type:
            return False
        letters = carray(_pointer(words[DTYPE] + WORD * LETTERS), 3, np.uint8)
        return (
            carray(_pointer(address + WORD * DIMENSIONS), 1, np.intc)[0] == dimensions
            and letters[1] == char
            and letters[2] == byteorder
            and carray(_pointer(address + WORD * FLAGS), 1, np.intc)[0] & flags == flags
        )

    @njit
    def vector(address):  # type: ignore[no-untyped-def]
        words = carray(_pointer(address), FLAGS + 1, np.intp)
        return carray(_pointer(words[DATA]), carray(_pointer(words[SHAPE]), 1, np.intp)[0], dtype)

    @njit
    def matrix(address):  # type: ignore[no-untyped-def]
        words = carray(_pointer(address), FLAGS + 1, np.intp)
        shape = carray(_pointer(words[SHAPE]), 2, np.intp)
        return carray(_pointer(words[DATA]), (shape[0], shape[1]), dtype)

    return fits, vector if dimensions == 1 else matrix


@intrinsic
def _pointer(context: Any, address: types.Integer) -> tuple[Any, _Function]:
    """An address as a pointer."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.intp), write
