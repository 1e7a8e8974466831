"""The quote: a month of a plan with addons, its first invoice, and overage. Ours is the public quote()."""
