"""AWS services, asked directly: a signed JSON request over the bundle's own HTTP client.

boto3 reads megabytes of descriptions before its first call, more than a function on little CPU has time for. It stays
for what is not on the way of a call: making tables, the queue of metering, and credentials that are not simply set.
"""
