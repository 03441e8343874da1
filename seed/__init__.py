"""The seed command: checks the corpus and publishes it as a database."""
