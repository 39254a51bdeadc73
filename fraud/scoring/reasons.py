"""The reasons of a high score: sentences on the features that raised it most, with their values."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from fraud.features import Encoder, Recipe
from fraud.model import Bundle
from fraud.privacy import mask_card_numbers
from fraud.scoring.explain import attribute
from fraud.scoring.feature_text import FeatureText, feature_texts
from fraud.scoring.value_text import number
from fraud.text import readable

REASONS = 3
"""Reasons of a transaction, or fewer where fewer features raised its score."""
LONGEST = 160
"""Most characters of a reason; a category of the data may have any length."""


def reasons_of(bundle: Bundle, features: pl.DataFrame, recipe: Recipe) -> list[tuple[str, ...]]:
    """For each transaction the features that raised its score most against a typical one, the strongest first.

    Args:
        bundle: the model.
        features: rows of the feature table.
        recipe: of the features.

    Returns:
        For each row at most ``REASONS`` sentences.
    """
    if features.is_empty():
        return []
    X, typical_row = bundle.encoder.transform(features), bundle.encoder.typical_row()
    columns = np.mean([attribute(network, X, typical_row).columns for network in bundle.networks], axis=0)
    names, by_feature = sum_by_feature(bundle.encoder, columns)
    texts = _texts(names, recipe)
    groups = _groups([texts[name].meaning for name in names])
    by_group = np.stack([by_feature[:, members].sum(axis=1) for members in groups], axis=1)
    order = np.argsort(-by_group, axis=1, kind="stable")
    typical = bundle.encoder.typical_
    found_reasons = []
    for index, row in enumerate(features.iter_rows(named=True)):
        raised = (groups[group] for group in order[index] if by_group[index, group] > 0)
        leading = (names[_leading(by_feature[index], members)] for members in raised)
        sentences = (_shown(texts[name].sentence(row, name, typical.get(name))) for name in leading)
        found_reasons.append(_first_different(sentences))
    return found_reasons


def sum_by_feature(encoder: Encoder, columns: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names of the features, and their contributions to the logit (N, features), that of a missing value included.

    Args:
        encoder: whose columns these are.
        columns: attributions (N, F) of encoded columns.
    """
    names = [scale.name for scale in encoder.scales_] + [one.name for one in encoder.vocabularies_]
    widths = [len(scale.names) for scale in encoder.scales_] + [1] * len(encoder.vocabularies_)
    bounds = np.cumsum([0, *widths])
    return names, np.stack([columns[:, start:stop].sum(axis=1) for start, stop in pairwise(bounds)], axis=1)


def _texts(names: Sequence[str], recipe: Recipe) -> dict[str, FeatureText]:
    """The texts of these features; one that no recipe makes is shown by its name."""
    known = feature_texts(recipe)
    return {
        name: known.get(name, FeatureText(name, f"{name} is {{value}}", number, f"{name} is empty")) for name in names
    }


def _groups(meanings: Sequence[str]) -> list[list[int]]:
    """Positions of the features of each meaning."""
    groups: dict[str, list[int]] = {}
    for index, meaning in enumerate(meanings):
        groups.setdefault(meaning, []).append(index)
    return list(groups.values())


def _leading(attributions: np.ndarray, members: Sequence[int]) -> int:
    return members[int(attributions[members].argmax())]


def _first_different(sentences: Iterable[str]) -> tuple[str, ...]:
    """The first distinct ones: two meanings may have the same sentence, as age and pause of a first transaction."""
    kept: dict[str, None] = {}
    for sentence in sentences:
        kept[sentence] = None
        if len(kept) == REASONS:
            break
    return tuple(kept)


def _shown(sentence: str) -> str:
    text = readable(mask_card_numbers(sentence))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
