"""Mobile export: graphs for the lite interpreter, what they need of it, and inputs that travel with them."""
