"""The cloud room on Postgres: repositories and set queries."""
