"""The whole chair out of its rooms: what main.py starts and stops."""
