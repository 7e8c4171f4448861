# The agent's own JSON, against Python's.

from __future__ import annotations

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from wiretime.json_text import json_object

TEXTS = ["", "a", 'a"b', "a\\b", "tab\t", "\x00", "ä€😀", "\u2028", "\udc80 of a file system", "{}"]


class JsonText(unittest.TestCase):
    def test_python_reads_what_was_meant(self) -> None:
        for text in TEXTS:
            facts = {"text": text, "number": -5, "list": [text, text], "empty": [], text: 1}
            self.assertEqual(json.loads(json_object(facts)), facts)


if __name__ == "__main__":
    unittest.main()
