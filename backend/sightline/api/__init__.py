"""The HTTP API and the browser page."""
