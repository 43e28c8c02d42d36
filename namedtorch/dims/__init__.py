"""The algebra: sizes, dims, shapes, bindings, and how a tensor is matched against a shape."""
