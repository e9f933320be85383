"""Usage becomes billing records: events in, closed slots sealed, records uploaded once each.

Metering and open APIs, sections 1 to 2; all moments are UTC, all quantities ``Decimal``.
"""
