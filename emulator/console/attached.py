"""What a page gives as a file."""

from flask import Response


def attached(content: str | bytes, name: str, kind: str) -> Response:
    """``content``, to be kept under ``name``; ``kind`` is its media type."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
