"""Tests of the API and of the seed, over HTTP where possible, on both databases."""
