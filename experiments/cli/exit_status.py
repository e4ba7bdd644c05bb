"""The exit statuses of the command line."""

OK, INVALID, BAD_INPUT, UNDECIDED, REFUTED, TOO_LARGE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
