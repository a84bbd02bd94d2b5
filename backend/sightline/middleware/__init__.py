"""What every request passes through: request ids and the log, security headers, refusal of foreign origins."""
