"""Opening a published version for reading."""
