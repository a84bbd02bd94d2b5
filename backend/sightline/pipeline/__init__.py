"""Stages of the recognition pipeline: values in, values out. No I/O, no clock, no settings."""
