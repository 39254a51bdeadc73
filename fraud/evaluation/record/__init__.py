"""What a run found, as report.json, evidence.json and sentences."""
