#!/usr/bin/env python3
"""The case's files hold the figures of the case, whatever the seed, and are what a French office would send."""

import collections
import csv
import datetime
import pathlib
import subprocess
import sys
import tempfile
import unittest

GENERATOR = pathlib.Path(__file__).resolve().parents[2] / "deploy/case/generate.py"
FILES = ("sites", "people", "orders", "laptops")


def generate(folder, *options):
    subprocess.run([sys.executable, "-B", GENERATOR, folder, *options], check=True)
    return {name: (pathlib.Path(folder) / f"{name}.csv").read_bytes() for name in FILES}


def rows(data):
    return list(csv.DictReader(data.decode("windows-1252").splitlines(), delimiter=";"))


def day(text):
    return datetime.datetime.strptime(text, "%d/%m/%Y").date()


class Case(unittest.TestCase):
    def test_the_same_seed_writes_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            self.assertEqual(generate(first), generate(second))

    def test_another_seed_writes_other_people_and_the_same_figures(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            usual, other = generate(first), generate(second, "--seed", "7")
        self.assertNotEqual(usual["people"], other["people"])
        self.assertEqual(self.figures(usual), self.figures(other))

    def test_the_files_are_windows_1252_with_semicolons(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in generate(folder).items():
                with self.subTest(name):
                    self.assertRaises(UnicodeDecodeError, data.decode, "utf-8")
                    widths = {len(row) for row in csv.reader(data.decode("windows-1252").splitlines(), delimiter=";")}
                    self.assertEqual(len(widths), 1)

    def test_the_figures_are_those_of_the_case(self):
        with tempfile.TemporaryDirectory() as folder:
            figures = self.figures(generate(folder))
        self.assertEqual(figures["needed"], {"Siège": 900, "Lycées": 36, "Élus": 72})
        self.assertEqual(figures["equipped"], {"Siège": 620, "Lycées": 12, "Élus": 72})
        self.assertEqual(figures["staff"], 3600)
        self.assertEqual(figures["departments"], 6)
        self.assertEqual(figures["states"], {"Attribué": 704, "Prêt": 100, "En réparation": 6, "Réformé": 14, "Volé": 2})
        self.assertEqual(figures["on order"], 200)
        self.assertEqual(figures["late orders"], 1)
        self.assertEqual(figures["tiers of the elected"], {"1"})

    def figures(self, files):
        sites, people, orders, laptops = (rows(files[name]) for name in FILES)
        morning = datetime.date(2020, 3, 12)
        by_id = {person["Matricule"]: person for person in people}
        need = [person for person in people if person["Besoin d’un portable"] == "Oui"]
        held = [by_id[laptop["Attribué à"]] for laptop in laptops if laptop["État"] == "Attribué"]
        self.assertEqual(len(by_id), len(people))
        self.assertEqual(len({person["Matricule"] for person in held}), len(held), "nobody holds two")
        self.assertEqual(len({laptop["N° de série"] for laptop in laptops}), len(laptops))
        self.assertTrue(all(day(laptop["Date d’effet"]) < morning for laptop in laptops))
        self.assertTrue(all(person["Besoin d’un portable"] == "Oui" for person in held))

        ordered, received, promised = {}, collections.Counter(), {}
        cancelled = collections.Counter()
        for row in orders:
            line = f"{row['Commande']}/{row['Ligne']}"
            ordered[line] = int(row["Quantité"])
            received[line] += int(row["Reçus"] or 0)
            cancelled[line] += int(row["Annulés"] or 0)
            promised[line] = day(row["Date promise"])  # rows of a line are in the order of their announcements
        came = collections.Counter(laptop["Commande"] for laptop in laptops if laptop["Commande"])
        self.assertEqual(came, +received, "every unit received is a laptop")
        still_open = {line: ordered[line] - received[line] - cancelled[line] for line in ordered}
        late = [line for line, units in still_open.items() if units > 0 and promised[line] < morning]
        return {
            "needed": dict(collections.Counter(person["Population"] for person in need)),
            "equipped": dict(collections.Counter(person["Population"] for person in held)),
            "staff": sum(person["Population"] != "Élus" for person in people),
            "departments": len({site["Département"] for site in sites}),
            "states": dict(collections.Counter(laptop["État"] for laptop in laptops)),
            "on order": sum(still_open.values()),
            "late orders": len(late),
            "tiers of the elected": {person["Priorité"] for person in people if person["Population"] == "Élus"},
        }


if __name__ == "__main__":
    unittest.main()
