"""That a server's language can't say what a model takes or gives."""


class ServingError(ValueError):
    """A model that a target can't describe; the text is one sentence, with what to do."""
