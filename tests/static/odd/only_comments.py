"""Nothing but comments."""

# nothing
# (B, T, C)
