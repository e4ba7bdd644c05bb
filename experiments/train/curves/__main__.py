"""``python -m experiments.train.curves``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.train.curves.main"))
