"""The language: from the text of an annotation to a shape."""
