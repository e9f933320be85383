"""What the pages show and do, for programs: JSON below ``/api/v1``, described in ``openapi.json``."""
