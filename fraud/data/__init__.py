"""Dump -> valid, stored transactions."""

from fraud.data.checks.event_range import EventRange, find_events_out_of_range
from fraud.data.checks.schema_diff import compare_with_store
from fraud.data.contract import TIMESTAMP
from fraud.data.findings import Finding
from fraud.data.ingest import ingest_dumps
from fraud.data.mapping.labels import EMPTY_CELL, FRAUD_SPELLINGS, GENUINE_SPELLINGS, UNKNOWN_SPELLINGS, read_label
from fraud.data.mapping.role import RoleExpressions
from fraud.data.mapping.time_formats import TimeParser, fitting_time_formats
from fraud.data.mapping.times import MICROSECONDS_PER_UNIT, ROW_ORDER_EPOCH, is_monthly, read_time
from fraud.data.mapping.values import as_number, as_text, parse_numbers
from fraud.data.presets import INDEX_COLUMNS, preset, preset_columns, recognise_preset
from fraud.data.reading.compression import unpacked
from fraud.data.reading.delimited import OTHER_FILES
from fraud.data.reading.files import Dump, find_dumps, recognise_dump, sha256_of
from fraud.data.reading.source import ROW_NUMBER, Source, explain_read_errors, open_source
from fraud.data.results import IngestResult
from fraud.data.staging.card_number_columns import find_card_numbers
from fraud.data.staging.pseudonyms import Pseudonyms, pseudonyms_for
from fraud.data.staging.stage import StagedDump, stage_dump
from fraud.data.store.manifests import DumpManifest
from fraud.data.store.storage import is_object_storage_error, storage_fault
from fraud.data.store.table import TransactionStore, open_store

__all__ = [
    "EMPTY_CELL",
    "FRAUD_SPELLINGS",
    "GENUINE_SPELLINGS",
    "INDEX_COLUMNS",
    "MICROSECONDS_PER_UNIT",
    "OTHER_FILES",
    "ROW_NUMBER",
    "ROW_ORDER_EPOCH",
    "TIMESTAMP",
    "UNKNOWN_SPELLINGS",
    "Dump",
    "DumpManifest",
    "EventRange",
    "Finding",
    "IngestResult",
    "Pseudonyms",
    "RoleExpressions",
    "Source",
    "StagedDump",
    "TimeParser",
    "TransactionStore",
    "as_number",
    "as_text",
    "compare_with_store",
    "explain_read_errors",
    "find_card_numbers",
    "find_dumps",
    "find_events_out_of_range",
    "fitting_time_formats",
    "ingest_dumps",
    "is_monthly",
    "is_object_storage_error",
    "open_source",
    "open_store",
    "parse_numbers",
    "preset",
    "preset_columns",
    "pseudonyms_for",
    "read_label",
    "read_time",
    "recognise_dump",
    "recognise_preset",
    "sha256_of",
    "stage_dump",
    "storage_fault",
    "unpacked",
]
