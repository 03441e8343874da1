"""This API beside others, measured by make bench."""
