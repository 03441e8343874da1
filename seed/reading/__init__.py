"""From the files of the corpus to checked records, or to every fault with its file and line."""
