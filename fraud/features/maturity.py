"""What was known at a moment, and the moment as of which data are read by default.

Where the data contain the time of each report, every dump labels an event without a report as genuine, and a fraud
among them is discovered later. So such a label can be used only once its event is mature.
"""

from datetime import datetime, timedelta

import polars as pl


def known_as_of(transactions: pl.LazyFrame, moment: datetime, *, delay_days: float | None) -> pl.LazyFrame:
    """The transactions as a store held them at a moment: without later events and later labels.

    Features need no such treatment: each is made from what was known at its own moment.

    Args:
        transactions: event_time, is_fraud, label_time and, where there is one, fraud_type; other columns stay.
        moment: UTC.
        delay_days: where the data have label times of their own, how long after its event an unreported one counts
            as genuine: frauds reported later were stored as genuine then. None where one delay holds for all
            labels: rows whose label became known later had none then.
    """
    later = (pl.col("label_time") > moment).fill_null(value=False)
    hidden = {"is_fraud": pl.lit(None, pl.Boolean), "label_time": pl.lit(None, pl.Datetime("us", "UTC"))}
    if delay_days is not None:
        usual = pl.col("event_time") + pl.lit(timedelta(days=delay_days))
        hidden = {"is_fraud": pl.lit(value=False), "label_time": usual}
    if "fraud_type" in transactions.collect_schema():
        hidden["fraud_type"] = pl.lit(None, pl.String)
    then = {name: pl.when(later).then(value).otherwise(pl.col(name)) for name, value in hidden.items()}
    return transactions.filter(pl.col("event_time") < moment).with_columns(**then)


def today_of(keys: pl.DataFrame, *, has_label_time: bool) -> datetime:
    """The moment as of which data are read where [split] as_of is not set.

    Where the data have label times of their own, it is the last event's. Labels do not count: a single ``label_time``
    of 9999-12-31, which means "never" in many systems, would make the latest days count as mature. For labels much
    newer than the events, set [split] as_of. Where one delay holds for all labels, every stored label is known.

    Args:
        keys: event_time and label_time.
        has_label_time: whether label_time comes from the data.
    """
    names = ["event_time"] if has_label_time else ["event_time", "label_time"]
    moment: datetime = keys.select(pl.max_horizontal(pl.col(name).max() for name in names)).item()
    return moment
