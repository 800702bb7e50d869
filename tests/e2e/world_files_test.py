#!/usr/bin/env python3
"""`parcd forecast` reads worlds without a server and writes what the contract of worlds says."""

import csv
import datetime
import os
import pathlib
import subprocess
import tempfile
import unittest

PARCD = pathlib.Path(os.environ["PARC_BIN"]) / "parcd"
AS_OF = datetime.date(2020, 3, 20)

WORLD = {
    "world.csv": "key;value\nworld_id;w\nas_of;2020-03-20\nrecords_since;2019-01-01\nhorizon_days;364\nstep_days;7\n"
    "imaging_capacity_per_day;5\nreserve_stock;1\ncountry;FR\n",
    "orders.csv": "order_id;supplier;order_date;status\nO1;ACME;2019-02-01;placed\nO2;ACME;2020-03-02;placed\n"
    "O3;Loire;2020-06-01;planned\n",
    "order_lines.csv": "line_id;order_id;model;quantity;promised_date_initial;cancelled_on;cancelled_quantity\n"
    "L1;O1;M;12;2019-03-01;;\nL2;O2;M;6;2020-04-15;;\nL3;O3;;4;;;\n",
    "promise_revisions.csv": "line_id;announced_on;old_promised_date;new_promised_date\nL2;2020-03-18;2020-04-15;2020-05-04\n",
    "deliveries.csv": "line_id;delivered_on;quantity\nL1;2019-03-09;12\n",
    "people.csv": "person_id;site;tier;needs_laptop;start_date;end_date\n"
    + "".join(f"P{i};S;{1 + i % 4};1;;\n" for i in range(20))
    + "P20;;2;1;2020-05-04;\nP21;;2;0;;\n",
    "assets.csv": "asset_id;line_id;received_on;status;assigned_to;end_of_life_date;ended_on;end_reason\n"
    + "".join(f"A{i};L1;2019-03-09;assigned;P{i};;;\n" for i in range(12)),
    "assignments.csv": "asset_id;person_id;from_date;to_date\n" + "".join(f"A{i};P{i};2019-03-11;\n" for i in range(12)),
    "targets.csv": "target_id;date;ratio\nT1;2020-12-31;1\nT2;2020-06-30;0.5\n",
}


def write(folder, **changed):
    folder.mkdir(parents=True)
    for name, text in WORLD.items():
        text = changed.get(name.removesuffix(".csv"), text)
        if text is not None:
            (folder / name).write_text(text)


def forecast(out, *worlds):
    options = [option for world in worlds for option in ("--world", world)]
    return subprocess.run([PARCD, "forecast", *options, "--output-dir", out], capture_output=True, text=True, timeout=120)


def rows(path):
    return list(csv.DictReader(path.read_text().splitlines(), delimiter=";"))


class Worlds(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.here = pathlib.Path(scratch.name)

    def test_a_world_has_its_days_and_targets_forecast(self):
        write(self.here / "w")
        done = forecast(self.here / "out", self.here / "w")
        self.assertEqual(done.returncode, 0, done.stderr)
        days = rows(self.here / "out/forecast.csv")
        self.assertEqual([row["date"] for row in days], [(AS_OF + datetime.timedelta(7 * k)).isoformat() for k in range(1, 53)])
        self.assertEqual(list(days[0]), ["date", "p05", "p10", "p25", "p50", "p75", "p90", "p95"])
        for row in days:
            values = [float(value) for name, value in row.items() if name != "date"]
            self.assertEqual(values, sorted(values))
            self.assertTrue(0 <= values[0] and values[-1] <= 21)
        targets = {row["target_id"]: float(row["probability"]) for row in rows(self.here / "out/targets_forecast.csv")}
        self.assertEqual(list(targets), ["T1", "T2"])
        self.assertEqual(targets["T2"], 1)  # 12 of 20 hold one, and half of them will on some day

    def test_the_same_world_has_the_same_forecast(self):
        write(self.here / "w")
        for out in ("a", "b"):
            self.assertEqual(forecast(self.here / out, self.here / "w").returncode, 0)
        for name in ("forecast.csv", "targets_forecast.csv"):
            self.assertEqual((self.here / "a" / name).read_bytes(), (self.here / "b" / name).read_bytes())

    def test_other_horizons_and_steps_and_empty_values_are_legal(self):
        settings = "key;value\nworld_id;w\nas_of;2020-03-20\nrecords_since;\nhorizon_days;90\nstep_days;30\n"
        write(self.here / "w", world=settings, targets=None)
        done = forecast(self.here / "out", self.here / "w/")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([row["date"] for row in rows(self.here / "out/forecast.csv")], ["2020-04-19", "2020-05-19", "2020-06-18"])
        self.assertFalse((self.here / "out/targets_forecast.csv").exists())

    def test_worlds_with_next_to_nothing_in_them_are_legal(self):
        header = {name.removesuffix(".csv"): text.splitlines()[0] + "\n" for name, text in WORLD.items() if name != "world.csv"}
        nothing = {name: text for name, text in header.items()}
        write(self.here / "empty", **nothing)
        write(self.here / "no-orders", **{k: header[k] for k in ("orders", "order_lines", "promise_revisions", "deliveries")},
              assets=WORLD["assets.csv"].replace(";L1;", ";;"))  # fmt: skip
        write(self.here / "nobody-equipped", assets=header["assets"], assignments=header["assignments"])
        worlds = [self.here / name for name in ("empty", "no-orders", "nobody-equipped")]
        done = forecast(self.here / "out", *worlds)
        self.assertEqual(done.returncode, 0, done.stderr)
        for world in worlds:
            self.assertEqual(len(rows(self.here / "out" / world.name / "forecast.csv")), 52)

    def test_what_is_plain_though_unusual_is_forecast_and_told(self):
        targets = "target_id;date;ratio\nT1;2020-12-31;0\nT2;2020-06-30;1.5\nT3;2019-12-31;0.1\nT4;2119-12-31;0.5\n"
        people = WORLD["people.csv"].replace("P20;;2;", "P20;;9;")
        settings = WORLD["world.csv"].replace("country;FR", "country;France")
        write(self.here / "w", targets=targets, people=people, world=settings, promise_revisions=None)
        done = forecast(self.here / "out", self.here / "w")
        self.assertEqual(done.returncode, 0, done.stderr)
        probability = {row["target_id"]: float(row["probability"]) for row in rows(self.here / "out/targets_forecast.csv")}
        self.assertEqual(probability, {"T1": 1, "T2": 0, "T3": 0, "T4": 1})
        for told in ("people.csv, line 22: tier", "promise_revisions.csv, line 1: the file is missing", "targets.csv, line 2"):
            self.assertIn(told, done.stderr)

    def test_a_wrong_world_is_told_by_file_and_line_and_keeps_no_other_from_its_forecast(self):
        write(self.here / "good")
        write(self.here / "bad", deliveries="line_id;delivered_on;quantity\nL1;2019-03-09;12\nL9;2019-03-09;1\n")
        done = forecast(self.here / "out", self.here / "bad", self.here / "good")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("bad: deliveries.csv, line 3: line_id", done.stderr)
        self.assertTrue((self.here / "out/good/forecast.csv").exists())
        self.assertFalse((self.here / "out/bad").exists())
        self.assertIn("nowhere is no directory", forecast(self.here / "out", self.here / "nowhere").stderr)


if __name__ == "__main__":
    unittest.main()
