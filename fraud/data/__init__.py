"""Dump -> valid, stored transactions."""

from fraud.data.checks.event_range import Era, find_misplaced
from fraud.data.checks.schema_diff import compare_with_store
from fraud.data.contract import TIME
from fraud.data.findings import Finding
from fraud.data.ingest import ingest_dumps
from fraud.data.mapping.labels import EMPTY, FRAUD, GENUINE, UNKNOWN, read_label
from fraud.data.mapping.role import Reading
from fraud.data.mapping.time_formats import Parser, fitting_formats
from fraud.data.mapping.times import ROW_ORDER_EPOCH, UNITS_US, is_monthly, read_time
from fraud.data.mapping.values import measure, parse_written, text
from fraud.data.presets import UNNAMED, preset, preset_columns, recognise_preset
from fraud.data.reading.compression import unpacked
from fraud.data.reading.delimited import FOREIGN
from fraud.data.reading.files import Dump, find_dumps, recognise, sha256_of
from fraud.data.reading.source import ROW, Source, explained, open_source
from fraud.data.staging.card_number_columns import find_card_numbers
from fraud.data.staging.pseudonyms import Pseudonyms, pseudonyms_for
from fraud.data.staging.stage import StagedDump, stage_dump
from fraud.data.store.manifests import DumpManifest
from fraud.data.store.storage import of_object_storage, storage_fault
from fraud.data.store.table import TransactionStore

__all__ = [
    "EMPTY",
    "FOREIGN",
    "FRAUD",
    "GENUINE",
    "ROW",
    "ROW_ORDER_EPOCH",
    "TIME",
    "UNITS_US",
    "UNKNOWN",
    "UNNAMED",
    "Dump",
    "DumpManifest",
    "Era",
    "Finding",
    "Parser",
    "Pseudonyms",
    "Reading",
    "Source",
    "StagedDump",
    "TransactionStore",
    "compare_with_store",
    "explained",
    "find_card_numbers",
    "find_dumps",
    "find_misplaced",
    "fitting_formats",
    "ingest_dumps",
    "is_monthly",
    "measure",
    "of_object_storage",
    "open_source",
    "parse_written",
    "preset",
    "preset_columns",
    "pseudonyms_for",
    "read_label",
    "read_time",
    "recognise",
    "recognise_preset",
    "sha256_of",
    "stage_dump",
    "storage_fault",
    "text",
    "unpacked",
]
