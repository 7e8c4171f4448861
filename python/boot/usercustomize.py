# Python runs this when somebody else's sitecustomize comes before ours in PYTHONPATH (not in virtual environments).

import wiretime_boot

wiretime_boot.run(__name__)
