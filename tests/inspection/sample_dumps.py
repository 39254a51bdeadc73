"""Sample dumps with the columns, types and pitfalls of public data sets, and nothing of their contents.

Names, types, spans and prevalences are facts; every value is drawn from a seeded generator. Frauds are made a little
conspicuous (high amounts), so that there is something to find.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = pl.DataFrame
ROWS = 6_000


def _frauds(rng: np.random.Generator, rows: int, share: float) -> NDArray[np.int64]:
    return (rng.random(rows) < share).astype(np.int64)


def _amounts(rng: np.random.Generator, fraud: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.round(rng.lognormal(3.5 + 1.2 * fraud, 0.9), 2) + 0.01


def _times(rng: np.random.Generator, rows: int, start: datetime, days: int) -> list[datetime]:
    seconds = np.sort(rng.integers(0, days * 86_400, rows))
    return [start + timedelta(seconds=int(second)) for second in seconds]


def _some(rng: np.random.Generator, names: list[str], rows: int) -> list[str]:
    return [names[index] for index in rng.integers(0, len(names), rows)]


def _luhn(stem: str) -> str:
    digits = [int(digit) for digit in reversed(stem)]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[::2]]
    return stem + str(-(sum(doubled) + sum(digits[1::2])) % 10)


def handbook(seed: int = 1, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.04)
    return pl.DataFrame(
        {
            "TRANSACTION_ID": range(rows),
            "TX_DATETIME": _times(rng, rows, datetime(2018, 4, 1, tzinfo=UTC), 90),
            "CUSTOMER_ID": rng.integers(0, 300, rows),
            "TERMINAL_ID": rng.integers(0, 600, rows),
            "TX_AMOUNT": _amounts(rng, fraud),
            "TX_FRAUD": fraud,
            "TX_FRAUD_SCENARIO": fraud * rng.integers(1, 4, rows),
        }
    )


def creditcard(seed: int = 2, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.02)
    parts = {f"V{n}": np.round(rng.normal(fraud * (1.5 if n in {4, 11} else 0), 1.0), 6) for n in range(1, 29)}
    time = np.sort(rng.integers(0, 172_792, rows)).astype(float)
    return pl.DataFrame({"Time": time, **parts, "Amount": _amounts(rng, fraud), "Class": fraud})


def paysim(seed: int = 3, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.04)
    hour = np.arange(1, 744)
    busy = 1.2 + np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    step = np.sort(rng.choice(hour, rows, p=busy / busy.sum()))
    amount, before = _amounts(rng, fraud), np.round(rng.lognormal(6, 1, rows), 2)
    return pl.DataFrame(
        {
            "step": step,
            "type": _some(rng, ["PAYMENT", "TRANSFER", "CASH_OUT", "DEBIT", "CASH_IN"], rows),
            "amount": amount,
            "nameOrig": [f"C{n}" for n in rng.permutation(10 * rows)[:rows]],
            "oldbalanceOrg": before,
            "newbalanceOrig": np.where(fraud == 1, 0.0, np.maximum(before - amount, 0.01)),
            "nameDest": [f"M{n}" for n in rng.integers(0, 400, rows)],
            "oldbalanceDest": 0.0,
            "newbalanceDest": amount,
            "isFraud": fraud,
            "isFlaggedFraud": fraud * (rng.random(rows) < 0.02),
        }
    )


def sparkov(seed: int = 4, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.04)
    times = _times(rng, rows, datetime(2019, 1, 1, tzinfo=UTC), 400)
    cards = [_luhn(f"4{n:014d}") for n in rng.integers(0, 10**13, 150)]
    people, who = ["Ann", "Bob", "Cleo", "Dan"], rng.integers(0, len(cards), rows)
    return pl.DataFrame(
        {
            "column 1": range(rows),
            "trans_date_trans_time": [f"{time:%Y-%m-%d %H:%M:%S}" for time in times],
            "cc_num": [int(cards[person]) for person in who],
            "merchant": [f"fraud_Shop {n}" for n in rng.integers(0, 60, rows)],
            "category": _some(rng, ["misc_net", "grocery_pos", "travel", "home"], rows),
            "amt": _amounts(rng, fraud),
            "first": [people[person % 4] for person in who],
            "last": [f"{people[person % 4]}son" for person in who],
            "gender": _some(rng, ["F", "M"], rows),
            "street": [f"{person} Long Street" for person in who],
            "city": [f"Town {person % 40}" for person in who],
            "state": [["NY", "TX", "CA"][person % 3] for person in who],
            "zip": [10_000 + person % 40 for person in who],
            "lat": np.round(rng.normal(40, 3, rows), 4),
            "long": np.round(rng.normal(-90, 9, rows), 4),
            "city_pop": [1_000 + 37 * (person % 40) for person in who],
            "job": [f"Job {person % 90}" for person in who],
            "dob": [f"{1950 + person % 50}-03-0{1 + person % 9}" for person in who],
            "trans_num": [f"{n:032x}" for n in rng.permutation(10 * rows)[:rows]],
            "unix_time": [int(time.timestamp()) for time in times],
            "merch_lat": np.round(rng.normal(40, 3, rows), 4),
            "merch_long": np.round(rng.normal(-90, 9, rows), 4),
            "is_fraud": fraud,
        }
    )


def banksim(seed: int = 5, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.04)
    return pl.DataFrame(
        {
            "step": np.sort(rng.integers(0, 180, rows)),
            "customer": [f"'C{n}'" for n in rng.integers(0, 400, rows)],
            "age": _some(rng, ["'1'", "'2'", "'3'", "'U'"], rows),
            "gender": _some(rng, ["'M'", "'F'", "'E'"], rows),
            "zipcodeOri": "'28007'",
            "merchant": [f"'M{n}'" for n in rng.integers(0, 50, rows)],
            "zipMerchant": "'28007'",
            "category": _some(rng, ["'es_transportation'", "'es_food'", "'es_health'"], rows),
            "amount": _amounts(rng, fraud),
            "fraud": fraud,
        }
    )


def ieee_cis_transaction(seed: int = 6, rows: int = 2_500) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.05)
    numbers = {f"V{n}": np.where(rng.random(rows) < 0.3, np.nan, rng.integers(0, 5, rows)) for n in range(1, 340)}
    counts = {f"C{n}": rng.poisson(2 + fraud, rows).astype(float) for n in range(1, 15)}
    days = {f"D{n}": np.where(rng.random(rows) < 0.5, np.nan, rng.integers(0, 500, rows)) for n in range(1, 16)}
    cards = {"card1": rng.integers(1_000, 1_300, rows), "card2": rng.integers(100, 600, rows).astype(float)}
    cards |= {"card3": 150.0, "card4": _some(rng, ["visa", "mastercard"], rows), "card5": 226.0}
    frame = pl.DataFrame(
        {
            "TransactionID": 2_987_000 + np.arange(rows),
            "isFraud": fraud,
            "TransactionDT": np.sort(rng.integers(86_400, 15_811_131, rows)),
            "TransactionAmt": _amounts(rng, fraud),
            "ProductCD": _some(rng, list("WCRHS"), rows),
            **cards,
            "card6": _some(rng, ["debit", "credit"], rows),
            "addr1": rng.integers(100, 400, rows).astype(float),
            "addr2": 87.0,
            "dist1": rng.exponential(100, rows),
            "dist2": rng.exponential(100, rows),
            "P_emaildomain": _some(rng, ["gmail.com", "yahoo.com", "anonymous.com"], rows),
            "R_emaildomain": _some(rng, ["gmail.com", "yahoo.com"], rows),
            **counts,
            **days,
            **{f"M{n}": _some(rng, ["T", "F"], rows) for n in range(1, 10)},
            **numbers,
        }
    )
    return frame.with_columns(pl.selectors.float().fill_nan(None))


def ieee_cis_identity(seed: int = 6, rows: int = 2_500) -> Rows:
    rng = np.random.default_rng(seed + 100)
    some = np.sort(rng.permutation(rows)[: rows // 4])
    return pl.DataFrame(
        {
            "TransactionID": 2_987_000 + some,
            **{f"id_{n:02}": np.round(rng.normal(0, 10, len(some))) for n in range(1, 12)},
            **{f"id_{n}": _some(rng, ["Found", "NotFound", "New"], len(some)) for n in range(12, 39)},
            "DeviceType": _some(rng, ["mobile", "desktop"], len(some)),
            "DeviceInfo": _some(rng, ["Windows", "iOS Device", "MacOS"], len(some)),
        }
    )


def ieee_cis(seed: int = 6, rows: int = 2_500) -> Rows:
    identity = ieee_cis_identity(seed, rows)
    return ieee_cis_transaction(seed, rows).join(identity, on="TransactionID", how="left", maintain_order="left")


def baf(seed: int = 7, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.03)
    whole = "prev_address_months_count current_address_months_count zip_count_4w bank_branch_count_8w credit_risk_score"
    whole += " date_of_birth_distinct_emails_4w bank_months_count device_distinct_emails_8w"
    real = "name_email_similarity days_since_request intended_balcon_amount velocity_6h velocity_24h velocity_4w"
    real += " session_length_in_minutes"
    flags = "email_is_free phone_home_valid phone_mobile_valid has_other_cards foreign_request keep_alive_session"
    return pl.DataFrame(
        {
            "fraud_bool": fraud,
            "income": np.round(np.clip(rng.random(rows) + 0.3 * fraud, 0.1, 0.9), 1),
            **{name: rng.integers(-1, 300, rows) for name in whole.split()},
            **{name: rng.random(rows) for name in real.split()},
            **{name: rng.integers(0, 2, rows) for name in flags.split()},
            "customer_age": 10 * rng.integers(1, 9, rows),
            "payment_type": _some(rng, ["AA", "AB", "AC"], rows),
            "employment_status": _some(rng, ["CA", "CB", "CC"], rows),
            "housing_status": _some(rng, ["BA", "BB", "BC"], rows),
            "proposed_credit_limit": _amounts(rng, fraud),
            "source": _some(rng, ["INTERNET", "TELEAPP"], rows),
            "device_os": _some(rng, ["linux", "windows", "other"], rows),
            "device_fraud_count": 0,
            "month": np.sort(rng.integers(0, 8, rows)),
        }
    )


def s_ffsd(seed: int = 8, rows: int = ROWS) -> Rows:
    rng = np.random.default_rng(seed)
    fraud = _frauds(rng, rows, 0.15)
    return pl.DataFrame(
        {
            "Time": range(rows),
            "Source": [f"S{n}" for n in rng.integers(10_000, 10_900, rows)],
            "Target": [f"T{n}" for n in rng.integers(1_000, 1_080, rows)],
            "Amount": _amounts(rng, fraud),
            "Location": [f"L{n}" for n in rng.integers(100, 130, rows)],
            "Type": [f"TP{n}" for n in rng.integers(100, 120, rows)],
            "Labels": np.where(rng.random(rows) < 0.6, 2, fraud),
        }
    )


SAMPLE_DUMPS: dict[str, Callable[[], Rows]] = {
    "handbook": handbook,
    "creditcard": creditcard,
    "paysim": paysim,
    "sparkov": sparkov,
    "banksim": banksim,
    "ieee-cis": ieee_cis,
    "baf": baf,
    "s_ffsd": s_ffsd,
}
