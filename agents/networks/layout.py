"""How the flat arrays of an observation are to be read."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from gymnasium import spaces

from agents.scoring.observation import candidate_spaces
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs import ProductNumbers

MAX_NUMBER = 2**24
"""Monomials or actions beyond this would not survive a rollout buffer that keeps whole numbers as float32."""

_KEYS = (
    "inequality_monomials",
    "inequality_coefficients",
    "num_inequalities",
    "monomials",
    "num_monomials",
    "objective",
    "exclusive",
    "idempotent",
    "bound",
    "step",
    "action_mask",
)
_LP_KEYS = ("multipliers", "pseudo_moments")


class ObservationLayout(NamedTuple):
    """Lengths of the padded arrays of an observation of ``PolyProof-v0``.

    Attributes:
        inequalities: ``K``, room for inequalities.
        terms: ``T``, room for terms of an inequality.
        monomials: ``M``, room for monomials.
        degree: ``D``, room for factors of a monomial.
        variables: ``N``, room for variables.
        max_steps: The step budget.
        has_lp_features: Whether observations tell what the linear program found.
        has_candidates: Whether they list candidates, see :mod:`agents.scoring.observation`.
    """

    inequalities: int
    terms: int
    monomials: int
    degree: int
    variables: int
    max_steps: int
    has_lp_features: bool
    has_candidates: bool = False

    @classmethod
    def of(cls, space: spaces.Space[Any]) -> ObservationLayout:
        """The layout of an observation space.

        Raises:
            BadInput: If it is not a space of ``PolyProof-v0``, has actions that are no products with a variable, or
                numbers more than :data:`MAX_NUMBER` monomials, or lists candidates of more actions.
        """
        if not isinstance(space, spaces.Dict) or not set(_KEYS) <= space.spaces.keys():
            raise BadInput(f"expected an observation space of PolyProof-v0, with {', '.join(_KEYS)}; got {space}")
        sizes = {key: cast("tuple[int, ...]", space[key].shape)[0] for key in _KEYS}
        inequalities, monomials = _largest(space["num_inequalities"]), _largest(space["num_monomials"])
        variables = sizes["idempotent"]
        products = len(ProductNumbers(inequalities, variables))
        if sizes["action_mask"] != products:
            raise BadInput(
                f"expected the {products} actions of the default rules,"
                f" got {sizes['action_mask']}: a network scores products with variables only"
            )
        has_candidates = candidate_spaces(0).keys() <= space.spaces.keys()
        for what, number in (("monomials", monomials), ("actions", sizes["action_mask"] if has_candidates else 0)):
            if number > MAX_NUMBER:
                raise BadInput(f"expected at most {MAX_NUMBER} {what}, got {number}")
        return cls(
            inequalities=inequalities,
            terms=sizes["inequality_monomials"] // inequalities,
            monomials=monomials,
            degree=sizes["monomials"] // monomials,
            variables=variables,
            max_steps=_largest(space["step"]),
            has_lp_features=all(key in space.spaces for key in _LP_KEYS),
            has_candidates=has_candidates,
        )

    @property
    def products(self) -> ProductNumbers:
        """The numbers of all actions."""
        return ProductNumbers(self.inequalities, self.variables)

    @property
    def num_actions(self) -> int:
        """Number of actions: products of every inequality with every variable and its complement."""
        return len(self.products)


def _largest(space: spaces.Space[Any]) -> int:
    assert isinstance(space, spaces.Box)
    return int(space.high.item())
