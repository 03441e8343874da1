"""The API used by other programs: Node, jq, R, pandoc, nginx. `make clients` runs these tests.

A missing program fails its test. Files are named `client_*.py`, so `make test` does without them.
"""
