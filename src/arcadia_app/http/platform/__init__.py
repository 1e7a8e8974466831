"""Controllers of the service itself: health, readiness, metrics, jobs."""
