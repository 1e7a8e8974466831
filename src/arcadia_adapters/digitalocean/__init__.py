"""DigitalOcean: its invoices as CSV, and a sample account."""
