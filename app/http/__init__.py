"""HTTP around the application: limits, errors, cache, logs."""
