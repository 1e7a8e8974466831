"""Arcadia Cloud's application: use cases, doors (command line, later HTTP and jobs), settings and wiring."""
