"""Why a transaction scored high, in words with the values behind them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from fraud.features import Encoder, Recipe
from fraud.model import Bundle
from fraud.privacy import mask_card_numbers
from fraud.scoring.explain import attribute
from fraud.scoring.feature_text import Words, words_of
from fraud.scoring.value_text import number
from fraud.text import readable

REASONS = 3
"""A transaction has so many, or fewer where fewer things raised its score."""
LONGEST = 160
"""Letters of a reason; a category of the data may have any length."""


def reasons_of(bundle: Bundle, features: pl.DataFrame, recipe: Recipe) -> list[tuple[str, ...]]:
    """For each transaction what raised its score most against a typical one, the strongest first; ``REASONS`` at most.

    Args:
        bundle: the model.
        features: rows of the feature table.
        recipe: of the features.
    """
    if features.is_empty():
        return []
    found = attribute(bundle.network, bundle.encoder.transform(features), bundle.encoder.typical_row())
    names, by_feature = sum_by_feature(bundle.encoder, found.columns)
    words = _with_words(names, recipe)
    groups = _groups([words[name].meaning for name in names])
    by_group = np.stack([by_feature[:, members].sum(axis=1) for members in groups], axis=1)
    order = np.argsort(-by_group, axis=1, kind="stable")
    typical = bundle.encoder.typical_
    found_reasons = []
    for row, facts in enumerate(features.iter_rows(named=True)):
        raised = (groups[group] for group in order[row] if by_group[row, group] > 0)
        leading = (names[_leading(by_feature[row], members)] for members in raised)
        said = (_shown(words[name].sentence(facts, name, typical.get(name))) for name in leading)
        found_reasons.append(_first_different(said))
    return found_reasons


def sum_by_feature(encoder: Encoder, columns: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names of the features, and what each added to the logit (N, features): a value and that it is missing are one.

    Args:
        encoder: whose columns these are.
        columns: attributions (N, F) of encoded columns.
    """
    names = [scale.name for scale in encoder.scales_] + [one.name for one in encoder.vocabularies_]
    widths = [len(scale.names) for scale in encoder.scales_] + [1] * len(encoder.vocabularies_)
    bounds = np.cumsum([0, *widths])
    return names, np.stack([columns[:, start:stop].sum(axis=1) for start, stop in pairwise(bounds)], axis=1)


def _with_words(names: Sequence[str], recipe: Recipe) -> dict[str, Words]:
    """The words of these features; one that no recipe makes is said by its name."""
    known = words_of(recipe)
    return {name: known.get(name, Words(name, f"{name} is {{value}}", number, f"{name} is empty")) for name in names}


def _groups(meanings: Sequence[str]) -> list[list[int]]:
    """Places of the features of each meaning."""
    groups: dict[str, list[int]] = {}
    for place, meaning in enumerate(meanings):
        groups.setdefault(meaning, []).append(place)
    return list(groups.values())


def _leading(attributions: np.ndarray, members: Sequence[int]) -> int:
    return members[int(attributions[members].argmax())]


def _first_different(sentences: Iterable[str]) -> tuple[str, ...]:
    """Two meanings may be said in the same words: a first transaction has neither an age nor a pause."""
    kept: dict[str, None] = {}
    for sentence in sentences:
        kept[sentence] = None
        if len(kept) == REASONS:
            break
    return tuple(kept)


def _shown(sentence: str) -> str:
    text = readable(mask_card_numbers(sentence))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
