"""What the account was charged: invoices of each month, the month that runs, the history of payments."""
