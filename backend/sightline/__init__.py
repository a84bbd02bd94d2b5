"""Sightline: faces in video streams, matched against watchlists, with a stated error rate."""

__version__ = "0.1.0"
