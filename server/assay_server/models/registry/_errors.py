"""What goes wrong with models that are kept, for the person who can mend it."""


class ModelRefusedError(Exception):
    """A model is not taken into service.

    Attributes:
        reason: Why, in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RegistryError(Exception):
    """Something is asked of the registry that cannot be done.

    Attributes:
        message: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}. {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
