"""All that is read, as of one moment."""

from collections.abc import Iterator, Mapping

from .history import History, Series, View


class Snapshot:
    """Views of all series, as of one moment: verdicts that hold it read the same, whatever is learned meanwhile.

    `snapshot[series]` is the view of a series; an empty one, if nothing was taught.
    """

    __slots__ = ("_most_groups", "_views")

    def __init__(self, views: Mapping[Series, View], most_groups: int) -> None:
        self._views = dict(views)
        self._most_groups = most_groups

    def __getitem__(self, series: Series) -> View:
        view = self._views.get(series)
        return View(History(series), self._most_groups) if view is None else view

    def __iter__(self) -> Iterator[Series]:
        return iter(self._views)

    def replaced(self, histories: Mapping[Series, History]) -> "Snapshot":
        """Return the snapshot with other histories for some series."""
        views = {series: View(history, self._most_groups) for series, history in histories.items()}
        return Snapshot({**self._views, **views}, self._most_groups)
