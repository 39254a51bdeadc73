"""The one way a section says that a value is out of range."""

from fraud.errors import ConfigError


def require(holds: bool, message: str) -> None:
    """Raise ``ConfigError`` with the message unless the condition holds."""
    if not holds:
        raise ConfigError(message)
