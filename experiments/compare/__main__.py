"""``python -m experiments.compare``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.compare.main"))
