"""From feature table to one float32 matrix: scaling and vocabularies, fitted on the training rows alone."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.errors import LeakageError
from fraud.features.scaling import NumericScale, Vocabulary, fit_scales, fit_vocabulary, most_frequent
from fraud.features.table_rows import BATCH_ROWS, Columns, TableRows

CHUNK_ROWS = 65_536
"""Rows encoded at a time: few enough that transposing them stays in the processor's cache."""


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """Fitted on training rows, applied to any: numeric columns first, then category codes."""

    scales_: tuple[NumericScale, ...]
    vocabularies_: tuple[Vocabulary, ...]
    fitted_on_: str
    """``{count}-{sha256}`` of the training rows' ids; see ``rows_digest``."""
    typical_: Mapping[str, float | str | None] = field(default_factory=dict)
    """Median of each number and the most frequent category of the training rows: the baseline of explanations."""

    @classmethod
    def fit(cls, rows: Columns, *, numeric: Sequence[str], categorical: Sequence[str]) -> Self:
        """Learn scales and vocabularies, one column after the other.

        Args:
            rows: training rows only, with transaction_id; a frame, or rows on disk.
            numeric: numeric features; those that do not vary in training are dropped.
            categorical: categorical features.
        """
        fitted = fit_scales(_each(rows, numeric))
        typical: dict[str, float | str | None] = dict(fitted.typical)
        vocabularies = []
        for values in _each(rows, categorical):
            vocabularies.append(fit_vocabulary(values))
            typical[values.name] = most_frequent(values)
        return cls(
            scales_=fitted.scales,
            vocabularies_=tuple(vocabularies),
            fitted_on_=rows_digest(rows),
            typical_=typical,
        )

    def typical_row(self) -> NDArray[np.float32]:
        """The typical training row, encoded, ``(1, F)``; where none was learned, the mean of each number."""
        if not self.typical_:
            return np.zeros((1, self.n_features), dtype=np.float32)
        schema: dict[str, pl.DataType] = {scale.name: pl.Float64() for scale in self.scales_}
        schema |= {vocabulary.name: pl.String() for vocabulary in self.vocabularies_}
        return self.transform(pl.DataFrame([self.typical_], schema=schema))

    def transform(self, frame: pl.DataFrame) -> NDArray[np.float32]:
        """Encoded rows, ``(N, F)`` float32, C order."""
        X = np.empty((len(frame), self.n_features), dtype=np.float32)
        self.fill(X, frame)
        return X

    def fill(self, X: NDArray[np.float32], frame: pl.DataFrame) -> None:
        """Write encoded rows into ``X`` ``(N, F)``, which may be a slice of a memory map."""
        columns = [column for scale in self.scales_ for column in scale.expressions()]
        columns += [vocabulary.expression() for vocabulary in self.vocabularies_]
        for start in range(0, len(frame), CHUNK_ROWS):
            chunk = frame.slice(start, CHUNK_ROWS).select(columns)
            X[start : start + CHUNK_ROWS] = chunk.to_numpy(order="c")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the feature table that it reads."""
        return (*(scale.name for scale in self.scales_), *(vocabulary.name for vocabulary in self.vocabularies_))

    @property
    def n_numeric(self) -> int:
        """Numeric columns of the matrix, missing indicators included."""
        return sum(len(scale.names) for scale in self.scales_)

    @property
    def n_features(self) -> int:
        """Columns of the matrix."""
        return self.n_numeric + len(self.vocabularies_)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column; codes run from 0 to one less."""
        return tuple(len(vocabulary.categories) + 1 for vocabulary in self.vocabularies_)

    @property
    def categorical_positions(self) -> tuple[int, ...]:
        """Positions of the code columns in the matrix."""
        return tuple(range(self.n_numeric, self.n_features))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of the matrix."""
        numeric = (name for scale in self.scales_ for name in scale.names)
        return (*numeric, *(vocabulary.name for vocabulary in self.vocabularies_))

    def to_dict(self) -> dict[str, Any]:
        """All that was learned, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, learned: Mapping[str, Any]) -> Self:
        """The encoder that ``to_dict`` described."""
        return cls(
            scales_=tuple(NumericScale(**scale) for scale in learned["scales_"]),
            vocabularies_=tuple(
                Vocabulary(name=entry["name"], categories=tuple(entry["categories"]))
                for entry in learned["vocabularies_"]
            ),
            fitted_on_=learned["fitted_on_"],
            typical_=learned.get("typical_", {}),  # older bundles have none
        )


def rows_digest(rows: Columns) -> str:
    """``{count}-{sha256}`` of the ids of rows in their order: identifies the rows of a fit."""
    digest = hashlib.sha256()
    for ids in _batches(rows, "transaction_id"):
        digest.update("".join(f"{one}\n" for one in ids.to_list()).encode())
    return f"{len(rows)}-{digest.hexdigest()}"


def check_fitted_on(encoder: Encoder, training: Columns) -> None:
    """Stop when an encoder was fitted on other rows than the training rows.

    Raises:
        LeakageError: on how many rows it was fitted, and on how many it should have been.
    """
    if encoder.fitted_on_ != rows_digest(training):
        raise LeakageError(
            f"encoder: fitted on {encoder.fitted_on_.partition('-')[0]} rows that are not the {len(training)} "
            "training rows; fit it on the training rows alone"
        )


def _each(rows: Columns, names: Sequence[str]) -> Iterator[pl.Series]:
    return rows.one_by_one(names) if isinstance(rows, TableRows) else (rows[name] for name in names)


def _batches(rows: Columns, name: str) -> Iterator[pl.Series]:
    """A column in batches."""
    if isinstance(rows, TableRows):
        yield from (batch[name] for _, batch in rows.batches([name]))
        return
    column = rows[name]
    yield from (column[start : start + BATCH_ROWS] for start in range(0, len(column), BATCH_ROWS))
