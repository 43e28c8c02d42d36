"""The static checker: dimension errors found from the source alone."""
