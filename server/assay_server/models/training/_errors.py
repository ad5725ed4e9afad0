"""What keeps a model from being trained."""


class TrainingError(ValueError):
    """A model cannot be trained; the text says why, and what to do."""
