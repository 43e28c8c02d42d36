"""Code that speaks of names, as plain code of torch that speaks of positions."""
