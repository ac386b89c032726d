"""The core: what a session is and does. No Qt, no SQL, no ports, no clock."""

VERSION = "0.1.0"
"""The version that is written into every record; the same as in pyproject.toml."""
