# The agent for Python. Standard library only; nothing happens at import: `main.start` begins, called by boot/sitecustomize.py.
