"""The steps of a month end: the month is metered, its tenants are billed in shards, and then the run closes.

Each step may run twice, and may die anywhere: what is known of a run is in its rows.
"""
