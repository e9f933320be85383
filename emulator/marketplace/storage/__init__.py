"""The marketplace's file: values, tasks, calls."""
