"""The abstract interpreter: Python run with symbolic sizes in the place of tensors."""
