"""``python -m emulator.packaging.huawei.archive`` writes ``build/huawei.zip``, a template for Huawei Cloud's RFS.

RFS wants ``main.tf`` at the root and knows the provider by a name of its own; Terraform takes ``deploy/huawei`` itself.
"""

import shutil
from pathlib import Path

from emulator.packaging.artifacts import pack
from emulator.platforms.shipped import shipped

TERRAFORM, RFS = '"huaweicloud/huaweicloud"', '"huawei.com/provider/huaweicloud"'


def rfs_template(output: Path) -> Path:
    """Write the template below ``output`` and return its path; the same module gives the same bytes."""
    staging = output / "huawei"
    shutil.rmtree(staging, ignore_errors=True)
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars")
    shutil.copytree(shipped("deploy/huawei"), staging, ignore=ignored)
    main = staging / "main.tf"
    main.write_text(main.read_text("utf-8").replace(TERRAFORM, RFS), "utf-8")
    archive = output / "huawei.zip"
    pack(staging, archive)
    return archive


if __name__ == "__main__":
    print(rfs_template(Path("build")))
