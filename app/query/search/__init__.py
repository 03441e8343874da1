"""Full text: words, the query grammar, what matches and where."""
