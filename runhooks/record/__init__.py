"""The stored format: documents, events, Parquet parts, and how a run is read from them."""
