"""The sheets: what is asked for over the trends, the infusion card and the bottom row, never over a vital sign."""
