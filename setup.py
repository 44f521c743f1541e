"""What pyproject.toml cannot say: the compiled kernel, and where the wheel holds the dictionaries.

The kernel is optional: where there is no compiler the package installs without it and restores
with numpy. It is built against the stable interface of Python, so one wheel serves all versions.
"""

import os
import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

STABLE_SINCE = "cp311"
"""The first version whose stable interface has the buffer protocol."""


class BuildWithDictionaries(build_py):
    """Lays the dictionaries into the package; in a checkout they lie beside it."""

    def run(self) -> None:
        """Copy the modules, then the dictionaries."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "vnrepair", "dictionaries")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree("dictionaries", target)


setup(
    cmdclass={"build_py": BuildWithDictionaries},
    ext_modules=[
        Extension(
            "vnrepair.restore._kernel",
            ["vnrepair/restore/native/kernel.c"],
            depends=sorted(map(str, Path("vnrepair/restore/native").glob("*.h"))),
            # Both versions of the loops are to round alike: no fused multiplications.
            extra_compile_args=[] if os.name == "nt" else ["-O3", "-ffp-contract=off"],
            libraries=[] if os.name == "nt" else ["m"],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": STABLE_SINCE}},
)
