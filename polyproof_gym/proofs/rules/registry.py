"""Rules by name, as spec strings such as ``"products"`` name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from polyproof_gym.arguments import has_methods, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs.rules.constraints import ConstraintProducts
from polyproof_gym.proofs.rules.gaps import Gaps
from polyproof_gym.proofs.rules.products import VariableProducts
from polyproof_gym.proofs.rules.renamings import Renamings
from polyproof_gym.proofs.rules.rule import InferenceRule
from polyproof_gym.proofs.rules.splits import Splits
from polyproof_gym.proofs.rules.squares import Squares
from polyproof_gym.specs import Spec, split_specs, unknown


@dataclass(frozen=True)
class RuleEntry:
    """A rule that spec strings can name.

    Attributes:
        build: From the settings to the rule; raises ``BadInput`` on values out of range.
        summary: What it derives, in a few words.
        types: The keys that may follow the name, with the types of their values.
    """

    build: Callable[..., InferenceRule]
    summary: str
    types: Mapping[str, type] = field(default_factory=dict)


RULES: dict[str, RuleEntry] = {
    "products": RuleEntry(VariableProducts, "a known inequality times a variable, or times 1 minus a variable"),
    "constraints": RuleEntry(ConstraintProducts, "a known inequality times a constraint of the problem"),
    "squares": RuleEntry(Squares, "squares of polynomials, alone and times known inequalities", {"slots": int}),
    "gaps": RuleEntry(Gaps, "(x - k) (x - k - 1) >= 0 for integer variables x and whole numbers k"),
    "symmetries": RuleEntry(Renamings, "a known inequality renamed by a symmetry of the problem", {"generators": int}),
    "splits": RuleEntry(Splits, "two cases instead of one, of which each is proved on its own", {"leaves": int}),
}
"""Every rule that comes with the package."""

DEFAULT_RULES: tuple[InferenceRule, ...] = (VariableProducts(),)
"""Products with ``x_i`` and ``1 - x_i``: the rules of "Learning dynamic polynomial proofs"."""


def make_rules(given: Any) -> tuple[InferenceRule, ...]:
    """The rules that something stands for.

    Args:
        given: A list of spec strings and rules, or spec strings with commas between; ``None`` for the default rules.

    Raises:
        BadInput: If a name is unknown (with the closest match), or a setting is unknown, given twice or out of range;
            if a rule that comes with the package is given twice; or if what is given is something else.
    """
    if given is None:
        return DEFAULT_RULES
    parts = split_specs(given) if isinstance(given, str) else given
    if not (isinstance(parts, tuple | list) and all(isinstance(p, str) or has_methods(p, "open") for p in parts)):
        raise BadInput(f"expected a list of inference rules, got {shown(given)}")
    if not parts:
        raise BadInput("expected at least one inference rule")
    rules = tuple(_named(part) if isinstance(part, str) else part for part in parts)
    names = [Spec.of(name).name for name in rule_names(rules)]
    for name in names:
        if name in RULES and names.count(name) > 1:
            raise BadInput(f"expected every inference rule once, got {name!r} {names.count(name)} times")
    return rules


def _named(text: str) -> InferenceRule:
    spec = Spec.of(text)
    entry = RULES.get(spec.name)
    if entry is None:
        raise unknown("rule", spec.name, RULES)
    return entry.build(**spec.values(entry.types))


def rule_names(rules: Iterable[InferenceRule]) -> tuple[str, ...]:
    """What rules are called; of those that come with the package, the spec strings."""
    return tuple(str(getattr(rule, "name", type(rule).__name__)) for rule in rules)
