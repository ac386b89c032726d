"""What a nurse would recognise: plain values and pure functions."""
