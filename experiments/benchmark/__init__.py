"""The benchmark: what a step, a bound, growth and exactness cost, each against what a user would use instead.

``python -m experiments.benchmark`` measures one *section* after the other. A section is a function that returns a
dataclass, and a table of it; all are listed in :mod:`experiments.benchmark.sections`. The results go to one JSON file,
one picture, and the tables of ``docs/performance.md`` and of the pages beneath it.

Absolute times depend on the machine; the ratios, which are always taken within one process, are the result.
"""
