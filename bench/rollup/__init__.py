"""The month end: drafting every due tenant's invoice. Ours is roll_up_period through the application's wiring."""
