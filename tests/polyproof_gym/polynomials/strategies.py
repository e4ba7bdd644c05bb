"""Random rings, polynomials and points for the property-based tests."""

from fractions import Fraction

from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Rational, Ring

COEFFICIENTS: st.SearchStrategy[Rational] = st.one_of(
    st.integers(-9, 9), st.fractions(min_value=-9, max_value=9, max_denominator=12)
)


@st.composite
def free_rings(draw: st.DrawFn) -> Ring:
    return Ring([f"x{i + 1}" for i in range(draw(st.integers(1, 4)))])


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """Free rings, Boolean ones, mixtures of both, each with or without exclusive pairs."""
    n = draw(st.integers(1, 4))
    idempotent = draw(st.one_of(st.just(set(range(n))), st.just(set()), st.sets(st.integers(0, n - 1))))
    pairs = [(i, j) for j in range(n) for i in range(j)]
    exclusive = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return Ring([f"x{i + 1}" for i in range(n)], idempotent, exclusive)


@st.composite
def polynomials(draw: st.DrawFn, ring: Ring) -> Polynomial:
    monomials = st.lists(st.integers(0, ring.num_variables - 1), max_size=4)
    return Polynomial.of(ring, draw(st.lists(st.tuples(monomials, COEFFICIENTS), max_size=5)))


@st.composite
def polynomials_of_one_ring(draw: st.DrawFn, count: int) -> tuple[Polynomial, ...]:
    ring = draw(rings())
    return tuple(draw(polynomials(ring)) for _ in range(count))


@st.composite
def points(draw: st.DrawFn, ring: Ring, coordinates: st.SearchStrategy[Fraction]) -> list[Rational]:
    """Points that satisfy the ring's rules: 0 or 1 where idempotent, and no exclusive pair is nonzero at once."""
    point: list[Rational] = []
    for i in range(ring.num_variables):
        taken = any(j < i and point[j] for j in ring.exclusive_with(i))
        allowed: st.SearchStrategy[Rational] = st.integers(0, 1) if i in ring.idempotent else coordinates
        point.append(0 if taken else draw(allowed))
    return point


ANYWHERE = st.fractions(min_value=-3, max_value=3, max_denominator=7)
IN_UNIT_INTERVAL = st.fractions(min_value=0, max_value=1, max_denominator=20)
