"""What pyproject.toml cannot say: `ui/` is installed as `curate._ui`, in the place of what leads to it in a clone."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithPages(build_py):
    """Copies `ui/` into what is installed; an editable install finds it in the clone."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if not self.editable_mode:
            pages = Path(self.build_lib, "curate", "_ui")
            shutil.copytree("ui", pages, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": BuildWithPages})
