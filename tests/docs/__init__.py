"""The documentation is true: its commands run, and its answers, tables and links are right."""
