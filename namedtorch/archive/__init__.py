"""The archive: a manifest, and the file that carries it."""
