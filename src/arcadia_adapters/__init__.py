"""Adapters: one folder per technology, each implementing ports of `arcadia_domain`.

Owns every line that speaks to a database, a provider or a clock. Knows nothing of the app.
"""
