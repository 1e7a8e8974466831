"""One business act per file, in the rooms of the domain. They know ports, never an adapter."""
