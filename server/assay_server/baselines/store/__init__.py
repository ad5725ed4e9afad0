"""Where baselines are kept: SQLite by default, PostgreSQL for several replicas."""

from ._errors import AlreadyLearnedError, StoreError
from ._store import Store
from ._values import Flush, LearnedFile, News, Stored

__all__ = ["AlreadyLearnedError", "Flush", "LearnedFile", "News", "Store", "StoreError", "Stored"]
