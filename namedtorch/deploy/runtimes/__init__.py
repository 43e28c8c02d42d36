"""What opens an archive and runs it, by the format of its file."""
