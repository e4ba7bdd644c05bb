"""The largest radius up to which a polynomial classifier provably keeps its label, by bisection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from agents.agent import Agent
from agents.certified_radius.methods import (
    AgentMethod,
    AlignedMethod,
    EllipsoidMethod,
    Margin,
    Method,
    ProductsMethod,
    SquaresMethod,
)
from polyproof_gym import stopping
from polyproof_gym.arguments import exact, file_path, finite, instance_of, one_of, seed_number, shown, truth, whole
from polyproof_gym.errors import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.robust_margin import NORMS, Norm
from polyproof_gym.proofs import Proof, ProofTree
from polyproof_gym.robustness.box_relaxation import is_small, num_products
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.maps import exact_point
from polyproof_gym.robustness.neighbourhood import Metric, Neighbourhoods, moved_variables
from polyproof_gym.whole_file import write_whole

UPPER = 4
"""The largest radius that is tried, by default; latent points are mostly within that of 0."""

ROUNDS = 30
"""The most radii that are tried for one rival, by default."""

TOLERANCE = Fraction(1, 1024)
"""Relative width of the bracket at which bisection ends, by default."""

FINEST = Fraction(1, 4096)
"""The smallest such width."""

SMALLEST = Fraction(1, 1024)
"""Share of the first radius tried for a rival below which nothing is tried any more."""

RADIUS_BITS = 16
"""Binary places of a radius, from its first one on; it is rounded down."""

LARGEST = 10**100
"""The largest coefficients of margins near a point, and the largest radius: they are compared in floats."""

STEPS = 200
"""The most steps of an agent for one margin, by default."""

MORE_PRODUCTS = 1000
"""Up to so many products, those with one factor more than the degree are tried as well."""

SQUARES_SECONDS = 20
"""The most time for squares of one margin on a ball or an ellipsoid, of degree more than 2."""

MORE_SQUARES_SECONDS = 1
"""The most time for squares of one margin where the usual methods have come to an end."""

FIRST_GAIN = Fraction(1, 128)
"""By which share of the radius that is proved before squares are to prove more, for them to be used any further."""


@dataclass(frozen=True, eq=False)
class CertifiedRadius:
    """A radius up to which the margin over every rival is positive, with the proofs.

    No point within the radius, nor at it, has another label, however ties are decided.

    Attributes:
        radius: The radius, exact; 0 where nothing is proved, or the point itself has not the label.
        label: The class whose margins are meant.
        point: The exact point.
        norm: How distances are measured.
        metric: The matrix of the distance, if it is that of an ellipsoid.
        proofs: For every rival a proof that the margin is positive up to the radius, or up to a larger one; none with
            the radius 0.
        reach: For every proof the radius that it is for.
        ceiling: A radius for which no proof was found, or, as far as floats tell, would be; the largest that was to be
            tried where this is proved.
        rounds: How many radii were tried, those for every rival counted.
        seconds: How long that took.
        is_complete: Whether the bisection went as far as it was to, without being stopped.
    """

    radius: Rational
    label: int
    point: tuple[Rational, ...]
    norm: Norm
    metric: Metric | None
    proofs: Mapping[int, Proof | ProofTree]
    reach: Mapping[int, Rational]
    ceiling: Rational
    rounds: int
    seconds: float
    is_complete: bool

    def verify(self, classifier: PolynomialClassifier | None = None) -> None:
        """Let the independent checker replay all proofs.

        It knows the problems of the proofs only. That these are the ones in question is seen with the classifier.

        Args:
            classifier: Where it is given, the margins over all rivals around the point are made from it once more, and
                the problems of the proofs are compared with them.

        Raises:
            BadInput: If it is no classifier, or the point is none of its inputs.
            InvalidProof: If a proof does not hold, is missing, proves too little, or is one of something else.
            ResourceLimit: If one is beyond the limits of the checker.
        """
        if classifier is not None:
            self._compare(instance_of(classifier, PolynomialClassifier, "classifier"))
        for rival, proof in self.proofs.items():
            proof.verify()
            if proof.bound <= 0:
                raise InvalidProof(f"the margin over class {rival} is not proved to be positive")

    def _compare(self, classifier: PolynomialClassifier) -> None:
        """Check that the problems of the proofs are those of the margins of a classifier.

        Raises:
            InvalidProof: If they are not.
        """
        if not self.radius:
            return
        if self.label >= classifier.num_classes:
            raise InvalidProof(f"the classifier has no class {self.label}")
        point = exact_point(self.point, classifier.num_inputs)
        around = Neighbourhoods(point, self.norm, self.metric, classifier.clip)
        variables = classifier.map.variables
        for rival in range(classifier.num_classes):
            if rival == self.label:
                continue
            reach = self.reach.get(rival, 0)
            if rival not in self.proofs or reach < self.radius:
                raise InvalidProof(f"there is no proof for the margin over class {rival} up to the radius")
            scores = classifier.expanded(around.coordinates(variables, reach))
            problem = self.proofs[rival].problem
            expected = around.problem(problem.name, scores[self.label] - scores[rival], variables, reach)
            added = [axiom for axiom in problem.axioms if axiom not in expected.axioms]
            if not _is_alike(problem, expected) or not all(
                _holds_on_ball(problem.in_own_coordinates(axiom), around, reach) for axiom in added
            ):
                raise InvalidProof(f"the proof for the margin over class {rival} is one of something else")

    def save(self, directory: str | Path) -> list[Path]:
        """Write the proofs to files ``rival-0.json`` and so on.

        Args:
            directory: Where; it is made if it is not there.

        Returns:
            The files.

        Raises:
            BadInput: If they cannot be written.
            InvalidProof: If a proof does not hold.
        """
        folder = file_path(directory)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be made ({error.strerror})") from None
        files = []
        for name, text in self.files().items():
            files.append(folder / name)
            write_whole(files[-1], text)
        return files

    def files(self) -> dict[str, str]:
        """What :meth:`save` writes: the texts of the proofs by the names of their files.

        Raises:
            InvalidProof: If a proof does not hold.
            ResourceLimit: If one is too large for the limits of the checker.
        """
        return {f"rival-{rival}.json": proof.to_file() for rival, proof in self.proofs.items()}


@dataclass(frozen=True)
class Probe:
    """One round of the bisection.

    Attributes:
        rival: The rival whose margin was to be proved.
        radius: The radius that was tried.
        is_proved: Whether a proof was found, and valid.
    """

    rival: int
    radius: Fraction
    is_proved: bool


def certified_radius(
    classifier: PolynomialClassifier,
    point: Any,
    *,
    norm: Norm = "inf",
    metric: Any = None,
    squares: bool = True,
    label: int | None = None,
    agent: Agent | str = "auto",
    max_steps: int = STEPS,
    upper: Any = UPPER,
    tolerance: Any = TOLERANCE,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    seed: int = 0,
    on_probe: Callable[[Probe], None] | None = None,
) -> CertifiedRadius:
    """Prove up to which radius around a point a classifier keeps its label.

    The radius is found by bisection between 0 and ``upper``, against all rivals, and by nothing but proofs: no attack
    is made, and none is looked at. By default these methods are used, each from where the one before has come to:

    - on boxes, all products of as many bounds as the degree of the margins, or one more where these are few; then, if
      they prove a radius that is larger by 1/128, squares from semidefinite programs that take up to a second; where
      there are very many products, these one by one, as ``dual-guided`` finds them, and no squares;
    - on balls and ellipsoids, for degree 2, the S-lemma: the constraint and squares of affine forms; or, on balls and
      without squares, products of linear inequalities that hold on the ball, which reach less far;
    - on these, for a higher degree, squares from semidefinite programs, which take long.

    Their linear and eigenvalue problems tell in floats about where the bisection will end, which is tried first.

    Where the classifier has a clip, the point is clipped as well, and the margins of the polynomials are proved in the
    part of the neighbourhood that is in the clip's box. That is enough: the scores of a point outside are those of its
    projection on the box, which is no further away. (With a metric it may be; then it is the distance of the projection
    that counts, which for ``W'W`` is still that of the data.) Where balls of degree 2 are cut, squares go on as above.

    Args:
        classifier: The classifier.
        point: The point, a list, an array or a tensor; decimals mean what is written.
        norm: ``"inf"`` for boxes, ``"2"`` for balls.
        metric: With the norm ``"2"``, a symmetric positive definite matrix ``M`` of exact numbers: the distance is then
            the root of ``(z - point)' M (z - point)``. With ``W'W`` for a linear generator with the matrix ``W``, of
            full column rank, this is the distance of the data.
        squares: Whether squares may be used; without them, on balls, the degree must not be more than 2.
        label: The class whose margins are meant; by default that of the point.
        agent: The agent, or its spec string; by default the methods above.
        max_steps: The most derivations of an agent for one margin.
        upper: The largest radius that is tried.
        tolerance: Relative width of the bracket at which the bisection ends.
        rounds: The most radii that are tried for one rival.
        seconds: Limit of the time; what is proved by then counts. Only setting up the methods is not cut short.
        seed: Seed of the agent's random choices.
        on_probe: Called after every round.

    Returns:
        The radius with its proofs, which the independent checker has found valid.

    Raises:
        BadInput: If an argument cannot be used.
    """
    started = time.perf_counter()
    instance_of(classifier, PolynomialClassifier, "classifier")
    norm = one_of(norm, "norm", NORMS)
    coordinates = exact_point(point, classifier.num_inputs)
    neighbourhoods = Neighbourhoods(coordinates, norm, metric, classifier.clip)
    if not truth(squares, "squares") and norm == "2" and (classifier.degree > 2 or metric is not None):
        raise BadInput("expected a classifier of degree 2 at most and no metric, for a ball without squares")
    label = classifier.label(coordinates) if label is None else whole(label, "label", 0, classifier.num_classes - 1)
    most, width = exact(upper, "upper"), exact(tolerance, "tolerance")
    if on_probe is not None and not callable(on_probe):
        raise BadInput(f"expected a function as on_probe, got {shown(on_probe)}")
    if not 0 < most <= LARGEST or not FINEST <= width < 1:
        raise BadInput(
            f"expected upper to be positive and up to 1e100, and tolerance at least {FINEST} and less than 1"
        )
    rounds, max_steps, seed = whole(rounds, "rounds", 1), whole(max_steps, "max_steps", 0), seed_number(seed)
    search = _Bisection(classifier, neighbourhoods, label, rounds, Fraction(width), on_probe)
    degree = max(1, classifier.degree)
    limit = None if seconds is None else finite(seconds, "seconds", 0)
    with stopping.time_limit(float("inf") if limit is None else limit):
        if agent == "auto":
            otherwise = AgentMethod("dual-guided", max_steps, seed)
            methods = _usual_methods(classifier, neighbourhoods, squares, otherwise)
        else:
            methods = iter([AgentMethod(agent, max_steps, seed)])
        if search.is_correct:
            search.run(methods, Fraction(most))
            if agent == "auto" and squares and search.is_complete and _may_go_on(neighbourhoods, degree, search.low):
                search.go_on(SquaresMethod(MORE_SQUARES_SECONDS), Fraction(most))
    return CertifiedRadius(
        radius=search.low,
        label=label,
        point=coordinates,
        norm=norm,
        metric=neighbourhoods.metric,
        proofs=dict(sorted(search.proofs.items())) if search.low else {},
        reach=dict(sorted(search.reach.items())) if search.low else {},
        ceiling=search.high if search.is_correct else 0,
        rounds=search.rounds,
        seconds=time.perf_counter() - started,
        is_complete=search.is_complete,
    )


def _usual_methods(
    classifier: PolynomialClassifier, neighbourhoods: Neighbourhoods, squares: bool, otherwise: Method
) -> Iterator[Method]:
    """The methods that suit the neighbourhoods, in turn; another one where there are too many products."""
    size, degree = classifier.num_inputs, max(1, classifier.degree)
    if squares and not neighbourhoods.is_box:
        yield EllipsoidMethod(neighbourhoods) if degree <= 2 else SquaresMethod(SQUARES_SECONDS)
        return
    if not is_small(size, degree if neighbourhoods.is_box else 2):
        yield otherwise
    elif not neighbourhoods.is_box:
        yield AlignedMethod(neighbourhoods)
    else:
        yield ProductsMethod(neighbourhoods, degree)
        if degree > 1 and num_products(size, degree + 1) <= MORE_PRODUCTS:
            yield ProductsMethod(neighbourhoods, degree + 1)


def _is_alike(problem: Problem, expected: Problem) -> bool:
    """Whether the problems are the same but for their axioms."""
    names = ("sense", "objective", "variables", "box", "implied", "integer")
    return all(getattr(problem, name) == getattr(expected, name) for name in names)


def _holds_on_ball(inequality: Polynomial, around: Neighbourhoods, radius: Rational) -> bool:
    """Whether an affine form is not negative on a ball, by its value in the middle and its slopes."""
    if inequality.degree > 1 or around.is_box or around.metric is not None:
        return False
    middle = inequality.evaluate(around.point)
    slopes = [inequality.terms.get((i,), 0) for i in range(inequality.ring.num_variables)]
    return middle >= 0 and middle**2 >= radius**2 * sum(slope**2 for slope in slopes)


def _may_go_on(neighbourhoods: Neighbourhoods, degree: int, radius: Rational) -> bool:
    """Whether squares may prove more than the usual methods, which have come to a radius."""
    if neighbourhoods.is_box:
        return degree > 1 and is_small(len(neighbourhoods.point), degree)
    return degree <= 2 and neighbourhoods.is_cut(radius)


class _Bisection:
    """The search for the largest radius, for one rival after the other.

    The radius that is tried for a rival is never larger than what is proved for those before.

    Attributes:
        high: A radius for which no proof was found or is expected.
        proofs: For every rival the proof for the largest radius so far.
        reach: That radius.
        rounds: How many radii were tried, for every rival.
        is_complete: Whether no limit has ended the search.
        is_correct: Whether all margins are positive at the point.
    """

    def __init__(
        self,
        classifier: PolynomialClassifier,
        neighbourhoods: Neighbourhoods,
        label: int,
        most_rounds: int,
        width: Fraction,
        on_probe: Callable[[Probe], None] | None,
    ) -> None:
        self._classifier, self._neighbourhoods, self._label = classifier, neighbourhoods, label
        self._variables = classifier.map.variables
        self._most_rounds, self._width, self._on_probe = most_rounds, width, on_probe
        scores = classifier.expanded(moved_variables(self._variables, neighbourhoods.point))
        rivals = (rival for rival in range(classifier.num_classes) if rival != label)
        margins = [Margin(rival, scores[label] - scores[rival]) for rival in rivals]
        self.is_correct = all(margin.local.constant_term > 0 for margin in margins)
        if not all(-LARGEST <= c <= LARGEST for margin in margins for c in margin.local.terms.values()):
            raise BadInput("expected scores whose coefficients in differences from the point are up to 1e100")
        # The later a rival comes that is near, the more is tried in vain.
        self._margins = sorted(margins, key=lambda margin: margin.zero(neighbourhoods.is_box))
        self._methods: list[Method] = []
        self._scores: tuple[Fraction, tuple[Polynomial, ...]] = Fraction(0), scores
        self.proofs: dict[int, Proof | ProofTree] = {}
        self.reach: dict[int, Fraction] = {}
        self.high = Fraction(0)
        self.rounds = 0
        self.is_complete = True

    @property
    def low(self) -> Fraction:
        """The radius that is proved against all rivals."""
        return min(self.reach.get(margin.rival, Fraction(0)) for margin in self._margins)

    def run(self, methods: Iterator[Method], most: Fraction) -> None:
        """Look for the largest radius with one method after the other."""
        self.high = most
        for method in methods:
            self._methods.append(method)
            ceiling = float(most)
            for margin in tuple(self._margins):
                if stopping.requested():
                    break
                reached = method.ceiling(margin, ceiling)
                if reached < ceiling:
                    ceiling = reached
                    self._put_first(margin)
            high = min(most, Fraction(ceiling))
            if high > self.low * (1 + self._width):
                self.high = high
                self._extend(high if high == most else _short(high * (1 - self._width / 2)))
            if self.low >= most or not self.is_complete:
                return

    def go_on(self, method: Method, most: Fraction) -> None:
        """Look for a larger radius with a method that takes long, in growing steps up to a failure, then by bisection.

        If the first step fails, that is all: the radius is about as large as can be proved.
        """
        self._methods.append(method)
        low, high, gain, has_failed = self.low, most, FIRST_GAIN, False
        for _ in range(self._most_rounds):
            if not low or high - low <= self._width * high:
                return
            if stopping.requested():
                break
            radius = _short((low + high) / 2) if has_failed else min(most, _short(low * (1 + gain)))
            failed = next((margin for margin in self._margins if not self._try(margin, radius)), None)
            if failed is None:
                low, gain = radius, 2 * gain
                self.high = high
            elif gain == FIRST_GAIN:
                return
            else:
                self._put_first(failed)
                high = self.high = radius
                has_failed = True
        self.is_complete = False

    def _put_first(self, margin: Margin) -> None:
        """Let a margin be tried before the others, as the one that is most likely to fail."""
        self._margins.remove(margin)
        self._margins.insert(0, margin)

    def _extend(self, radius: Fraction) -> None:
        """Prove all margins up to a radius, or up to one that is as large as possible."""
        for margin in self._margins:
            radius = self._largest(margin, radius)
            if not (radius and self.is_complete):
                return

    def _largest(self, margin: Margin, most: Fraction) -> Fraction:
        """The largest radius up to which a margin is proved, within the tolerance and at most ``most``."""
        low, high, radius = self.reach.get(margin.rival, Fraction(0)), most, most
        rounds = 0
        while low < most and (not rounds or (high - low > self._width * high and high >= most * SMALLEST)):
            if stopping.requested() or rounds >= self._most_rounds:
                self.is_complete = False
                break
            is_proved = self._try(margin, radius)
            low, high = (radius, high) if is_proved else (low, radius)
            rounds += 1
            if not is_proved:
                self.high = min(self.high, radius)
            radius = _short((low + high) / 2)
        return min(low, most)

    def _try(self, margin: Margin, radius: Fraction) -> bool:
        """Try to prove a margin up to a radius, and tell of it."""
        is_proved = self._is_proved(margin, radius)
        self.rounds += 1
        if self._on_probe is not None:
            self._on_probe(Probe(margin.rival, radius, is_proved))
        return is_proved

    def _is_proved(self, margin: Margin, radius: Fraction) -> bool:
        """Prove a margin up to a radius, by the first method that does."""
        if self._scores[0] != radius:
            images = self._neighbourhoods.coordinates(self._variables, radius)
            self._scores = radius, self._classifier.expanded(images)
        name = f"margin of class {self._label} over {margin.rival} up to radius {radius}"
        polynomial = self._scores[1][self._label] - self._scores[1][margin.rival]
        problem = self._neighbourhoods.problem(name, polynomial, self._variables, radius)
        for method in self._methods:
            proof = method.proof(problem, margin, radius)
            if proof is not None and _is_valid(proof):
                self.proofs[margin.rival], self.reach[margin.rival] = proof, radius
                return True
        return False


def _is_valid(proof: Proof | ProofTree) -> bool:
    """Whether the independent checker takes a proof of a positive bound."""
    if proof.bound <= 0:
        return False
    try:
        proof.verify()
    except ResourceLimit:
        return False
    return True


def _short(radius: Fraction) -> Fraction:
    """A positive number, rounded down to few binary places."""
    places = RADIUS_BITS - radius.numerator.bit_length() + radius.denominator.bit_length()
    return Fraction(radius.numerator * 2**places // radius.denominator, 2**places) if places > 0 else radius
