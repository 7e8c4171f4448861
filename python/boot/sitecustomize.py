# Python runs this at every start when its folder is in PYTHONPATH, where `wiretime run` and `wiretime env` put it.

import wiretime_boot

wiretime_boot.run(__name__)
