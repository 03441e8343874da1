"""From checked records to one new version of the published database."""
