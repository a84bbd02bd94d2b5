"""Verbs of each noun: enrolment, evaluation, calibration."""
