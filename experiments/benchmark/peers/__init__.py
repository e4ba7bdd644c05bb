"""Bounds on polynomials over boxes: this project's exact proofs beside what one would use instead.

Each method is a function of a problem and a time limit that returns an
:class:`~experiments.benchmark.peers.answer.Answer`.
The packages of others are loaded only where they are used, and need not be there.
"""
