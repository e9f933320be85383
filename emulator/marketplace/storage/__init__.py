"""The marketplace's SQLite file: documents, scheduled tasks, recorded calls."""
