"""Events and contexts in the format of AWS Lambda and FunctionGraph, local table engines, shared SQLite connections."""
