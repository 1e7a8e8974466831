"""Controllers of the catalogue."""
