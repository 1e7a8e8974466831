"""Acts on deployments, subscriptions and invoices."""
