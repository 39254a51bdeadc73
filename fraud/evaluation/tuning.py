"""The trials of a comparison: one sequence of settings for all families, judged on validation alone.

Trial i has the same learning rate for every family and the same correction of the imbalance for every strategy that
has this knob. Nothing is drawn: neither a name nor a seed decides who gets which settings. The first four trials try
each correction once, the mildest first, and so do the other four; in each four the logarithm of the learning rate and
the correction are uncorrelated, so that the effect of one is not taken for that of the other.

Members of a family take turns, and share what was found: the learning rate of the family's best trial, and the
correction of the best trial of those that have one. So a member differs from the others by its method alone, not by the
turn that it had.
"""

from collections.abc import Mapping, Sequence

from fraud.errors import ConfigError
from fraud.evaluation.training_jobs import JobResult, TrainingJob
from fraud.imbalance import KnobValue, get_strategy

RATES = (1.0, 0.5, 2.0, 0.25, 1.5, 0.75, 3.0, 0.375)
"""Multiples of the configured learning rate, trial by trial."""
CORRECTIONS = (0.25, 1.0, 0.75, 0.5, 1.0, 0.25, 0.5, 0.75)
"""Corrections of the imbalance, trial by trial."""

Knobs = tuple[tuple[str, KnobValue], ...]


def by_family(strategies: Sequence[str]) -> dict[str, list[str]]:
    """The members of each family, both in the order of the configuration."""
    families: dict[str, list[str]] = {}
    for name in strategies:
        families.setdefault(get_strategy(name).family, []).append(name)
    return families


def trials_per_family(strategies: Sequence[str], tuning_trials: int) -> int:
    """Trials of every family alike: as configured, or as many as the largest family has members.

    Raises:
        ConfigError: more than there are settings to try.
    """
    largest = max(len(members) for members in by_family(strategies).values())
    if max(tuning_trials, largest) > len(RATES):
        raise ConfigError(
            f"[comparison]: tuning_trials and the strategies of a family must be at most {len(RATES)}, found "
            f"{tuning_trials} and {largest}"
        )
    return max(tuning_trials, largest, 1)


def trial_jobs(
    strategies: Sequence[str], *, trials: int, learning_rate: float, seed: int
) -> dict[str, list[TrainingJob]]:
    """The settings that are tried, by family.

    Args:
        strategies: names of all that compete.
        trials: of each family.
        learning_rate: as configured.
        seed: of the networks that are trained.
    """
    return {
        family: [
            TrainingJob(name, seed, learning_rate * RATES[trial], correction_knobs(name, CORRECTIONS[trial]))
            for trial, name in ((trial, members[trial % len(members)]) for trial in range(trials))
        ]
        for family, members in by_family(strategies).items()
    }


def correction_knobs(strategy: str, correction: float) -> Knobs:
    """The knobs of a job at this correction; none where the strategy has no such knob."""
    return (("correction", correction),) if get_strategy(strategy).is_tunable else ()


def family_settings(trials: Sequence[JobResult], members: Sequence[str]) -> Mapping[str, tuple[float, Knobs]]:
    """Learning rate and knobs of each member of a family, from all trials of the family."""
    rate = best_trial(trials).learning_rate
    corrected = [trial for trial in trials if trial.job.knobs]
    knobs = best_trial(corrected).knobs if corrected else ()
    return {name: (rate, knobs if get_strategy(name).is_tunable else ()) for name in members}


def best_trial(trials: Sequence[JobResult]) -> TrainingJob:
    """The trial with the highest average precision on validation; the first of equals."""
    return max(trials, key=lambda trial: trial.validation_average_precision).job
