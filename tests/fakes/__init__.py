"""Adapters in memory, one file a port: real enough to pass the same contract tests as the database."""
