"""The numbers of the advisory locks of this database, each taken for one thing only.

Two that are the same would make strangers wait for each other, or deadlock. Not here: the keys that are 64
bits of a hash (kept answers, the turns of syncs). Postgres keeps such keys apart from pairs of numbers.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """What a lock is for. The numbers are arbitrary, and no number is ever given to something else."""

    ROLES = 4_005_001
    """Alone, in the cluster: its roles are made or changed."""

    MIGRATION = 4_005_002
    """Alone, in the database: its schema is upgraded."""

    USAGE_DAY = 4_005_003
    """With the day: who counts a tenant's usage of it."""

    USAGE_PEAK = 4_005_004
    """With a turn: whose level of a peak kind rises."""

    DEPLOYMENT_COUNT = 4_005_005
    """With the hash of a tenant: its deployments are counted."""

    INVOICES = 4_005_006
    """With the hash of an account: its provider invoices are ingested or discovered."""
