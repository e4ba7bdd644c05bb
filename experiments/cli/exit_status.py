"""The exit statuses of the command line."""

OK, INVALID, BAD_INPUT, UNDECIDED, REFUTED, TOO_LARGE = 0, 1, 2, 3, 4, 5
