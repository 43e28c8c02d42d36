"""What TorchScript refuses, rewritten into what it takes."""
