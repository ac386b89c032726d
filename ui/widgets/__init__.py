"""Small widgets that show what they are given and decide nothing."""
