"""The PostgreSQL engine: one database for several machines, or for functions beside it. Needs psycopg 3, an extra of
the distribution.
"""
