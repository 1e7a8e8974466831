"""PostgreSQL: the embedded server, tables, walls, unit of work and repositories.

Owns all SQL. Imports nothing on its own account: each part is imported where it is used.
"""
