"""Every error that the input, the configuration or the data can cause.

    FraudError
    ├── ConfigError      the TOML or a flag is wrong              (also ValueError)
    ├── DumpError        a dump cannot be read or mapped          (also ValueError)
    ├── StoreError       the stored transactions cannot serve
    ├── SplitError       the windows cannot be cut as required    (also ValueError)
    ├── StrategyError    an imbalance strategy cannot work here   (also ValueError)
    ├── TargetError      targets or logits of the wrong shape     (also ValueError)
    ├── LeakageError     a guard found use of the future, or an unfair comparison
    ├── ModelError       a bundle or the registry cannot serve
    ├── EngineError      the cluster cannot be reached, or loses its work
    └── ReportError      a run folder cannot be rendered

A message says where, what was expected, what was found and what to do. Only the command line
catches ``FraudError``: one line on standard error, exit code 2.
"""


class FraudError(Exception):
    """Anything that the user can fix: input, configuration or data are at fault."""


class ConfigError(FraudError, ValueError):
    """The configuration is wrong: unknown key, value out of range, unreadable file."""


class DumpError(FraudError, ValueError):
    """A dump cannot be read, or its columns cannot be mapped to their roles."""


class StoreError(FraudError):
    """The transaction store is missing, unreadable, locked or cannot be written."""


class SplitError(FraudError, ValueError):
    """The data cannot be cut into the configured windows: too few days, no fraud in one of them."""


class StrategyError(FraudError, ValueError):
    """A strategy is unknown or cannot work on these training rows."""


class TargetError(FraudError, ValueError):
    """Targets and logits do not fit: one-hot targets, values outside [0, 1], NaN, shapes that differ."""


class LeakageError(FraudError):
    """A guard found that something knew the future, or that a comparison was not fair."""


class ModelError(FraudError):
    """A bundle or the model registry is missing, unreadable or does not fit the data."""


class EngineError(FraudError):
    """The machines that shall do the work cannot be reached, do not fit the task, or keep losing it."""


class ReportError(FraudError):
    """A run folder is missing what its report needs."""


class RetiredKeyWarning(UserWarning):
    """A configuration has a key of an earlier version, which does nothing any more."""
