"""The result of an ingest, in counts and in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fraud.data.findings import Finding
from fraud.data.staging.stage import StagedDump
from fraud.data.store.manifests import DumpManifest
from fraud.data.store.merge import Merge
from fraud.data.store.table import UpsertResult
from fraud.text import counted


@dataclass(frozen=True, kw_only=True)
class IngestResult:
    """What an ingest stored, rejected and found; counts are of rows."""

    dataset: str
    dumps: tuple[DumpManifest, ...]
    """Every dump of the ingest, those included that were stored already."""
    new: int
    updated: int
    unchanged: int
    rejected: int
    """Rows of this ingest that went to the quarantine."""
    rejected_by_rule: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    """Rows left out because another row of their dump is equal to them, or has a later label."""
    corrected: int = 0
    """Of the updated rows, those that differ in more than their label."""
    store_version: int = 0
    warnings: tuple[str, ...] = ()
    """Sentences on this ingest, those of ``findings`` included."""
    earlier: tuple[str, ...] = ()
    """Warnings of the earlier ingests that stored the dumps which were stored already."""
    findings: tuple[Finding, ...] = ()
    """How the dumps differ from what was stored before them."""

    def sentence(self) -> str:
        """All of it in one line."""
        if not self.new + self.updated + self.rejected:
            stored = "this dump is" if len(self.dumps) == 1 else f"these {len(self.dumps)} dumps are"
            return f"{self.dataset}: nothing new: {stored} already stored (store version {self.store_version})"
        rows = sum(manifest.rows for manifest in self.dumps)
        repeated = f", {self.repeated:,} repeated" if self.repeated else ""
        return (
            f"{self.dataset}: {counted(len(self.dumps), 'dump')}, {rows:,} transactions: "
            f"{self.new:,} new, {self.updated:,} updated, {self.unchanged:,} unchanged, {self.rejected:,} rejected"
            f"{repeated} (store version {self.store_version})"
        )


def result_of(
    dataset: str,
    manifests: tuple[DumpManifest, ...],
    staged: Sequence[StagedDump],
    upsert: UpsertResult | None,
    *,
    already: Sequence[DumpManifest],
    differences: Sequence[Finding],
    earlier: tuple[str, ...],
    version: int,
) -> IngestResult:
    """The result of an ingest.

    Args:
        dataset: its name.
        manifests: of every dump of the ingest.
        staged: the dumps that were stored now.
        upsert: what they did to the store; None where there was none to store.
        already: manifests of the dumps that were stored before.
        differences: findings on the dumps.
        earlier: warnings on the dumps that were stored before.
        version: of the store, afterwards.
    """
    by_rule: dict[str, int] = {}
    for dump in staged:
        for rule, count in dump.manifest.rejected_by_rule.items():
            by_rule[rule] = by_rule.get(rule, 0) + count
    done = upsert or UpsertResult(new=0, updated=0, unchanged=0, corrected=0, version=version)
    findings = (*differences, *_overlap(staged, done))
    known = sum(manifest.accepted for manifest in {manifest.sha256: manifest for manifest in already}.values())
    return IngestResult(
        dataset=dataset,
        dumps=manifests,
        new=done.new,
        updated=done.updated,
        unchanged=known + done.unchanged,
        rejected=sum(dump.manifest.rejected for dump in staged),
        rejected_by_rule=by_rule,
        repeated=sum(dump.manifest.repeated for dump in staged),
        corrected=done.corrected,
        store_version=version,
        warnings=warnings_of(staged, done, differences),
        earlier=earlier,
        findings=findings,
    )


def warnings_of(
    staged: Sequence[StagedDump], done: UpsertResult | Merge, differences: Sequence[Finding]
) -> tuple[str, ...]:
    """The warnings on dumps that are stored now.

    Args:
        staged: the dumps.
        done: what they do to the store.
        differences: findings on them.
    """
    findings = (*differences, *_overlap(staged, done))
    return (*_warnings(staged, done.corrected), *(finding.sentence for finding in findings))


def _overlap(staged: Sequence[StagedDump], upsert: UpsertResult | Merge) -> Iterator[Finding]:
    """A note where only a part of the received transactions is new."""
    new, again = upsert.new, upsert.updated + upsert.unchanged
    if new and again and not any(dump.labels_only for dump in staged):
        yield Finding("note", f"{again:,} of {new + again:,} rows were stored before; only the other {new:,} are added")


def _warnings(staged: Sequence[StagedDump], corrected: int) -> tuple[str, ...]:
    found = []
    columns = dict.fromkeys(column for dump in staged for column in dump.without_role)
    if columns:
        found.append(f"no role in [columns] and so ignored: {', '.join(columns)}; give a role or list under ignore")
    counts = {
        "broke the contract: see the quarantine": sum(dump.manifest.rejected for dump in staged),
        "left out: another row of the same dump is equal, or has a later label": sum(
            dump.manifest.repeated for dump in staged
        ),
        "stored before came again with other values than a label: corrected": corrected,
    }
    found += [f"{counted(count, 'row')} {what}" for what, count in counts.items() if count]
    return tuple(found)
