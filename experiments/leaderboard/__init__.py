"""The leaderboard: fixed suites of problems, and entries of which every certificate has been checked.

``suites`` are the problems and what bounds on them are worth, ``entries`` are files with certificates and a declared
cost, and ``board`` is the file of accepted ones, from which the tables of the documentation are made.
"""
