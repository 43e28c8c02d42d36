"""Targets beside TorchScript: graphs of tensors alone, made by torch.export from the dims of a signature."""
