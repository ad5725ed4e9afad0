"""What keeps a file from being read or written."""


class FileError(Exception):
    """A file cannot be read or written, or not any further; for the person who named it.

    Attributes:
        path: The file.
        message: What is wrong.
        remedy: What to do.
        row: The number of the row at which it was found; None where it is the file as a whole.
    """

    def __init__(self, path: object, message: str, remedy: str, *, row: int | None = None) -> None:
        self.path = str(path)
        self.message = message
        self.remedy = remedy
        self.row = row
        super().__init__(f"{self.path}{'' if row is None else f':{row}'}: {message}. {remedy}")
