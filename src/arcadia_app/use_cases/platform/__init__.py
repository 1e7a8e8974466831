"""Acts about the platform itself: its jobs, and what else keeps it running."""
