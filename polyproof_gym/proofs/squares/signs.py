"""Sign symmetries, which split the monomials of squares into classes.

Where changing the signs of some coordinates leaves the objective and the constraints as they are, every Gram matrix may
be averaged over these changes. Its entries between monomials that behave differently are then 0: one large block falls
into several small ones (Löfberg, "Pre- and post-processing sum-of-squares programs in practice", IEEE Trans. Autom.
Control 54, 2009).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from polyproof_gym.polynomials import Monomial, Polynomial
from polyproof_gym.proofs.squares.coordinates import Coordinates


class SignSymmetries:
    """The changes of signs of coordinates that leave a problem as it is.

    They are given by the parities that they leave: sets of coordinates, as bits, with an even number of changes.
    """

    def __init__(self, coordinates: Coordinates, fixed: Iterable[Polynomial], zero: Iterable[Polynomial]) -> None:
        """Find the symmetries of polynomials.

        Args:
            coordinates: The coordinates; where they are not centred, there are no symmetries.
            fixed: Polynomials that must stay the same, in unit coordinates.
            zero: Polynomials that may also change their sign as a whole.
        """
        self._coordinates = coordinates
        self._parities: list[int] = []
        if not coordinates.is_centred:
            return
        for polynomial in fixed:
            self._parities = _spanned(self._parities, self._of(polynomial))
        for polynomial in zero:
            first, *others = self._of(polynomial)
            self._parities = _spanned(self._parities, (first ^ other for other in others))

    def classes(self, localiser: Polynomial, basis: Sequence[Monomial]) -> list[tuple[Monomial, ...]]:
        """The monomials that behave alike under those symmetries that leave a localiser as it is, in their order."""
        if not self._coordinates.is_centred:
            return [tuple(basis)]
        parities = _spanned(self._parities, self._of(localiser))
        found: dict[int, list[Monomial]] = {}
        for monomial in basis:
            found.setdefault(_reduced(_parity(monomial), parities), []).append(monomial)
        return [*map(tuple, found.values())]

    def _of(self, polynomial: Polynomial) -> list[int]:
        return [_parity(monomial) for monomial in self._coordinates.terms_of(polynomial)]


def _parity(monomial: Monomial) -> int:
    """The coordinates that occur with an odd exponent, as bits."""
    parity = 0
    for i in monomial:
        parity ^= 1 << i
    return parity


def _spanned(basis: Sequence[int], further: Iterable[int]) -> list[int]:
    """A basis, the largest first and with different leading bits, of what both span over the field of two elements."""
    found = [*basis]
    for parity in further:
        rest = _reduced(parity, found)
        if rest:
            found = sorted([*found, rest], reverse=True)
    return found


def _reduced(parity: int, basis: Sequence[int]) -> int:
    """The same modulo a basis, which is 0 for what it spans."""
    for element in basis:
        parity = min(parity, parity ^ element)
    return parity
