"""Monitors and pumps: bytes in, readings out."""
