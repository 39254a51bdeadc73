"""Words in column names that suggest a role; the values of the column must confirm it."""

import re

LABEL = {"fraud", "fraudulent", "isfraud", "class", "label", "labels", "target", "outcome", "y", "betrug", "chargeback"}
AFTER = {
    *("flagged", "chargeback", "chargebacks", "dispute", "disputed", "investigation", "investigated"),
    *("investigator", "resolved", "resolution", "confirmed", "verdict", "review", "reviewed", "blocked"),
    *("refunded", "recovered", "fraud", "fraudulent", "fraudtype", "reversal", "reversed", "decision", "alert"),
    *("alerted", "case", "label"),
}
"""Words of what becomes known only after the transaction."""
TIMES = {
    *("time", "date", "datetime", "timestamp", "ts", "when", "created", "at", "dt", "day", "hour", "step"),
    *("month", "tm", "hhmm", "hhmmss", "datum", "zeit", "zeitpunkt", "moment", "period", "epoch", "unix"),
    *("posted", "booked", "transactiondt", "uhrzeit"),
}
NOT_THE_EVENT = {
    *("dob", "birth", "birthdate", "expiry", "expires", "expiration", "exp", "updated", "modified", "opened"),
    *("opening", "since", "report", "reported", "chargeback", "dispute", "resolved", "label", "loaded", "load"),
    *("extract", "inserted", "ingested", "settled", "settlement", "registered", "signup", "closed", "issued"),
    *("issue", "last"),
}
REPORTED = {"report", "reported", "chargeback", "label", "labelled", "labeled", "dispute", "confirmed", "known"}
AMOUNTS = (
    *("amount", "amt", "betrag", "montant", "importe", "value"),
    *("sum", "price", "total", "paid", "umsatz", "bedrag"),
)
"""The likeliest first."""
IDENTITY = {"id", "transactionid", "transid", "txid", "uuid", "guid", "num", "number", "nr", "no", "ref", "reference"}
TRANSACTION = {
    *("transaction", "transactions", "trans", "tx", "txn", "trx", "transaktion", "payment", "order", "event"),
    *("record", "row"),
}
CARDS = (
    {"card", "cc", "pan", "kreditkarte", "karte"},
    {"account", "acct", "iban", "konto", "nameorig", "orig"},
    {"customer", "client", "cust", "user", "holder", "payer", "source", "sender", "member", "kunde", "from", "uid"},
)
"""Who pays, from the card to the person."""
PARTIES = {
    *("merchant", "terminal", "device", "payee", "recipient", "receiver", "beneficiary", "dest", "namedest"),
    *("target", "shop", "store", "seller", "vendor", "atm", "pos", "ip", "email", "phone", "address", "addr"),
    *("to", "branch", "counterparty", "agent", "imei", "fingerprint", "haendler", "merch", "mcht"),
}
CODES = {
    *("code", "type", "category", "mcc", "country", "state", "zip", "channel", "status", "class", "kind"),
    *("group", "currency", "product", "segment", "level", "cluster", "flag"),
}
KINDS = {
    *("type", "scenario", "kind", "pattern", "category", "reason"),
    *("typology", "mo", "modus", "fallart", "betrugsart"),
}
PERSONAL = {
    **dict.fromkeys(("first", "firstname", "last", "lastname", "surname", "fullname", "vorname", "nachname"), "names"),
    **dict.fromkeys(("dob", "birth", "birthdate", "birthday", "geburtsdatum"), "dates of birth"),
    **dict.fromkeys(("email", "mail"), "e-mail addresses"),
    **dict.fromkeys(("phone", "mobile", "telephone", "tel", "msisdn"), "phone numbers"),
    **dict.fromkeys(("ssn", "passport", "nationalid"), "identity numbers"),
    **dict.fromkeys(("street", "address"), "addresses"),
    **dict.fromkeys(("ip", "ipaddress"), "IP addresses"),
}


def words(name: str) -> list[str]:
    """The words of a name, lower case.

    >>> words("isFraud"), words("trans_date_trans_time"), words("TX_AMOUNT"), words("CardNo2")
    (['is', 'fraud'], ['trans', 'date', 'trans', 'time'], ['tx', 'amount'], ['card', 'no2'])
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]


def hints(name: str, among: object) -> bool:
    """Whether a word of the name, or the whole name run together, is among these.

    >>> hints("nameOrig", {"nameorig"}), hints("birthplace", {"birth"})
    (True, False)
    """
    found = words(name)
    return any(word in among for word in (*found, "".join(found)))  # type: ignore[operator]


def names_a_party(name: str) -> bool:
    """Whether a name is that of a card, an account or a person, or of who is paid and where.

    >>> names_a_party("nameOrig"), names_a_party("terminal_no"), names_a_party("amount")
    (True, True, False)
    """
    return any(hints(name, group) for group in (*CARDS, PARTIES))


def plain_name(name: str) -> str:
    """Letters, digits and underscores of a name, lower case.

    >>> plain_name("Card No."), plain_name("123")
    ('card_no', 'column_123')
    """
    plain = "_".join(words(name)) or "column"
    return plain if not plain[0].isdigit() else f"column_{plain}"
