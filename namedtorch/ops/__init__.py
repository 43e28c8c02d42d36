"""The table: what the operators and modules of torch do to dims, one row each."""
