"""Checked records in, one new version of the database out."""
