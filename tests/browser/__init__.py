"""Tests of the explorer in a real browser, run by `make browser-test`."""
