"""The inner loops of making problems; see :mod:`polyproof_gym.compiled` for how they are called."""
