"""From feature table to one float32 matrix: scaling and vocabularies, fitted on the training rows alone.

A network breaks where a tree does not: on columns far outside what it was trained on, and on categories it hardly
saw. So numeric columns are clipped at +-5 after scaling, and rare and unseen categories share code 0.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.errors import LeakageError

CLIP = 5.0
"""Encoded numeric values stay within +-CLIP."""
RARE = 20
"""A category seen less often than this in training gets code 0, as unseen ones do."""
HEAVY_TAIL = 10.0
"""A column is put on a logarithmic scale when its extremes lie further out than this, in robust deviations."""
CHUNK_ROWS = 262_144
"""Rows encoded at a time."""


@dataclass(frozen=True, kw_only=True)
class NumericScale:
    """How one numeric column is encoded: (f(x) - mean) / deviation, clipped, null -> 0."""

    name: str
    log: bool
    """f is sign(x) * log(1 + |x|), else the identity."""
    mean: float
    deviation: float
    missing: bool
    """Whether a 0/1 column says where the value is missing."""

    def expressions(self) -> list[pl.Expr]:
        """The encoded column and, where wanted, its missing indicator; Float32."""
        value = _finite(self.name)
        scaled = ((_signed_log(value) if self.log else value) - self.mean) / self.deviation
        encoded = scaled.clip(-CLIP, CLIP).fill_null(0).cast(pl.Float32).alias(self.name)
        flag = value.is_null().cast(pl.Float32).alias(f"{self.name}_missing")
        return [encoded, flag] if self.missing else [encoded]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Codes of one categorical column: the frequent categories of the training rows, from 1 on."""

    name: str
    categories: tuple[str, ...]

    def expression(self) -> pl.Expr:
        """The code as Float32; 0 for rare, unseen and null."""
        codes = {category: code for code, category in enumerate(self.categories, start=1)}
        if not codes:
            return pl.lit(0.0, pl.Float32).alias(self.name)
        return pl.col(self.name).replace_strict(codes, default=0, return_dtype=pl.Float32).alias(self.name)


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """Learned on training rows, applied to any: numeric columns first, then category codes."""

    scales_: tuple[NumericScale, ...]
    vocabularies_: tuple[Vocabulary, ...]
    fitted_on_: str
    """``{count}-{sha256}`` of the training rows' ids; see ``rows_digest``."""

    @classmethod
    def fit(cls, frame: pl.DataFrame, *, numeric: Sequence[str], categorical: Sequence[str]) -> Self:
        """Learn scales and vocabularies.

        Args:
            frame: training rows only, with transaction_id.
            numeric: numeric features; those that do not vary in training are dropped.
            categorical: categorical features.
        """
        scales = [scale for name in numeric if (scale := _fit_scale(frame, name))]
        return cls(
            scales_=tuple(scales),
            vocabularies_=tuple(_fit_vocabulary(frame[name]) for name in categorical),
            fitted_on_=rows_digest(frame["transaction_id"]),
        )

    def transform(self, frame: pl.DataFrame) -> NDArray[np.float32]:
        """Encoded rows, ``(N, F)`` float32, C order."""
        X = np.empty((len(frame), self.n_features), dtype=np.float32)
        self._fill(X, frame.lazy(), len(frame))
        return X

    def transform_to(self, path: Path, frame: pl.DataFrame) -> NDArray[np.float32]:
        """Encode into a ``.npy`` file and return it as a read-only memory map, ``(N, F)`` float32."""
        X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(len(frame), self.n_features))
        self._fill(X, frame.lazy(), len(frame))
        X.flush()
        mapped: NDArray[np.float32] = np.load(path, mmap_mode="r")
        return mapped

    def _fill(self, X: NDArray[np.float32], frame: pl.LazyFrame, rows: int) -> None:
        encoded = frame.select(
            *(expression for scale in self.scales_ for expression in scale.expressions()),
            *(vocabulary.expression() for vocabulary in self.vocabularies_),
        )
        for start in range(0, rows, CHUNK_ROWS):
            X[start : start + CHUNK_ROWS] = encoded.slice(start, CHUNK_ROWS).collect().to_numpy()

    @property
    def n_numeric(self) -> int:
        """Numeric columns of the matrix, missing indicators included."""
        return sum(1 + scale.missing for scale in self.scales_)

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
        numeric = [
            name for scale in self.scales_ for name in (scale.name, f"{scale.name}_missing")[: 1 + scale.missing]
        ]
        return (*numeric, *(vocabulary.name for vocabulary in self.vocabularies_))

    def to_dict(self) -> dict[str, Any]:
        """All that was learned, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, learned: Mapping[str, Any]) -> Self:
        """The encoder that ``to_dict`` wrote down."""
        return cls(
            scales_=tuple(NumericScale(**scale) for scale in learned["scales_"]),
            vocabularies_=tuple(
                Vocabulary(name=entry["name"], categories=tuple(entry["categories"]))
                for entry in learned["vocabularies_"]
            ),
            fitted_on_=learned["fitted_on_"],
        )


def rows_digest(transaction_ids: pl.Series) -> str:
    """``{count}-{sha256 of the sorted ids}``: which rows something was learned from, whatever their order."""
    digest = hashlib.sha256()
    digest.update("\n".join(transaction_ids.sort().to_list()).encode())
    return f"{len(transaction_ids)}-{digest.hexdigest()}"


def check_fitted_on(encoder: Encoder, training_ids: pl.Series) -> None:
    """Stop when an encoder was fitted on other rows than the training rows.

    Raises:
        LeakageError: on how many rows it was fitted, and on how many it should have been.
    """
    if encoder.fitted_on_ != rows_digest(training_ids):
        raise LeakageError(
            f"encoder: fitted on {encoder.fitted_on_.partition('-')[0]} rows that are not the {len(training_ids)} "
            "training rows; fit it on the training rows alone"
        )


def _finite(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value)


def _signed_log(value: pl.Expr) -> pl.Expr:
    return value.sign() * value.abs().log1p()


def _fit_scale(frame: pl.DataFrame, name: str) -> NumericScale | None:
    values = frame.select(_finite(name).alias(name))
    log = _is_heavy_tailed(values[name])
    shown = values.select(_signed_log(pl.col(name)))[name] if log else values[name]
    low, high = shown.quantile(0.001), shown.quantile(0.999)
    missing = shown.null_count() > 0
    shown = shown.clip(low, high)
    mean, deviation = shown.mean(), shown.std()
    if mean is None or not deviation:
        return None
    return NumericScale(name=name, log=log, mean=float(mean), deviation=float(deviation), missing=missing)  # type: ignore[arg-type]


def _is_heavy_tailed(values: pl.Series) -> bool:
    """Whether the 0.1 % and 99.9 % quantiles lie far outside the middle half."""
    low, first, middle, third, high = (values.quantile(q) for q in (0.001, 0.25, 0.5, 0.75, 0.999))
    if low is None or first is None or middle is None or third is None or high is None:
        return False
    width = (third - first) / 1.35 or values.std() or 1.0
    return max(high - middle, middle - low) / float(width) > HEAVY_TAIL  # type: ignore[arg-type]


def _fit_vocabulary(values: pl.Series) -> Vocabulary:
    counts = values.drop_nulls().value_counts(name="rows").filter(pl.col("rows") >= RARE)
    return Vocabulary(name=values.name, categories=tuple(counts[values.name].sort().to_list()))
