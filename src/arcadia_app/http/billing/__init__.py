"""Controllers of deployments, subscriptions, usage, invoices, tenants and the dashboard."""
