"""Tables of the README and the documentation, made from results that say how they were measured.

``docs/results`` has a file for each run: its commands, the day, the machine and the versions, the data, and what is
shown of them. ``Site`` puts the tables between the markers of the pages, and tells where they disagree.
"""
