#!/usr/bin/env python3
"""An order from plan to last unit, by the words of the command line; worlds out of a server and into another."""

import unittest

from parc_world import running_world

FAILURE, USAGE, CONFLICT = 1, 2, 4


class Procurement(unittest.TestCase):
    def test_an_order_is_planned_placed_promised_shipped_received_and_cancelled(self):
        with running_world() as world:
            world.log_in()
            world.parc("import", "sites", world.file("sites.csv", b"Code;Nom\nORL;Orleans\n"))
            create = ("order", "create", "BC-1", "--supplier", "ACME", "--date", "2020-01-15", "--line", "10 XPS @ 900", "--line", "5 Dock")
            world.parc(*create, "--planned", "--on", "2020-01-10")
            self.assertIn("BC-1", world.parc("orders", "planned").stdout)
            world.parc("receive", "BC-1/1", "SN7X00001", expect=CONFLICT)
            world.parc("order", "place", "BC-1", "--on", "2020-01-16")
            world.parc("promise", "BC-1/1", "2020-02-28", "--on", "2020-01-16", "--source", "devis")
            world.parc("promise", "BC-1/1", "2020-03-31", "--on", "2020-02-20", "--source", "courriel")
            world.parc("ship", "BC-1/1", "--quantity", "4", "--on", "2020-03-02", "--carrier", "Geodis")
            self.assertIn("late", world.parc("orders", "late", "--as-of", "2020-04-02", "--columns", "+late").stdout.lower())

            serials = world.file("serials.txt", b"SN7X00001;PC-1\nSN7X00002;PC-2\nSN7X00001;PC-3\n")
            refused = world.parc("receive", "BC-1/1", "--file", serials, expect=USAGE)
            self.assertIn("3. SN7X00001 occurs twice", refused.stderr)
            world.parc("receive", "BC-1/1", "--site", "ORL", "--on", "2020-03-05", stdin="SN7X00001;PC-1\nSN7X00002;PC-2\n")
            known = world.parc("receive", "BC-1/1", "SN7X00003", "sn7x00001", expect=USAGE)
            self.assertIn("2. sn7x00001 is known already, as PC-1", known.stderr)
            world.parc("receive", "BC-1/1", "WRONG00001", "--model", "ProBook", "--manufacturer", "HP", "--on", "2020-03-09")
            self.assertEqual(world.parc_json("laptop", "show", "WRONG00001")["model"], "ProBook")
            many = [f"OVER{number:05}" for number in range(8)]
            world.parc("receive", "BC-1/1", *many, expect=CONFLICT)
            world.parc("receive", "BC-1/1", *many, "--over-delivery", "--on", "2020-03-10")
            world.parc("order", "cancel", "BC-1/2", "--quantity", "2", "--on", "2020-03-11")
            world.parc("cancel", "BC-1", "--on", "2020-03-12", "--reason", "end of series")
            world.parc("cancel", "BC-1", expect=CONFLICT)

            first, second = world.parc_json("order", "show", "BC-1")["lines"]
            self.assertEqual((first["receivedQuantity"], first["openQuantity"] if "openQuantity" in first else 0), (11, 0))
            self.assertEqual([c["quantity"] for c in second["cancellations"]], [2, 3])
            then = world.parc_json("order", "show", "BC-1", "--as-of", "2020-03-06")["lines"][0]
            self.assertEqual((then["openQuantity"], then["inTransitQuantity"], len(then["promises"])), (8, 2, 2))
            plan = world.parc_json("order", "show", "BC-1", "--as-of", "2020-01-15")
            self.assertEqual(plan["status"], "ORDER_STATUS_PLANNED")
            self.assertIn("no order", world.parc("orders", "--known-at", "2020-01-01").stderr)

            exported = world.file("orders.csv", world.parc("export", "orders").stdout.encode())
            again = world.parc_json("import", "orders", exported)
            self.assertEqual((again.get("created", "0"), again.get("updated", "0"), again.get("refused", "0")), ("0", "0", "0"))
            with running_world() as other:
                other.log_in()
                other.parc("import", "orders", exported)
                self.assertEqual(other.parc("export", "orders").stdout, world.parc("export", "orders").stdout)

    def test_deliveries_come_by_file_with_a_verdict_for_each_row(self):
        with running_world() as world:
            world.log_in()
            world.parc("order", "create", "BC-1", "--supplier", "ACME", "--date", "2020-01-15", "--line", "2 XPS")
            text = "Commande;Ligne;Reçu le;N° de série\nBC-1;1;31/12/2020;SN7X00001\nBC-1;1;31/12/2020;None\nBC-1;1;31/12/2020;SN7X00002\n"
            file = world.file("receipts.csv", text.encode("cp1252"))
            dry = world.parc("import", "receipts", file, "--dry-run", "-o", "csv", expect=FAILURE).stdout
            self.assertEqual([row.split(",")[1] for row in dry.splitlines()[1:]], ["CREATED", "REFUSED", "CREATED"])
            world.parc("import", "receipts", file, "--partial", expect=7)
            self.assertEqual(world.parc_json("status")["stock"]["inStock"], "2")
            again = world.parc_json("import", "receipts", world.file("good.csv", text.replace("BC-1;1;31/12/2020;None\n", "").encode("cp1252")))
            self.assertEqual(again["unchanged"], "2")

    def test_suppliers_are_told_with_what_a_few_lines_can_tell(self):
        with running_world() as world:
            world.log_in()
            header = "Order;Supplier;Order date;Model;Quantity;Promised date;Received;Received on\n"
            rows = "".join(f"A-{n};ACME;0{n}/01/2019;XPS;5;0{n}/03/2019;5;{n + 9}/03/2019\n" for n in range(1, 8))
            world.parc("import", "orders", world.file("orders.csv", f"{header}{rows}B-1;Öko;01/02/2019;XPS;3;01/03/2019;;\n".encode()))
            acme, oko = world.parc("suppliers", "-o", "csv").stdout.splitlines()[1:]
            self.assertEqual(acme, "ACME,7,7,0 % (0–35),9 (9–9),—,68 (68–68),0,0")
            self.assertTrue(oko.startswith("Öko,1,1,0 % (0–79),—,—,—,3,1"))
            self.assertIn("too few lines", world.parc("suppliers").stderr)
            self.assertEqual(world.parc("suppliers", "--as-of", "2018-12-31", "-o", "csv").stdout.count("\n"), 1)

    def test_what_a_forecast_assumes_and_its_targets_hold_from_a_day_on(self):
        with running_world() as world:
            world.log_in()
            world.parc("planning", "set", "--capacity", "12,5", "--closed", "2020-12-24..2020-12-31", "--on", "2020-03-16")
            self.assertEqual(world.parc_json("planning")["preparationCapacity"], 12.5)
            self.assertNotIn("preparationCapacity", world.parc_json("planning", "--as-of", "2020-03-15"))
            world.parc("planning", "set", "--capacity", "many", expect=USAGE)
            world.parc("planning", "set", "--capacity", "")
            self.assertNotIn("preparationCapacity", world.parc_json("planning"))
            world.parc("target", "set", "fin-2020", "--by", "2020-12-31", "--ratio", "95 %", "--on", "2020-03-20")
            self.assertEqual(world.parc("targets", "-o", "csv").stdout.splitlines()[1], "fin-2020,95 %,2020-12-31,")
            wrong = world.parc("target", "set", "t", "--by", "2020-12-31", "--people", "teir = 1", expect=USAGE)
            self.assertIn("did you mean tier?", wrong.stderr)
            world.parc("target", "drop", "fin-2020")
            self.assertIn("no target", world.parc("targets").stderr)

    def test_a_world_leaves_one_server_and_enters_another_and_comes_out_the_same(self):
        with running_world() as world:
            world.log_in()
            people = "Matricule;Nom;Population;Date d'arrivée\np-1;Émilie Noël;Siège;01/09/2014\np-2;Noé Noël;Siège;01/09/2014\n"
            world.parc("import", "people", world.file("people.csv", people.encode()))
            world.parc("order", "create", "BC-1", "--supplier", "ACME", "--date", "2020-01-15", "--line", "5 XPS", "--promised", "2020-03-01")
            world.parc("receive", "BC-1/1", "SN7X00001", "--on", "2020-03-02")
            world.parc("prepare", "SN7X00001", "--on", "2020-03-03")
            world.parc("prepared", "SN7X00001", "--on", "2020-03-04")
            world.parc("assign", "SN7X00001", "p-1", "--on", "2020-03-05")
            world.parc("target", "set", "all", "--by", "2020-12-31", "--on", "2020-03-05")
            folder = world.root / "w"
            world.parc("target", "set", "some", "--by", "2020-12-31", "--people", "population = Siège", "--on", "2020-03-05")
            told = world.parc("export", "world", folder, "--as-of", "2020-03-20").stderr
            self.assertIn("some is left out: it is not about everybody (population = Siège)", told)
            with running_world() as other:
                other.log_in()
                other.parc("import", "world", folder, "--dry-run")
                other.parc("import", "world", folder)
                again = other.parc_json("import", "world", folder)
                self.assertEqual((again.get("created", "0"), again.get("updated", "0")), ("0", "0"))
                back = other.root / "w"
                other.parc("export", "world", back, "--as-of", "2020-03-20")
                for file in sorted(folder.iterdir()):
                    self.assertEqual((back / file.name).read_text(), file.read_text(), file.name)
                (folder / "deliveries.csv").write_text("line_id;delivered_on;quantity\nBC-1/1;2020-03-02;1\nBC-1/9;2020-03-02;1\n")
                refused = other.parc("import", "world", folder, expect=USAGE)
                self.assertIn("deliveries.csv, line 3", refused.stderr)


if __name__ == "__main__":
    unittest.main()
