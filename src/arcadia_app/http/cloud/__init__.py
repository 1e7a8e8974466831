"""Controllers of what the provider charges."""
