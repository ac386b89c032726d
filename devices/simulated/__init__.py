"""A patient, a monitor and a pump that speak the bytes of the real ones."""
