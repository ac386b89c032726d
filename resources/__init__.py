"""Data only: clinical tables, fonts, icons. Read through importlib.resources."""
