"""One file per resource: its filters, its statement, its endpoints."""
