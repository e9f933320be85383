"""The build, in a bucket: code, dependencies, and the templates that name them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from emulator.packaging.artifacts import BuildTarget, copy_sources, install_dependencies, pack
from emulator.platforms.shipped import shipped

TEMPLATE, TABLES = "template.yaml", "deploy/aws/tables.yaml"


class Archives(NamedTuple):
    """What is deployed, as bytes of ZIP archives: the code, and its dependencies as a layer."""

    code: bytes
    layer: bytes


class Bucket:
    """A bucket of the account's own in one region, made where there is none. Keys name the content."""

    def __init__(self, s3: Any, account: str, region: str) -> None:
        self._s3, self.name = s3, f"koogallery-{account}-{region}"
        try:
            s3.head_bucket(Bucket=self.name)
        except s3.exceptions.ClientError:
            elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
            s3.create_bucket(Bucket=self.name, **elsewhere)

    def put(self, content: bytes, suffix: str) -> str:
        """Store ``content`` and return its key."""
        key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
        self._s3.put_object(Bucket=self.name, Key=key, Body=content)
        return key

    def url(self, key: str) -> str:
        return f"{self._s3.meta.endpoint_url}/{self.name}/{key}"


def build(target: BuildTarget) -> Archives:
    """Made from the sources and the lock file as they are now."""
    return Archives(
        code=_archive(lambda folder: copy_sources(folder, "/var/task", target)),
        layer=_archive(lambda folder: install_dependencies(folder / "python", "/opt/python", target)),
    )


def _archive(fill: Callable[[Path], None]) -> bytes:
    with TemporaryDirectory() as folder:
        content, archive = Path(folder) / "content", Path(folder) / "archive.zip"
        content.mkdir()
        fill(content)
        pack(content, archive)
        return archive.read_bytes()


def publish(bucket: Bucket, archives: Archives, parameters: Mapping[str, str]) -> str:
    """Store everything, and return the URL of the template that names it, and is another with other ``parameters``."""
    at = f"s3://{bucket.name}/"
    text = shipped(TEMPLATE).read_text("utf-8")
    text = text.replace("CodeUri: functions/", f"CodeUri: {at}{bucket.put(archives.code, '.zip')}")
    text = text.replace("ContentUri: functions/", f"ContentUri: {at}{bucket.put(archives.layer, '.zip')}")
    revision = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:16]
    text = text.replace("parameters: as-at-first", f"parameters: {revision}")
    tables = bucket.put(shipped(TABLES).read_bytes(), ".yaml")
    text = text.replace(f"TemplateURL: {TABLES}", f"TemplateURL: {bucket.url(tables)}")
    return bucket.url(bucket.put(text.encode(), ".yaml"))
