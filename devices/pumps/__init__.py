"""One file for each family of pumps."""
