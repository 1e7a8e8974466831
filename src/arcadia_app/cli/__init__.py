"""The command line: the use cases for operators. Data goes to stdout, all else to stderr (SPEC 18)."""
