"""How a test of this folder says that it cannot run here."""

import shutil
import sys

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need_tools(*names):
    for name in names:
        if not shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin"):
            skip(f"there is no {name}")
