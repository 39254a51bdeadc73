"""One run's report and evidence, with what every section needs from them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fraud.errors import ReportError
from fraud.evaluation import verdict_text
from fraud.reporting import words
from fraud.reporting.evidence_values import EvidenceValue, Path, Sentence
from fraud.reporting.intervals import interval, plural
from fraud.reporting.palette import Style, styles_of

MOST_LINES = 12
"""With more strategies and baselines than this, charts draw some of them and the others on demand."""


@dataclass(frozen=True)
class Against:
    """A paired comparison: one strategy minus another."""

    difference: EvidenceValue
    low: EvidenceValue
    high: EvidenceValue
    p_value: EvidenceValue
    verdict: str


@dataclass(frozen=True)
class RunView:
    """A run's validated report and evidence.

    Attributes:
        report: ``report.json``.
        evidence: ``evidence.json``, or an empty mapping.
    """

    report: Mapping[str, Any]
    evidence: Mapping[str, Any]

    @property
    def root(self) -> dict[str, Any]:
        """What ``EvidenceValue`` paths start from."""
        return {"report": self.report, "evidence": self.evidence}

    @property
    def is_retrain(self) -> bool:
        """Champion against challenger rather than strategies against each other."""
        return bool(self.report["kind"] == "retrain")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Strategies in the page's order: most frauds found first; champion before challenger."""
        rows = self.report["strategies"]
        if self.is_retrain:
            return tuple(sorted((row["name"] for row in rows), key=lambda name: name != "champion"))
        ranked = sorted(rows, key=lambda row: (-row["recall"]["mean"], row["name"]))
        return tuple(row["name"] for row in ranked)

    @cached_property
    def baselines(self) -> tuple[str, ...]:
        """Models that are not the network, most frauds found first."""
        ranked = sorted(self.report["baselines"], key=lambda row: (-row["recall"]["mean"], row["name"]))
        return tuple(row["name"] for row in ranked)

    @cached_property
    def styles(self) -> dict[str, Style]:
        """How each strategy and baseline is drawn, in the page's order."""
        rows = [self.row(name) for name in (*self.names, *self.baselines)]
        return styles_of([{"name": row["name"], "family": row["family"]} for row in rows])

    @cached_property
    def paths(self) -> dict[str, Path]:
        """The path of each strategy and baseline in the report."""
        return {
            row["name"]: ("report", part, index)
            for part in ("strategies", "baselines")
            for index, row in enumerate(self.report[part])
        }

    def row(self, name: str) -> Mapping[str, Any]:
        """The report's row of one strategy or baseline."""
        _, part, index = self.paths[name]
        found: Mapping[str, Any] = self.report[str(part)][index]
        return found

    def value(self, name: str, key: str, value_format: str) -> EvidenceValue:
        """One number of a strategy; ``key`` may be a path, as ``recall/mean``."""
        return EvidenceValue((*self.paths[name], *key.split("/")), value_format)

    @cached_property
    def leading(self) -> str:
        """The strategy the others are compared with: a retrain's champion, else the chosen one, else the first."""
        chosen = (self.report["champion"] or {}).get("strategy")
        return chosen if chosen in self.names and not self.is_retrain else self.names[0]

    @property
    def leading_words(self) -> str:
        """What the leading strategy is, beside its name."""
        if self.is_retrain:
            return "in use so far"
        return "chosen on validation" if self.report["champion"] else "highest recall"

    @property
    def serving(self) -> str:
        """The strategy of the key figures: the leading one, or the challenger that replaced it."""
        promoted = self.is_retrain and self.report.get("decision", {}).get("promote", False)
        return "challenger" if promoted and "challenger" in self.names else self.leading

    def called(self, name: str) -> str:
        """A strategy's name in sentences."""
        if self.is_retrain:
            return f"the {name}"
        return "plain training (none)" if name == "none" else name

    @property
    def leading_called(self) -> str:
        """The leading strategy's name in sentences."""
        return self.called(self.leading)

    @property
    def serving_called(self) -> str:
        """The name of the strategy of the key figures, in sentences."""
        return self.called(self.serving)

    @property
    def serving_words(self) -> str:
        """What the strategy of the key figures is, beside its name."""
        if not self.is_retrain:
            return self.leading_words
        return "in use from now on" if self.serving != self.leading else "in use before and after"

    @property
    def first_seed(self) -> int:
        """The seed of the first network of every strategy; the others count on from it."""
        return int(self.report["provenance"]["seed"] or 0)

    @cached_property
    def family_best(self) -> tuple[str, ...]:
        """The best of each family on validation."""
        return tuple(name for name in self.report["answer"]["family_best"].values() if name in self.names)

    @cached_property
    def drawn(self) -> tuple[str, ...]:
        """What line charts show by default, in the page's order: all, or where there are many a selection.

        The selection: the leading one, the best of each family, plain training and the best baseline.
        """
        if len(self.styles) <= MOST_LINES:
            return tuple(self.styles)
        selection = {self.leading, "none", *self.family_best, *self.baselines[:1]}
        return tuple(name for name in self.styles if name in selection)

    @property
    def not_tabled(self) -> str:
        """Ending of the caption of a table without the other strategies; empty where it has all."""
        left = len(self.styles) - len(self.drawn)
        return f"; {left} further strategies are in evidence.json" if left else ""

    def tabled(self, part: str) -> dict[str, Any]:
        """A part of the evidence as ``by_strategy``, for what is drawn by default."""
        return {name: found for name, found in self.by_strategy(part).items() if name in self.drawn}

    @property
    def margin(self) -> float | None:
        """The recall difference that does not matter, as a share; None where the run has none."""
        margin = self.report.get("margin")
        if margin is None:
            margin = self.config.get("comparison", {}).get("margin")
        return float(margin) if isinstance(margin, int | float) else None

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The resolved configuration; empty where the evidence has none.

        Raises:
            ReportError: it is not TOML.
        """
        try:
            return tomllib.loads(self.evidence.get("config_toml", ""))
        except tomllib.TOMLDecodeError as error:
            raise ReportError(f"evidence.json: config_toml: is not TOML ({error}); run `fraud compare` again") from None

    @property
    def budget(self) -> float | None:
        """Alerts a day at which strategies are compared, where the policy counts them or was matched to a count."""
        policy = self.report["policy"]
        return policy["value"] if policy["kind"] == "alerts_per_day" else None

    @property
    def has_target(self) -> bool:
        """Whether the policy sets the alerts a day itself; one that was matched to a count has another target."""
        return self.budget is not None and "asked" not in self.report["policy"]

    @property
    def operating_point(self) -> str:
        """The operating point in words."""
        return words.operating_point(self.report["policy"])

    def against(self, name: str, other: str) -> Against | None:
        """The paired recall comparison of two strategies, ``name`` minus ``other``."""
        several = sum(one["metric"] == "recall" for one in self.report["comparisons"]) > 1
        for index, row in enumerate(self.report["comparisons"]):
            if row["metric"] != "recall" or {row["a"], row["b"]} != {name, other}:
                continue
            flip = row["a"] != name
            at = ("report", "comparisons", index)
            low, high = (
                EvidenceValue((*at, end), "points", flip) for end in (("high", "low") if flip else ("low", "high"))
            )
            return Against(
                difference=EvidenceValue((*at, "difference"), "points", flip),
                low=low,
                high=high,
                p_value=EvidenceValue((*at, "p_value"), "probability"),
                verdict=verdict_text(row, name, several=several, margin=self.margin),
            )
        return None

    def interval(self, name: str, key: str, value_format: str) -> Sentence:
        """A measure of a strategy with its interval: *71.2 % [67.1, 75.0]*; a dash where it was not measured."""
        return interval(self.row(name).get(key), (*self.paths[name], key), value_format)

    def by_strategy(self, part: str) -> dict[str, Any]:
        """A part of the evidence by strategy, those of the report alone, in the page's order."""
        found = self.evidence.get(part) or {}
        return {name: found[name] for name in self.styles if found.get(name)}

    @cached_property
    def caveats(self) -> tuple[Sentence, ...]:
        """The run's own warnings, which the reader needs beside the figures."""
        count = len(self.report.get("warnings", ()))
        return tuple((EvidenceValue(("report", "warnings", index), "text"),) for index in range(count))

    @property
    def clusters(self) -> Sentence:
        """What the intervals are summed over, counted."""
        clusters = self.report.get("clusters")
        if not clusters:
            return ("days or cards",)
        return (
            EvidenceValue(("report", "clusters", "count"), "count"),
            " ",
            plural(clusters["kind"], clusters["count"]),
        )
