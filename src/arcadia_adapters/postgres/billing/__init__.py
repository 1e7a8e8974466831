"""The billing room on Postgres: repositories and set queries."""
