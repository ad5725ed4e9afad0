"""What is wrong with a store, for the person who can act on it."""


class StoreError(Exception):
    """A store that cannot be used, or refuses; the text says what, where, and what to do."""


class AlreadyLearnedError(StoreError):
    """Files that have taught an event type before.

    Attributes:
        files: Their names.
    """

    def __init__(self, files: list[str]) -> None:
        self.files = files
        super().__init__(
            f"already learned: {', '.join(files)}. "
            "Leave them out, or say --again to count them twice, or --replace to start over."
        )
