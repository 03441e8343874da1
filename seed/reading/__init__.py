"""Files in, checked records out, or every fault with file and line."""
