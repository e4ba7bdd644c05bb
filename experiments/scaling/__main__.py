"""``python -m experiments.scaling``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.scaling.main"))
