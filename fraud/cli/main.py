"""The console script ``fraud``: one sub-command a stage, each imported only when it is called."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any

from cyclopts import App, CycloptsError

from fraud.errors import FraudError, RetiredKeyWarning
from fraud.privacy import mask_card_numbers

STAGES = {
    "demo": "Simulate, compare, report; then a new dump arrives and the champion is retrained. Minutes on two cores.",
    "simulate": "Write synthetic dumps, seeded.",
    "inspect": "Propose a config for an unknown dump, and warn of its traps.",
    "ingest": "Dumps -> store.",
    "prepare": "Store -> point-in-time feature table.",
    "train": "Train one candidate and print how it does on validation.",
    "compare": "Strategies x seeds -> evidence and report.",
    "report": "Render a run's report again.",
    "run": "Ingest, prepare, compare and report; the champion is registered.",
    "retrain": "New dumps -> challenger against champion -> promote or keep, with a report.",
    "score": "A dump -> ranked alerts by the champion.",
    "models": "List the registered models.",
    "promote": "Make a registered model the champion.",
    "rollback": "Bring the former champion back.",
}

app = App(
    name="fraud",
    help="Find the rare fraud: weighting the loss against over- and undersampling, at the same number of alerts.",
    version=lambda: metadata.version("fraud"),
)
for position, (stage, summary) in enumerate(STAGES.items()):
    app.command(f"fraud.cli.{stage}:{stage}", name=stage, help=summary, sort_key=position)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    0: done; 1: a bug; 2: the input or the configuration is at fault, one line names where; 3: the champion stays, of
    ``fraud retrain --require-promotion`` alone; 4: the model of ``fraud run`` is registered but not in use, as it is
    not shown to rank fraud better than chance; 130: stopped by hand, and the same command goes on.
    """
    try:
        with _warnings_in_one_line():
            code = app(sys.argv[1:] if arguments is None else list(arguments), exit_on_error=False, print_error=False)
    except (FraudError, CycloptsError) as error:
        sys.stderr.write(f"fraud: {mask_card_numbers(_in_one_line(error))}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("fraud: stopped; run the same command to go on\n")
        sys.exit(130)
    except Exception as error:
        from fraud.data import storage_fault

        reason = storage_fault(error)
        if reason is None:
            raise
        sys.stderr.write(f"fraud: {reason}\n")
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Warnings about the configuration like those of the stages; all others as Python shows them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RetiredKeyWarning)
        show = warnings.showwarning

        def shown(message: Warning | str, category: type[Warning], *place: Any) -> None:
            if issubclass(category, RetiredKeyWarning):
                sys.stderr.write(f"warning: {mask_card_numbers(str(message))}\n")
            else:
                show(message, category, *place)

        warnings.showwarning = shown  # type: ignore[assignment]
        yield


def _in_one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "dict[str, str]" in text:  # cyclopts' words for an option that is no option and no key
        option = next((word for word in text.split() if word.startswith("--")), "an option").rstrip(":")
        return f"unknown option {option}; a key of the configuration is given as --SECTION.KEY VALUE; see --help"
    return text
