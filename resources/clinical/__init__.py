"""The clinical tables, each number with its source."""
