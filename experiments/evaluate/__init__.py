"""Agents on the fixed held-out graphs of the paper's protocol.

Data flows one way: ``contenders`` say which agents are one row, ``trials`` (shared with other experiments) are made of
all graphs, ``rows`` sum them up, and ``curves`` draws them.
"""
