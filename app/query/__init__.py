"""What a question means, and the rows that answer it."""
