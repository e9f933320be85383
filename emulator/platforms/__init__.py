"""Events and contexts in the format of AWS Lambda and FunctionGraph, and local table engines."""
