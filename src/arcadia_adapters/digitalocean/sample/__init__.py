"""SAMPLE DATA, made up: a DigitalOcean account in April 2026, in DigitalOcean's own shapes.

No line of it comes from a real account; addresses are of the ranges set aside for documentation.
`invoice_2026-04.csv` holds 33 lines, $86.92: six for the five droplets of `droplets.json` (one was resized
on the 21st), 26 for things that are gone or never were in the inventory, and the tax. `account` reads both.
"""
