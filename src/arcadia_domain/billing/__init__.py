"""What a tenant has, used and owes: deployments, subscriptions, usage, invoices, tax, margin."""
