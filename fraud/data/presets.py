"""Column mappings of public data sets, in the words of the config: names and types are facts, no data is shipped.

A preset sets only what the data demands (roles, label delays, shares where there are no days); everything else keeps
its default. Where the data can be had: ``data/README.md``.
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any, Final

from fraud.config import ColumnsConfig, RunConfig
from fraud.errors import ConfigError
from fraud.text import nearest

Sections = dict[str, dict[str, Any]]

_NO_DELAY: Final = {"delay_days": 0.0}
_SHARES: Final = {"train": 0.0, "validation": 0.2, "test": 0.3}

# The book's own files have the time in three columns; dumps of them may leave the counters out.
_HANDBOOK: Final[Sections] = {
    "columns": {
        "transaction_id": "TRANSACTION_ID",
        "event_time": "TX_DATETIME",
        "amount": "TX_AMOUNT",
        "is_fraud": "TX_FRAUD",
        "fraud_type": "TX_FRAUD_SCENARIO",
        "entities": {"customer": "CUSTOMER_ID", "terminal": "TERMINAL_ID"},
        "ignore": ["TX_TIME_SECONDS", "TX_TIME_DAYS"],
    },
    "labels": {"delay_days": 7.0},
}

# What `fraud simulate --preset rich` writes. REPORTED_AT is empty for genuine transactions: they count as genuine
# once they are mature.
_RICH: Final[Sections] = {
    "columns": {
        "transaction_id": "TRANSACTION_ID",
        "event_time": "EVENT_TIME",
        "amount": "AMOUNT",
        "is_fraud": "IS_FRAUD",
        "label_time": "REPORTED_AT",
        "fraud_type": "FRAUD_TYPE",
        "entities": {"customer": "CUSTOMER_ID", "merchant": "MERCHANT_ID", "device": "DEVICE_ID"},
        "categorical": ["CATEGORY", "CHANNEL", "COUNTRY"],
    },
    "labels": {"delay_days": 30.0, "maturity_days": 30.0},
}

# ULB / Kaggle "creditcard.csv": two days of September 2013, principal components, no entities.
_CREDITCARD: Final[Sections] = {
    "columns": {
        "event_time": {"column": "Time", "unit": "s", "origin": "2013-09-01"},
        "amount": "Amount",
        "is_fraud": "Class",
        "numeric": [f"V{number}" for number in range(1, 29)],
    },
    "labels": _NO_DELAY,
    "split": _SHARES,
    "policy": {"kind": "alert_rate", "value": 0.002},
}

# PaySim (Kaggle "ealaxi/paysim1"): 30 days in hours. Its author warns that a detected fraud is cancelled, so that
# the four balances leak the label.
_PAYSIM: Final[Sections] = {
    "columns": {
        "event_time": {"column": "step", "unit": "h", "origin": "2017-01-01"},
        "amount": "amount",
        "is_fraud": "isFraud",
        "entities": {"customer": "nameOrig", "recipient": "nameDest"},
        "categorical": ["type"],
        "ignore": ["oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest", "isFlaggedFraud"],
    },
    "labels": {"delay_days": 1.0},
    "split": {"train": 0.0, "validation": 5.0, "test": 7.0},
    "features": {"windows": ["1h", "1d", "7d"]},
}

# Sparkov (Kaggle "kartik2112/fraud-detection": fraudTrain.csv and fraudTest.csv), 2019 and 2020; personal data aside.
_SPARKOV: Final[Sections] = {
    "columns": {
        "transaction_id": "trans_num",
        "event_time": {"column": "trans_date_trans_time", "format": "%Y-%m-%d %H:%M:%S"},
        "amount": "amt",
        "is_fraud": "is_fraud",
        "entities": {"card": "cc_num", "merchant": "merchant"},
        "numeric": ["city_pop", "lat", "long", "merch_lat", "merch_long"],
        "categorical": ["category", "gender", "state"],
        "ignore": ["first", "last", "street", "city", "zip", "job", "dob", "unix_time"],
    },
    "labels": {"delay_days": 7.0},
    "split": {"train": 0.0, "validation": 60.0, "test": 90.0},
}

# BankSim (Kaggle "ealaxi/banksim1"): 180 days, one step a day; both postcodes are constant.
_BANKSIM: Final[Sections] = {
    "columns": {
        "event_time": {"column": "step", "unit": "d", "origin": "2012-11-01"},
        "amount": "amount",
        "is_fraud": "fraud",
        "entities": {"customer": "customer", "merchant": "merchant"},
        "categorical": ["age", "gender", "category"],
        "ignore": ["zipcodeOri", "zipMerchant"],
    },
    "labels": {"delay_days": 7.0},
}

# IEEE-CIS (Kaggle "ieee-fraud-detection"): train_transaction.csv joined with train_identity.csv on TransactionID.
# Which columns are categorical is documented by the data's hosts; the origin of TransactionDT is its users' guess.
_IEEE_CIS: Final[Sections] = {
    "columns": {
        "transaction_id": "TransactionID",
        "event_time": {"column": "TransactionDT", "unit": "s", "origin": "2017-12-01"},
        "amount": "TransactionAmt",
        "is_fraud": "isFraud",
        "entities": {"card": "card1", "address": "addr1"},
        "numeric": [
            *("dist1", "dist2"),
            *(f"C{number}" for number in range(1, 15)),
            *(f"D{number}" for number in range(1, 16)),
            *(f"V{number}" for number in range(1, 340)),
            *(f"id_{number:02}" for number in range(1, 12)),
        ],
        "categorical": [
            "ProductCD",
            *(f"card{number}" for number in range(2, 7)),
            *("addr2", "P_emaildomain", "R_emaildomain"),
            *(f"M{number}" for number in range(1, 10)),
            *(f"id_{number}" for number in range(12, 39)),
            *("DeviceType", "DeviceInfo"),
        ],
    },
    "labels": {"delay_days": 7.0},
}

# Bank Account Fraud, NeurIPS 2022 (Base.csv and its variants): applications, the month 0 to 7 is all that is known of
# time. A month stands as a day: windows and splits of this preset count months.
_BAF: Final[Sections] = {
    "columns": {
        "event_time": {"column": "month", "unit": "d", "origin": "2000-01-01"},
        "amount": "proposed_credit_limit",
        "is_fraud": "fraud_bool",
        "numeric": [
            *("income", "name_email_similarity", "prev_address_months_count", "current_address_months_count"),
            *("customer_age", "days_since_request", "intended_balcon_amount", "zip_count_4w", "velocity_6h"),
            *("velocity_24h", "velocity_4w", "bank_branch_count_8w", "date_of_birth_distinct_emails_4w"),
            *("credit_risk_score", "email_is_free", "phone_home_valid", "phone_mobile_valid", "bank_months_count"),
            *("has_other_cards", "foreign_request", "session_length_in_minutes", "keep_alive_session"),
            "device_distinct_emails_8w",
        ],
        "categorical": ["payment_type", "employment_status", "housing_status", "source", "device_os"],
        "ignore": ["device_fraud_count"],
    },
    "labels": _NO_DELAY,
    "split": {"train": 0.0, "validation": 1.0, "test": 2.0},
    "policy": {"kind": "max_fpr", "value": 0.05},
}

# S-FFSD (AI4Risk): Time is the number of the row, two labels in three are unknown.
_S_FFSD: Final[Sections] = {
    "columns": {
        "event_time": "row order",
        "amount": "Amount",
        "is_fraud": {"column": "Labels", "fraud": [1], "genuine": [0], "unknown": [2]},
        "entities": {"payer": "Source", "payee": "Target"},
        "categorical": ["Location", "Type"],
        "ignore": ["Time"],
    },
    "labels": _NO_DELAY,
    "split": _SHARES,
    "features": {"windows": ["10m", "1h", "6h"]},
    "policy": {"kind": "alert_rate", "value": 0.3},
}

PRESETS: Final[Mapping[str, Sections]] = {
    "handbook": _HANDBOOK,
    "rich": _RICH,
    "creditcard": _CREDITCARD,
    "paysim": _PAYSIM,
    "sparkov": _SPARKOV,
    "banksim": _BANKSIM,
    "ieee-cis": _IEEE_CIS,
    "baf": _BAF,
    "s_ffsd": _S_FFSD,
}


INDEX_COLUMNS: Final = ("column 1", "Unnamed: 0", "index")
"""Names under which pandas writes its index, unless ``index=False``."""


def preset(name: str) -> Sections:
    """Sections of a config for a known data set, a copy to change freely, as ``RunConfig.from_mapping`` reads them.

    Raises:
        ConfigError: no such preset; the message lists those there are.

    >>> preset("creditcard")["policy"]
    {'kind': 'alert_rate', 'value': 0.002}
    """
    if name not in PRESETS:
        raise ConfigError(f"preset: unknown '{name}'; known presets: {', '.join(PRESETS)}{nearest(name, PRESETS)}")
    return {"dataset": {"name": name}, **deepcopy(PRESETS[name])}


def preset_columns(name: str) -> ColumnsConfig:
    """The column mapping of a known data set.

    Raises:
        ConfigError: no such preset; the message lists those there are.
    """
    return RunConfig.from_mapping(preset(name), source=f"preset {name}").columns


def recognise_preset(columns: Collection[str]) -> str | None:
    """The data set that has just these columns, or None.

    >>> recognise_preset(["Time", "Source", "Target", "Amount", "Location", "Type", "Labels"])
    's_ffsd'
    """
    for name in PRESETS:
        mapping = preset_columns(name)
        if set(mapping.mapped()) <= set(columns) <= {*mapping.mapped(), *mapping.ignore, *INDEX_COLUMNS}:
            return name
    return None
