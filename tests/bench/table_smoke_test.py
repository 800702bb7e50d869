#!/usr/bin/env python3
"""run.sh with numbers too small to mean anything: it prints its table, and writes what programs read."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).with_name("run.sh")
BUILD = pathlib.Path(os.environ["PARC_BIN"]).parent


class Table(unittest.TestCase):
    def run_it(self, *arguments, expect=0):
        done = subprocess.run([RUN, "--build", BUILD, "--smoke", *arguments], capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout

    def test_the_table_and_its_json_say_the_same(self):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "figures.json"
            text = self.run_it("--only", "R1,R8,R11", "--cache", directory, "--json", file)
            figures = json.loads(file.read_text())
        self.assertEqual(list(figures), ["R1", "R2", "R3", "R3b", "R4", "R8", "R8b", "R8c", "R11", "R11b"])
        rows = [line.split()[0] for line in text.splitlines() if line.startswith("R")]
        self.assertEqual(rows, list(figures))
        for key, figure in figures.items():
            self.assertEqual(set(figure), {"value", "good", "excellent", "unit"}, key)
            self.assertIsInstance(figure["value"], (int, float), key)
        self.assertGreater(figures["R4"]["value"], 0)  # the daemon syncs, and the yardstick counts it
        self.assertLessEqual(figures["R4"]["value"], 1.5)
        self.assertEqual(figures["R8c"]["value"], 0)
        self.assertIn("append + fdatasync", text)

    def test_a_figure_that_is_not_there_is_an_error(self):
        self.run_it("--only", "R99", expect=2)


if __name__ == "__main__":
    unittest.main()
