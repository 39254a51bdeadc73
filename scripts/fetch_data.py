"""Fetch a public data set that can be had without an account, or say where to get it and what to name the file.

python scripts/fetch_data.py creditcard
python scripts/fetch_data.py --url http://HOST/FILE --out data/raw --sha256 HEX

A download that broke off goes on where it stopped; a file that is there and whole is not fetched again. The credit-card
data are about 70 MB; the time is that of the network.
"""

import hashlib
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.command_line import parser_of

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 30
PART = ".part"


class FetchError(Exception):
    """Nothing could be fetched; one line says why and what to do."""


@dataclass(frozen=True)
class PublicSource:
    """Where a public data set comes from."""

    address: str
    file: str
    """Its name in data/raw."""
    fetch: Callable[[Path], Path] | None = None
    """Fetches it without an account; None where one is needed."""


def fetch_creditcard(target: Path) -> Path:
    """The ULB credit-card transactions from OpenML, through scikit-learn's client, as CSV with the names of Kaggle.

    scikit-learn checks the download against OpenML's checksum and keeps it in its own cache.

    Raises:
        FetchError: OpenML cannot be reached, or sends something else.
    """
    from sklearn.datasets import fetch_openml

    if target.exists():
        return target
    try:
        frame = fetch_openml(data_id=42175, as_frame=True, parser="auto").frame
    except (OSError, ValueError) as error:
        raise FetchError(_offline("openml.org", error, "creditcard")) from error
    expected = ["Time", *(f"V{number}" for number in range(1, 29)), "Amount", "Class"]
    missing = [name for name in expected if name not in frame.columns]
    if missing or len(frame) != 284_807:
        raise FetchError(
            f"openml.org: expected 284,807 rows with {', '.join(expected[:2])}, ..., found {len(frame):,} rows"
            f"{f' without {missing[0]}' if missing else ''}; get it from Kaggle: {SOURCES['creditcard'].address}"
        )
    part = target.with_name(target.name + PART)
    frame[expected].to_csv(part, index=False)
    part.replace(target)
    return target


SOURCES = {
    "handbook": PublicSource(
        "github.com/Fraud-Detection-Handbook/simulated-data-transformed; save the daily pickles as Parquet",
        "transactions_2018-MM.parquet",
    ),
    "creditcard": PublicSource("kaggle.com/datasets/mlg-ulb/creditcardfraud", "creditcard.csv", fetch_creditcard),
    "paysim": PublicSource("kaggle.com/datasets/ealaxi/paysim1", "PS_20174392719_1491204439457_log.csv"),
    "sparkov": PublicSource("kaggle.com/datasets/kartik2112/fraud-detection", "fraudTrain.csv and fraudTest.csv"),
    "banksim": PublicSource("kaggle.com/datasets/ealaxi/banksim1", "bs140513_032310.csv"),
    "ieee-cis": PublicSource(
        "kaggle.com/c/ieee-fraud-detection; join them with `fraud inspect TRANSACTION IDENTITY --join ieee.parquet`",
        "train_transaction.csv and train_identity.csv",
    ),
    "baf": PublicSource("kaggle.com/datasets/sgpjesus/bank-account-fraud-dataset-neurips-2022", "Base.csv"),
    "s_ffsd": PublicSource("github.com/AI4Risk/antifraud, data/S-FFSD.zip", "S-FFSD.csv"),
}


def download(url: str, target: Path, *, sha256: str | None = None) -> Path:
    """Fetch a file; what an earlier attempt left is continued.

    Args:
        url: of the file.
        target: where it goes; exists only once it is whole and its checksum is right.
        sha256: hexadecimal checksum; None: not checked.

    Raises:
        FetchError: the host cannot be reached, the connection broke off, or the checksum is wrong.
    """
    if target.exists() and (sha256 is None or sha256_of(target) == sha256):
        return target
    part = target.with_name(target.name + PART)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _receive(url, part)
    except urllib.error.HTTPError as error:
        raise FetchError(f"{url}: the host answers {error.code} {error.reason}; check the address") from error
    except OSError as error:
        raise FetchError(_offline(url, error, target.name)) from error
    found = sha256_of(part)
    if sha256 is not None and found != sha256:
        part.unlink()
        raise FetchError(f"{url}: expected SHA-256 {sha256}, found {found}; the file was deleted, fetch it again")
    part.replace(target)
    return target


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _receive(url: str, part: Path) -> None:
    """All bytes of the file into ``part``, from where it ends."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        reply = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:  # 416: nothing is left to send
            raise
        error.close()
        return
    with reply, part.open("ab" if reply.status == 206 else "wb") as file:
        expected = reply.headers.get("Content-Length")
        received = 0
        while chunk := reply.read(CHUNK_BYTES):
            file.write(chunk)
            received += len(chunk)
    if expected is not None and received < int(expected):
        raise ConnectionError(f"broke off after {received:,} of {int(expected):,} bytes")


def _offline(where: str, error: Exception, name: str) -> str:
    reason = " ".join(str(getattr(error, "reason", None) or error).split())[:160]
    return f"{where}: cannot be reached ({reason}); nothing was lost: give the same command again for {name}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0 done, 2 nothing could be fetched."""
    parser = parser_of(__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(SOURCES), help="of the data set")
    parser.add_argument("--out", type=Path, default=Path("data/raw"), help="folder")
    parser.add_argument("--url", help="of any other file")
    parser.add_argument("--sha256", help="checksum of that file")
    args = parser.parse_args(arguments)
    try:
        path = _fetch(args.name, args.url, args.out, args.sha256)
    except FetchError as error:
        sys.stderr.write(f"fetch_data: {error}\n")
        return 2
    sys.stdout.write(f"{path}\nnext: fraud inspect {path} --write config.toml\n")
    return 0


def _fetch(name: str | None, url: str | None, out: Path, sha256: str | None) -> Path:
    if url:
        return download(url, out / url.rstrip("/").rsplit("/", 1)[-1], sha256=sha256)
    if name is None:
        raise FetchError(f"name a data set: {', '.join(sorted(SOURCES))}; or give --url")
    source = SOURCES[name]
    if source.fetch is None:
        raise FetchError(
            f"{name}: its host requires that you fetch it yourself: {source.address}; put {source.file} into {out}"
        )
    out.mkdir(parents=True, exist_ok=True)
    return source.fetch(out / source.file)


if __name__ == "__main__":
    sys.exit(main())
