"""A challenger against the champion, both on a window that neither was trained on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from fraud.config import PolicyConfig, RunConfig
from fraud.errors import SplitError
from fraud.evaluation.bootstrap import Bootstrap
from fraud.evaluation.candidates import Candidate, ScoredSeed
from fraud.evaluation.evidence import candidate_evidence
from fraud.evaluation.field import Field
from fraud.evaluation.judging import Judgement, check_same_alerts, judge
from fraud.evaluation.policy import Threshold
from fraud.evaluation.statistics import Comparison, compare
from fraud.model.bundle import Bundle
from fraud.model.calibration import shift_logits


@dataclass(frozen=True, kw_only=True)
class Duel:
    """Champion and challenger on one window."""

    champion: Judgement
    challenger: Judgement
    comparison: Comparison
    evidence: dict[str, dict[str, Any]]


def check_unseen(bundle: Bundle, field: Field) -> None:
    """Stop a duel on days that the champion was trained or calibrated on.

    Raises:
        SplitError: the test window begins before the champion's own validation window ended.
    """
    known_until = datetime.fromisoformat(bundle.provenance["split"]["validation"]["to"])
    if known_until > field.split.test.start:
        raise SplitError(
            f"[split]: the test window starts {field.split.test.start:%Y-%m-%d}, but the champion was chosen on data "
            f"up to {known_until:%Y-%m-%d}; wait for newer dumps, or make [split] test shorter"
        )


def duel(
    bundle: Bundle,
    challenger: Candidate,
    *,
    features: pl.DataFrame,
    field: Field,
    config: RunConfig,
    policy: PolicyConfig,
    bootstrap: Bootstrap,
) -> Duel:
    """Judge both on the same window, at the same number of alerts, on the same resamples.

    Args:
        bundle: the champion.
        challenger: trained on the windows of ``field``, one seed.
        features: the feature table that ``field`` was cut from.
        field: windows of this retraining.
        config: of the run; ``promotion.margin`` is the margin of the verdict.
        policy: the matched operating point.
        bootstrap: shared resamples.

    Raises:
        SplitError: the champion knows the test window.
    """
    check_unseen(bundle, field)
    contenders = {"champion": as_candidate(bundle, features, field, policy), "challenger": challenger}
    judged = {
        name: judge(candidate, field.test, policy=policy, bootstrap=bootstrap) for name, candidate in contenders.items()
    }
    check_same_alerts(list(judged.values()))
    figures = [judged[name].figures["recall"] for name in ("challenger", "champion")]
    pairs = [("challenger", figures[0], "champion", figures[1])]
    return Duel(
        champion=judged["champion"],
        challenger=judged["challenger"],
        comparison=compare(pairs, metric="recall", margin=config.promotion.margin, frauds=int(field.test.y_true.sum()))[
            0
        ],
        evidence={
            name: candidate_evidence(candidate, field.test, bootstrap) for name, candidate in contenders.items()
        },
    )


def as_candidate(bundle: Bundle, features: pl.DataFrame, field: Field, policy: PolicyConfig) -> Candidate:
    """The champion as it is: its own encoder, calibration and threshold, nothing fitted anew."""
    logits = bundle.logits(features[field.split.test.rows])
    shifted = shift_logits(logits, bundle.logit_shift)
    window = bundle.provenance["split"]["validation"]
    scored = ScoredSeed(
        seed=bundle.seed,
        logits=logits,
        validation_logits=np.empty(0),
        probabilities={
            "raw": expit(logits),
            "shifted": expit(shifted),
            "calibrated": bundle.calibrator.transform(shifted),
        },
        logit_shift=bundle.logit_shift,
        calibrator=bundle.calibrator,
        threshold=Threshold(
            value=bundle.threshold,
            policy=policy,
            window="validation",
            start=datetime.fromisoformat(window["from"]),
            end=datetime.fromisoformat(window["to"]),
            alerts_per_day=float("nan"),
        ),
    )
    return Candidate(name="champion", family=bundle.family, seeds=(scored,), cost=())
