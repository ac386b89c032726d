"""The core: what a session is and does. No Qt, no SQL, no ports, no clock."""
