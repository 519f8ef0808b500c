"""The API: the same names and numbers as the pages, for programs."""
