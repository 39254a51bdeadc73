"""What the benchmarks share: models on the project's matrices, the handbook's weeks, tables. For developers."""
