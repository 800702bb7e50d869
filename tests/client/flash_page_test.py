#!/usr/bin/env python3
"""Every golden flash report prints on one A4 page, by a browser that is no part of Parc."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
BROWSER = shutil.which("chromium")
SKIPPED = 77


def printed(html, folder):
    """The bytes of the PDF that the browser prints `html` to."""
    pdf = pathlib.Path(folder) / f"{html.stem}.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/browser"]
    subprocess.run([BROWSER, *options, f"--print-to-pdf={pdf}", html], check=True, capture_output=True, timeout=120)
    return pdf.read_bytes()


class FlashPage(unittest.TestCase):
    def test_every_report_is_one_page_of_a4(self):
        pages = sorted(GOLDEN.glob("flash_*.html"))
        self.assertGreaterEqual(len(pages), 3)
        with tempfile.TemporaryDirectory() as folder:
            for page in pages:
                with self.subTest(page.name):
                    pdf = printed(page, folder)
                    self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", pdf)), 1)
                    (width, height) = map(float, re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf).groups())
                    self.assertAlmostEqual(width, 595, delta=2)
                    self.assertAlmostEqual(height, 842, delta=2)


if __name__ == "__main__":
    if BROWSER is None:
        print("there is no chromium to print with")
        sys.exit(SKIPPED)
    unittest.main()
