"""What runs at the cloud provider, how much of it each deployment used, and what it cost.

Read inventory first, then assignments (who held what, when), metering, costs, matching, attribution.
"""
