"""The sample: April 2026 of made-up tenants, through the same acts as anybody's (SPEC 13, 18)."""
