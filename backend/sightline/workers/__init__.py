"""Long-running processes: they wire stages to sources and sinks."""
