"""Full text: words, the query grammar, matching, ranking and highlights."""
