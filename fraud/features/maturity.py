"""What was known on a day: the table as it stood then, and when the data were last told anything.

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


def latest_knowledge(keys: pl.DataFrame, *, delay_days: float) -> datetime:
    """When the data were last told anything: an event or a report.

    A genuine label that nobody told, whose time is only the usual one after its event, lies in the future of the
    dump that brought it, and says nothing of when that was.

    Args:
        keys: event_time, is_fraud and label_time of data that have label times of their own.
        delay_days: the usual time.
    """
    usual = pl.col("event_time") + pl.lit(timedelta(days=delay_days))
    told = pl.col("is_fraud") | (pl.col("label_time") != usual)
    latest = keys.select(pl.max_horizontal(pl.col("event_time").max(), pl.col("label_time").filter(told).max()))
    moment: datetime = latest.item()
    return moment
