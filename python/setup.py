# The wheel has one file beside the package: Python reads wiretime.pth at its start, also with -I and -E, where no PYTHONPATH counts.

import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithStart(build_py):
    def run(self):
        super().run()
        here = os.path.dirname(os.path.abspath(__file__))
        shutil.copy(os.path.join(here, "wiretime.pth"), self.build_lib)


setup(cmdclass={"build_py": BuildWithStart})
