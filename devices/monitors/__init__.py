"""One file for each family of patient monitors."""
