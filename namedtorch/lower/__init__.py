"""Annotated modules and functions to TorchScript and other targets, their guard inside or beside."""
