"""The month end: drafting every due tenant's invoice. Ours is roll_up_period, wired as the application is."""
