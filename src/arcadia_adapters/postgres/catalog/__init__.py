"""The catalog room on Postgres: repositories and set queries."""
