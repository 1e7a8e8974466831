"""Clouds that tests run: the sandbox on a socket, judged by DigitalOcean's document, and clients on it."""
