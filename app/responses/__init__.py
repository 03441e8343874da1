"""From rows to bytes in the format that was asked for."""
