"""The tables of the store."""

import sqlalchemy as sql

metadata = sql.MetaData()

_BIG = sql.BigInteger()
_ID = sql.Integer()
_REAL: sql.Double[float] = sql.Double()  # Eight bytes on every database.

SERIES = sql.Table(
    "assay_series",
    metadata,
    sql.Column("id", _ID, primary_key=True),
    sql.Column("name", sql.Text, nullable=False, unique=True),
    sql.Column("event_type", sql.Text, nullable=False, index=True),
    sql.Column("generation", _BIG, nullable=False),
    sql.Column("started", _BIG, nullable=False),
)
"""Each series, by its name. `generation` counts what was taught at once or forgotten; `started` is that of the last time
that all was forgotten."""


def _of_groups(name: str, *columns: sql.Column[object], key: tuple[str, ...]) -> sql.Table:
    return sql.Table(
        name,
        metadata,
        sql.Column("series", _ID, nullable=False),
        *columns,
        sql.PrimaryKeyConstraint("series", *key),
        sqlite_with_rowid=False,
    )


MOMENTS = _of_groups(
    "assay_moments",
    sql.Column("bucket", _BIG, nullable=False),
    sql.Column("group_key", sql.Text, nullable=False),
    sql.Column("n", _BIG, nullable=False),
    sql.Column("mean", _REAL, nullable=False),
    sql.Column("m2", _REAL, nullable=False),
    sql.Column("minimum", _REAL, nullable=False),
    sql.Column("maximum", _REAL, nullable=False),
    sql.Column("newest", _BIG, nullable=True),
    key=("bucket", "group_key"),
)
"""A group in a bucket: `group_key` is the JSON list of its values, `newest` in microseconds since 1970."""

BINS = _of_groups(
    "assay_bins",
    sql.Column("bucket", _BIG, nullable=False),
    sql.Column("group_key", sql.Text, nullable=False),
    sql.Column("bin", _ID, nullable=False),
    sql.Column("n", _BIG, nullable=False),
    key=("bucket", "group_key", "bin"),
)
"""How many values of a group in a bucket fell in a bin."""

CATEGORIES = _of_groups(
    "assay_categories",
    sql.Column("bucket", _BIG, nullable=False),
    sql.Column("group_key", sql.Text, nullable=False),
    sql.Column("category", sql.Text, nullable=False),
    sql.Column("n", _BIG, nullable=False),
    key=("bucket", "group_key", "category"),
)
"""How often a category, as JSON text, was seen in a group and a bucket."""

REFERENCES = _of_groups(
    "assay_references",
    sql.Column("group_key", sql.Text, nullable=False),
    sql.Column("expected", _REAL, nullable=False),
    sql.Column("deviation", _REAL, nullable=False),
    sql.Column("lower", _REAL, nullable=False),
    sql.Column("upper", _REAL, nullable=False),
    sql.Column("since", _BIG, nullable=False),
    key=("group_key",),
)
"""What live learning may not move a group far from; `since` in nanoseconds."""

WRITERS = sql.Table(
    "assay_writers",
    metadata,
    sql.Column("writer", sql.Text, primary_key=True),
    sql.Column("sequence", _BIG, nullable=False),
    sql.Column("seen", _BIG, nullable=False),
)
"""Each process that flushes, with the number of its last flush: a flush that is repeated is known by it."""

CLOCK = sql.Table(
    "assay_revision",
    metadata,
    sql.Column("id", _ID, primary_key=True, autoincrement=False),
    sql.Column("revision", _BIG, nullable=False),
)
"""One row: the number of the last change. Its lock is the last that a transaction takes, and held until it commits: so
changes become visible in the order of their numbers, without gaps."""

CHANGES = sql.Table(
    "assay_changes",
    metadata,
    sql.Column("revision", _BIG, primary_key=True, autoincrement=False),
    sql.Column("writer", sql.Text, nullable=False),
    sql.Column("at", _BIG, nullable=False),
    sql.Column("event_type", sql.Text, nullable=True),
    sql.Column("learned", sql.LargeBinary, nullable=True),
)
"""The last changes, for others to pick up: what a flush added, or the event type of which all is to be read again."""

DEFERRED = sql.Table(
    "assay_deferred",
    metadata,
    sql.Column("revision", _BIG, primary_key=True, autoincrement=False),
    sql.Column("rows", _BIG, nullable=False),
    sql.Column("at", _BIG, nullable=False),
)
"""Changes whose rows are not in the tables of what series were taught yet, and how many they are. They are part of what series
were taught; a change is kept for as long as it stands here."""

FILES = sql.Table(
    "assay_files",
    metadata,
    sql.Column("event_type", sql.Text, primary_key=True),
    sql.Column("digest", sql.Text, primary_key=True),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("at", _BIG, nullable=False),
)
"""Which files taught an event type."""

OF_SERIES = (MOMENTS, BINS, CATEGORIES, REFERENCES)
"""The tables that hold what series were taught, in the order in which they are written."""

VERSION = sql.Table("assay_schema", sql.MetaData(), sql.Column("version", _ID, nullable=False))
"""One row: the version of the schema. Not one of `metadata`: it is there before all others."""
