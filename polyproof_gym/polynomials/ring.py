"""Monomials and the quotient rings in which inequalities are kept in normal form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Monomial = tuple[int, ...]
"""A monomial as the sorted tuple of its variables' indices: ``x0^2 * x3`` is ``(0, 0, 3)``, and ``1`` is ``()``."""

ONE: Monomial = ()


def variables_of(monomials: Iterable[Monomial]) -> set[int]:
    """The indices of the variables that occur in some monomials."""
    return {i for monomial in monomials for i in monomial}


class Multiplication(dict[Monomial, "Monomial | None"]):
    """What multiplication by one variable makes of monomials, computed when first asked for; ``None`` is zero."""

    def __init__(self, ring: Ring, i: int) -> None:
        """The multiplication by ``x_i``, empty at first."""
        super().__init__()
        self._i = i
        self._annihilators = ring.exclusive_with(i)
        self._is_idempotent = i in ring.idempotent

    def __missing__(self, monomial: Monomial) -> Monomial | None:
        image: Monomial | None
        if not self._annihilators.isdisjoint(monomial):
            image = None
        elif self._is_idempotent and self._i in monomial:
            image = monomial
        else:
            image = tuple(sorted((*monomial, self._i)))
        self[monomial] = image
        return image


class _Multiplications(dict[int, Multiplication]):
    """Those by every variable, made when first asked for: large rings use few of them."""

    def __init__(self, ring: Ring) -> None:
        super().__init__()
        self._ring = ring

    def __missing__(self, i: int) -> Multiplication:
        self[i] = multiplication = Multiplication(self._ring, i)
        return multiplication


class Ring:
    """Polynomials in named variables, modulo monomial rewriting rules.

    Two rules are known, and either leaves a monomial or zero, so that every polynomial has one normal form:

    * ``x_i^2 = x_i`` for the *idempotent* variables (those that take the values 0 and 1);
    * ``x_i * x_j = 0`` for the *exclusive* pairs (in a stable set: the edges of the graph).

    Without rules this is the ordinary polynomial ring. A ring compares by value and never changes; the table of
    interned products inside it is a cache, which copies of a ring share.

    Attributes:
        variables: The names, in order; everywhere else a variable is its index in this tuple.
        idempotent: Indices of the variables with ``x_i^2 = x_i``.
        exclusion_matrix: Which pairs of variables have the product zero, shape ``(variables, variables)``. Not to be
            changed.
    """

    def __init__(
        self,
        variables: Sequence[str],
        idempotent: Iterable[int] = (),
        exclusive: Iterable[tuple[int, int]] | NDArray[np.integer] = (),
    ) -> None:
        """Build the ring.

        Args:
            variables: The names.
            idempotent: Indices of the variables with ``x_i^2 = x_i``.
            exclusive: The exclusive pairs in any order; as an array, of shape ``(pairs, 2)``.

        Raises:
            ValueError: If a name occurs twice, an index is out of range, or a pair has equal members.
        """
        self.variables = tuple(variables)
        self.idempotent = frozenset(idempotent)
        if len(set(self.variables)) != len(self.variables):
            raise ValueError("variable names must be distinct")
        n = len(self.variables)
        if not all(0 <= i < n for i in self.idempotent):
            raise ValueError("an idempotent variable is out of range")
        pairs = exclusive if isinstance(exclusive, np.ndarray) else np.array([*exclusive], np.intp)
        i, j = pairs.reshape(-1, 2).T
        if not (pairs.min(initial=0) >= 0 and pairs.max(initial=-1) < n and (i != j).all()):
            raise ValueError("an exclusive pair is out of range or names one variable twice")
        self.exclusion_matrix: NDArray[np.bool_] = np.zeros((n, n), np.bool_)
        self.exclusion_matrix[i, j] = self.exclusion_matrix[j, i] = True

    @cached_property
    def exclusive(self) -> frozenset[tuple[int, int]]:
        """Pairs ``(i, j)`` with ``i < j`` and ``x_i * x_j = 0``."""
        return frozenset(map(tuple, self.exclusive_pairs().tolist()))

    def exclusive_pairs(self) -> NDArray[np.intp]:
        """The same in ascending order as an array, shape ``(pairs, 2)``, which takes much less memory."""
        return np.argwhere(np.triu(self.exclusion_matrix))

    @cached_property
    def num_exclusive(self) -> int:
        """Number of exclusive pairs."""
        return int(np.count_nonzero(self.exclusion_matrix)) // 2

    @cached_property
    def _neighbours(self) -> dict[int, frozenset[int]]:
        return {}

    @cached_property
    def _by_variable(self) -> _Multiplications:
        return _Multiplications(self)

    @property
    def num_variables(self) -> int:
        """Number of variables."""
        return len(self.variables)

    @cached_property
    def indices(self) -> dict[str, int]:
        """The variables' indices by their names. Not to be changed."""
        return {name: i for i, name in enumerate(self.variables)}

    def exclusive_with(self, i: int) -> frozenset[int]:
        """Indices ``j`` with ``x_i * x_j = 0``."""
        known = self._neighbours.get(i)
        if known is None:
            known = self._neighbours[i] = frozenset(np.flatnonzero(self.exclusion_matrix[i]).tolist())
        return known

    def annihilators(self, monomial: Monomial) -> frozenset[int]:
        """Indices ``i`` with ``x_i * monomial = 0``."""
        return frozenset().union(*(self.exclusive_with(i) for i in monomial))

    def multiplication(self, i: int) -> Multiplication:
        """Multiplication by ``x_i``, as a table of monomials."""
        return self._by_variable[i]

    def times(self, monomial: Monomial, i: int) -> Monomial | None:
        """Normal form of ``monomial * x_i``; ``None`` stands for zero."""
        return self._by_variable[i][monomial]

    def product(self, a: Monomial, b: Monomial) -> Monomial | None:
        """Normal form of ``a * b``; ``None`` stands for zero."""
        if self.is_free:
            return tuple(sorted(a + b))
        result: Monomial | None = a
        for i in b:
            if result is None:
                return None
            result = self.times(result, i)
        return result

    @cached_property
    def is_free(self) -> bool:
        """Whether there are no rewriting rules."""
        return not self.idempotent and not self.exclusion_matrix.any()

    def normal_form(self, variables: Iterable[int]) -> Monomial | None:
        """Normal form of a product of variables in any order; ``None`` stands for zero."""
        monomial = tuple(sorted(variables))
        if self.is_free:
            return monomial
        distinct = dict.fromkeys(monomial)
        if len(distinct) > 1 and any(not self.exclusive_with(i).isdisjoint(distinct) for i in distinct):
            return None
        if self.idempotent.isdisjoint(distinct):
            return monomial
        return tuple(i for k, i in enumerate(monomial) if i not in self.idempotent or k == 0 or monomial[k - 1] != i)

    def format_monomial(self, monomial: Monomial) -> str:
        """The monomial as people write it: ``x1^2*x3``, or ``1``."""
        powers = {i: monomial.count(i) for i in monomial}
        factors = [self.variables[i] + (f"^{e}" if e > 1 else "") for i, e in powers.items()]
        return "*".join(factors) or "1"

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        return (self.variables, self.idempotent, np.packbits(self.exclusion_matrix).tobytes())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Ring) and self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __copy__(self) -> Ring:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Ring:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Ring, (self.variables, self.idempotent, self.exclusive_pairs())

    def __repr__(self) -> str:
        rules = f", {len(self.idempotent)} idempotent, {self.num_exclusive} exclusive pairs"
        return f"Ring({self.num_variables} variables{rules})"
