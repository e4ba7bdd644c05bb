"""Certified radii: up to where a polynomial classifier provably keeps its label."""

from agents.certified_radius.radius import CertifiedRadius, Probe, certified_radius

__all__ = ["CertifiedRadius", "Probe", "certified_radius"]
