"""``python -m experiments.train``."""

import sys

from experiments.train.main import main

if __name__ == "__main__":
    sys.exit(main())
