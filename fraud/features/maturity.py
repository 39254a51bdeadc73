"""What was known on a day: the table as it stood then, and which day it is where nobody says.

Where the data say when each fraud was reported, an event without a report is called genuine by every dump, and is
found out later. So a label of that kind is worth something only once its event is mature.
"""

from datetime import datetime, timedelta

import polars as pl


def known_as_of(transactions: pl.LazyFrame, moment: datetime, *, delay_days: float | None) -> pl.LazyFrame:
    """The transactions as a store held them on that day: later events did not exist, later labels were not known.

    Features need no such treatment, as each was made of what was known at its own moment.

    Args:
        transactions: event_time, is_fraud, label_time and, where there is one, fraud_type; other columns stay.
        moment: the day.
        delay_days: where the data have label times of their own, how long after its event an unreported one counts
            as genuine: what was reported later was stored as genuine then. None where one delay holds for all
            labels: what became known later had no label then.
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
    """The day as of which data are read where nobody names one.

    Where the data have label times of their own, it is the last event's. No label moves it: one single ``label_time``
    of 9999-12-31, which means "never" in many systems, would make the youngest days look mature. Whoever has labels
    much newer than the events names the day. Where one delay holds for all labels, what is stored is known, however
    young its event.

    Args:
        keys: event_time and label_time.
        has_label_time: whether label_time comes from the data.
    """
    names = ["event_time"] if has_label_time else ["event_time", "label_time"]
    moment: datetime = keys.select(pl.max_horizontal(pl.col(name).max() for name in names)).item()
    return moment
