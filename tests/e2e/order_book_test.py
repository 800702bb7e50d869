#!/usr/bin/env python3
"""What a procurement officer asks on the order book of 20 March 2020: by the programs as separate processes."""

import csv
import io
import os
import re
import shutil
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

from journey_test import import_case
from parc_world import BIN, running_world

USAGE, UNMET = 2, 10
SIEGE = 'population = "Siège"'
LEVELS = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
DAY = ("--as-of", "2020-03-20")


def pages_of(html, folder):
    """Pages that a browser prints `html` on; None without a browser."""
    browser = shutil.which("chromium")
    if not browser:
        return None
    pdf = folder / "page.pdf"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}"]
    subprocess.run([*command, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", html], check=True, capture_output=True, timeout=120)
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


class OrderBook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = running_world()
        cls.world = cls.running.__enter__()
        cls.world.log_in()
        import_case(cls.world)

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def parc(self, *words, **options):
        return self.world.parc(*words, **options)

    def test_the_forecast_says_when_and_how_sure(self):
        text = self.parc("forecast", SIEGE, *DAY, "--by", "2020-12-31").stdout
        self.assertRegex(text, r"(?s)100 % .* Chance by 31 December 2020: [<>]? ?\d+ %, ")
        self.assertIn("2020-0031/1", text)
        french = self.parc("forecast", SIEGE, *DAY, "--by", "2020-12-31", "--lang", "fr").stdout
        self.assertIn("Probabilité au 31 décembre 2020 :", " ".join(french.split()))
        self.assertEqual(text, self.parc("forecast", SIEGE, *DAY, "--by", "2020-12-31").stdout)

    def test_the_csv_keeps_the_contract(self):
        text = self.parc("forecast", SIEGE, *DAY, "-o", "csv").stdout
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        self.assertEqual(list(rows[0]), ["date", *LEVELS])
        self.assertEqual((len(rows), rows[0]["date"], rows[-1]["date"]), (52, "2020-03-27", "2021-03-19"))
        for row in rows:
            quantiles = [float(row[level]) for level in LEVELS]
            self.assertEqual(quantiles, sorted(quantiles))
            self.assertLessEqual(quantiles[-1], 950)

    def test_json_and_the_tables_hold_the_same_figures(self):
        forecast = self.world.parc_json("forecast", SIEGE, *DAY)
        self.assertEqual((forecast["needed"], forecast["onOrder"]), ("900", "200"))
        lines = list(csv.DictReader(io.StringIO(self.parc("forecast", SIEGE, *DAY, "--table", "lines", "-o", "csv").stdout)))
        self.assertEqual(sum(int(line["open"]) for line in lines), 200)
        self.assertEqual([f"orders/{line['line'].replace('/', '/lines/')}" for line in lines], [line["name"] for line in forecast["lines"]])
        months = list(csv.DictReader(io.StringIO(self.parc("forecast", SIEGE, *DAY, "--table", "months", "-o", "csv").stdout)))
        self.assertEqual(len(months), len(forecast["months"]))

    def test_an_expectation_that_does_not_hold_ends_with_ten(self):
        self.parc("forecast", SIEGE, *DAY, "--assert", "p(80%,2021-03-01)>=0.01")
        unmet = self.parc("forecast", SIEGE, *DAY, "--assert", "p(100%,2020-04-01)>=0.9", expect=UNMET)
        self.assertIn("expectation not met: p(100%,2020-04-01)>=0.9", unmet.stderr)
        self.parc("forecast", "--assert", "100% by tomorrow", expect=USAGE)

    def test_the_drawing_is_xml_with_a_title_and_figures(self):
        file = self.world.root / "fan.svg"
        self.parc("forecast", SIEGE, *DAY, "--svg", file)
        root = xml.etree.ElementTree.parse(file).getroot()
        names = [element.tag.split("}")[1] for element in root]
        self.assertEqual(names[:2], ["title", "desc"])
        self.assertGreater(len(root.findall(".//*[@role='row']")), 12)

    def test_what_if_compares_over_the_same_dice(self):
        lost = self.world.parc_json("forecast", SIEGE, *DAY, "--by", "2020-12-31", "--cancel", "2020-0031/1", "--cancel", "2020-0044/1")
        self.assertLessEqual(lost["targets"][0]["probability"]["change"], 0)
        every = ("--add", "60@2020-04-01:Micro-Beauce:ThinkPad", "--capacity", "2020-04-01..2020-06-30=20", "--attrition", "6%")
        every += ("--tension", "1.2", "--hire", "5@2020-09-01", "--leave", "3@2020-07-01", "--expedite", "2020-0031/1")
        text = " ".join(self.parc("forecast", SIEGE, *DAY, "--by", "2020-12-31", *every).stdout.split())
        self.assertIn("With the change", text)
        self.assertRegex(text, r"100 % by 31 December 2020: (no real difference|[<>]? ?\d+ % → )")
        self.parc("forecast", *DAY, "--add", "many@2020", expect=USAGE)

    def test_the_order_that_is_enough_is_named(self):
        plan = self.world.parc_json(
            "forecast", "order", SIEGE, *DAY, "--target", "95%", "--by", "2020-12-31", "--confidence", "0.8", "--paths", "500"
        )  # fmt: skip
        self.assertEqual(plan["confidence"], 0.8)
        self.assertTrue(plan["options"] or plan["probabilityAsIs"] >= 0.8)

    def test_the_past_is_forecast_again_and_scored(self):
        result = self.world.parc_json("forecast", "backtest", SIEGE, *DAY, "--paths", "100", "--every", "56")
        self.assertEqual([scores["method"] for scores in result["methods"]], ["parc", "promised", "linear", "average"])
        self.assertGreater(int(result["scored"]), 10)
        parc, *habits = result["methods"]
        self.assertNotIn("wisSkill", parc)
        for habit in habits:  # each beside the habit that it is against
            self.assertAlmostEqual(habit["wisSkill"], 1 - parc["wis"] / habit["wis"], msg=habit["method"])

    def test_an_interrupted_backtest_leaves_the_daemon_to_others(self):
        command = [BIN / "parc", "forecast", "backtest", SIEGE, *DAY, "--paths", "5000", "--every", "1"]
        running = subprocess.Popen(command, env=self.world.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        self.assertNotEqual(running.wait(20), 0)
        began = time.monotonic()
        self.parc("forecast", SIEGE, *DAY, "--paths", "100")
        self.assertLess(time.monotonic() - began, 30)

    def test_what_was_said_is_kept_and_compared(self):
        self.parc("forecast", SIEGE, "--as-of", "2020-03-20", "--by", "2020-12-31")
        kept = self.world.parc_json("forecast", "history")
        self.assertTrue(all(int(forecast["scored"]) > 0 for forecast in kept if forecast["asOfDate"]["year"] == 2020))
        self.assertIn("Happened", self.parc("forecast", "show", kept[0]["name"].removeprefix("forecasts/")).stdout)

    def test_the_flash_report_is_one_page_in_both_languages(self):
        for language in ("en", "fr"):
            html = self.world.root / f"flash-{language}.html"
            self.parc("report", "flash", SIEGE, "--month", "2020-04", "--lang", language, "--output", html)
            text = html.read_text(encoding="utf-8")
            self.assertIn(f'<html lang="{language}">', text)
            again = self.parc("report", "flash", SIEGE, "--month", "2020-04", "--lang", language).stdout
            self.assertEqual(text, again)
            pages = pages_of(html, self.world.root)
            if pages is not None:
                self.assertEqual(pages, 1)
        markdown = self.parc("report", "flash", SIEGE, "--month", "2020-04", "-o", "md").stdout
        self.assertTrue(markdown.startswith("# Flash report, April 2020\n"))
        self.assertIn("2020-0012/1", markdown)


if __name__ == "__main__":
    os.environ.setdefault("TZ", "Europe/Paris")
    unittest.main()
