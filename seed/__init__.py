"""The corpus, and the command that checks it and publishes it as a database."""
