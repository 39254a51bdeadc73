"""Files and folders that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write a file or a folder at; it replaces ``path`` if the block ends without an error.

    Its name is hidden, ends in the same suffix, and is another one for each writer. A process that is killed leaves it
    behind, and ``path`` as it was.

    Args:
        path: of a file or a folder; its own folder is made if missing.

    Raises:
        OSError: no room, no permission.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # NOTE: a name may be as long as names can be; of the temporary one 40 characters are kept.
    part = path.with_name(f".{path.stem[:40]}.{uuid4().hex[:12]}.part{path.suffix}")
    try:
        yield part
        if part.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        os.replace(part, path)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
