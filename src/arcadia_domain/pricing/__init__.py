"""What things cost: resource kinds, the catalogue of plans, and quote(). Read quoting first."""
