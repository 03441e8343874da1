"""Rows to bytes, in the format that the client asks for."""
