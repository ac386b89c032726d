"""The record on disk: one encrypted SQLite file, appended to and never changed."""
