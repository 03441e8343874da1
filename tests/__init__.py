"""What the API promises, tried over HTTP on both databases."""
