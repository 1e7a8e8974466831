"""What goes over the wire and to `--json`: the shapes that SPEC 18 fixes, each in one place.

Owns names, types and their documentation, and the way from a domain value to its shape. Money is whole cents,
quantities are decimal strings, instants are RFC 3339 in UTC; there is no float anywhere.
"""
