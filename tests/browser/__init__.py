"""The explorer in a real browser, by make browser-test."""
