"""``make bench``: response times of the bundle beside those of a reference, measured in one run on loopback.

Nothing is imported here: the cold starts import from this package what they are compared with.
"""


def main(argv: list[str]) -> int:
    """Measure what the options in ``argv`` ask for, print the tables, and return the exit status."""
    from emulator.bench.run import main as run

    return run(argv)
