#!/usr/bin/env python3
"""Writes the reference case as CSV files, as a French office writes them.

    generate.py DIRECTORY [--seed N]

A regional council on the morning of Thursday 12 March 2020: 900 people at headquarters who need one laptop each and
620 who hold one, 100 prepared laptops in the stock room, 200 on order; 2,700 people in high schools, most without a
need; the elected members, equipped apart. Places are real departments and towns; people, high schools, serial numbers,
suppliers and prices are invented. The same seed writes the same bytes.

Files, in the order in which they are imported: sites.csv, people.csv, orders.csv, laptops.csv. Separator `;`,
Windows-1252, dd/mm/yyyy, decimal comma.
"""

import argparse
import csv
import datetime
import pathlib
import random
import unicodedata

SIEGE, LYCEES, ELUS = "Siège", "Lycées", "Élus"

HEADQUARTERS, HEADQUARTERS_EQUIPPED = 900, 620
HIGH_SCHOOLS, HIGH_SCHOOLS_IN_NEED, HIGH_SCHOOLS_EQUIPPED = 2700, 36, 12
ELECTED = 72
IN_REPAIR, RETIRED, STOLEN = 6, 14, 2

# Of the people at headquarters: how many of each tier, and how many of those hold a laptop.
TIERS = {1: (120, 82), 2: (240, 166), 3: (330, 232), 4: (210, 140)}

CRISIS_CELL_OPENS = datetime.date(2020, 3, 12)

FIRST_NAMES = """Adèle Agnès Aïcha Alain Alexandre Aline Amélie André Anaïs Annick Antoine Arnaud Aurélie Baptiste Bastien Béatrice
Benoît Bérengère Brigitte Camille Cédric Céline Chantal Chloé Christèle Clément Corinne Damien Danièle Delphine Denis
Désiré Didier Édith Élise Éloïse Émile Éric Estelle Étienne Eugénie Fabien Fatou Félix Florence François Françoise
Frédéric Gaëlle Geneviève Gérard Grégory Guénaël Hélène Hervé Hugo Inès Irène Isabelle Jean-Noël Jérémie Jérôme Joël
Joséphine Karine Kévin Laëtitia Léa Léonie Loïc Lucie Ludovic Madeleine Maël Magali Marc Marie-Ève Mathéo Mélanie Mickaël
Mireille Nadège Naïma Nathalie Nicolas Noé Noëlle Océane Odile Olivier Ophélie Pascal Patricia Perrine Quentin Raphaël
Rémi René Romain Sabrina Salomé Sébastien Sidonie Simon Solène Sophie Stéphane Sylvie Thaïs Théo Thérèse Tristan Valérie
Véronique Victor Vincent Virginie Xavier Yaël Yannick Yasmine Yves Zoé""".split()

LAST_NAMES = """Aubert Bâcle Barbeau Beaulieu Bénard Berthelot Besnard Bézier Blanchet Boisseau Bonnefoy Boré Bouchard Boulay Bourdin
Brunet Cadieu Cassegrain Chabrol Champion Charpentier Château Chérel Chevallier Clément Cœur Cormier Couturier Crépin
Daguet Dardenne Delaunay Derouet Desbois Desnoë Dubreuil Duchêne Dufrêne Dupré Dutertre Escudié Esnault Fauré Février
Fleury Fontaine Forêt Fouché Gâtineau Gaudin Genêt Gilbert Girard Godefroy Goubé Grévin Guérin Guibert Guillemin Hallé
Hémery Hénault Huët Imbault Jamet Jaulin Joubert Jousselin Labbé Lachaume Lafleur Lagrée Lambert Langevin Laurière
Lebrun Leclère Lefèvre Légé Lemaître Lépine Levêque Lhéritier Loiseau Maçon Maillé Marchand Marnay Ménard Mercier
Métivier Meunier Millet Moreau Moulin Naudet Noël Ouvrard Pasquier Péan Pelé Perrault Picault Pinçon Pineau Poirier
Prévost Quéré Rabier Réau Regnault Renault Richer Rivière Roger Rousseau Royer Sablé Salmon Saulnier Séjourné Sénéchal
Sévin Tessier Thévenin Thibault Tissier Touchard Tréhet Vallée Vannier Vasseur Verdier Viaud Vignon Voisin""".split()

# (code, name, department, parent)
OFFICES = [
    ("ORL-SIEGE", "Siège, Orléans", "Loiret", ""),
    ("ORL-STOCK", "Magasin informatique du siège", "Loiret", "ORL-SIEGE"),
    ("ORL-ATELIER", "Atelier de préparation", "Loiret", "ORL-SIEGE"),
    ("BOU-ESPACE", "Espace région, Bourges", "Cher", ""),
    ("CHA-ESPACE", "Espace région, Chartres", "Eure-et-Loir", ""),
    ("CHX-ESPACE", "Espace région, Châteauroux", "Indre", ""),
    ("TRS-ESPACE", "Espace région, Tours", "Indre-et-Loire", ""),
    ("TRS-STOCK", "Réserve de Tours", "Indre-et-Loire", "TRS-ESPACE"),
    ("BLO-ESPACE", "Espace région, Blois", "Loir-et-Cher", ""),
]

TOWNS = {
    "Cher": ("18", ["Bourges", "Vierzon", "Saint-Amand-Montrond"]),
    "Eure-et-Loir": ("28", ["Chartres", "Dreux", "Châteaudun"]),
    "Indre": ("36", ["Châteauroux", "Issoudun", "Le Blanc"]),
    "Indre-et-Loire": ("37", ["Tours", "Chinon", "Amboise"]),
    "Loir-et-Cher": ("41", ["Blois", "Vendôme", "Romorantin-Lanthenay"]),
    "Loiret": ("45", ["Orléans", "Montargis", "Pithiviers"]),
}
HIGH_SCHOOL_NAMES = ["Les Tilleuls", "Le Clos des Érables", "Les Genêts", "La Prêle", "Le Grand Chêne", "Les Bruyères", "Les Églantiers"]

DIRECTIONS = [
    "Direction générale", "Finances", "Ressources humaines", "Marchés et achats", "Systèmes d'information", "Lycées et éducation",
    "Formation professionnelle", "Transports et mobilités", "Développement économique", "Agriculture et forêt",
    "Environnement et énergie", "Culture et patrimoine", "Affaires européennes", "Aménagement du territoire", "Communication",
]  # fmt: skip
HIGH_SCHOOL_TRADES = ["Accueil", "Entretien", "Restauration", "Maintenance des bâtiments", "Espaces verts"]

SUPPLIERS = ["Bureautique du Val", "Loire Équipement Numérique", "Micro-Beauce"]

# The order book: one row a line, or a further promise or delivery of it. Open in all: 20 + 60 + 40 + 50 + 30 = 200.
# (order, supplier, ordered, line, maker, model, quantity, price, promised, announced, source, received, received on)
ORDERS = [
    ("2017-0036", 0, "2017-02-13", 1, "Dell", "Latitude 5480", 20, "941,00", "2017-03-27", "2017-02-13", "devis", 20, "2017-04-05"),
    ("2017-0118", 2, "2017-05-22", 1, "HP", "ProBook 450 G4", 18, "702,30", "2017-06-26", "2017-05-22", "devis", 18, "2017-06-23"),
    ("2017-0205", 1, "2017-09-04", 1, "Lenovo", "ThinkPad L470", 24, "887,00", "2017-10-16", "2017-09-04", "devis", "", ""),
    ("2017-0205", 1, "2017-09-04", 1, "Lenovo", "ThinkPad L470", 24, "887,00", "2017-11-13", "2017-10-12", "courriel", 24, "2017-11-21"),
    ("2018-0022", 2, "2018-01-22", 1, "Dell", "Latitude 5490", 16, "979,00", "2018-03-05", "2018-01-22", "devis", 16, "2018-03-06"),
    ("2018-0141", 0, "2018-05-14", 1, "Dell", "Latitude 5490", 210, "982,50", "2018-07-02", "2018-05-14", "devis", 110, "2018-07-03"),
    ("2018-0141", 0, "2018-05-14", 1, "Dell", "Latitude 5490", 210, "982,50", "2018-09-10", "2018-07-03", "courriel", 100, "2018-09-12"),
    ("2018-0199", 1, "2018-07-02", 1, "HP", "EliteBook 840 G5", 22, "1112,00", "2018-08-20", "2018-07-02", "devis", 12, "2018-08-27"),
    ("2018-0199", 1, "2018-07-02", 1, "HP", "EliteBook 840 G5", 22, "1112,00", "2018-09-10", "2018-08-27", "courriel", 10, "2018-09-17"),
    ("2018-0260", 0, "2018-10-08", 1, "Dell", "Latitude 5490", 15, "984,00", "2018-11-19", "2018-10-08", "devis", "", ""),
    ("2018-0260", 0, "2018-10-08", 1, "Dell", "Latitude 5490", 15, "984,00", "2018-12-10", "2018-11-16", "courriel", 12, "2018-12-18"),
    ("2019-0087", 1, "2019-02-25", 1, "HP", "EliteBook 840 G5", 180, "1104,00", "2019-04-15", "2019-02-25", "devis", 180, "2019-04-24"),
    ("2019-0087", 1, "2019-02-25", 2, "Lenovo", "ThinkPad T480", 120, "1079,90", "2019-04-15", "2019-02-25", "devis", 70, "2019-04-24"),
    ("2019-0087", 1, "2019-02-25", 2, "Lenovo", "ThinkPad T480", 120, "1079,90", "2019-06-03", "2019-04-24", "téléphone", 50, "2019-06-11"),
    ("2019-0164", 0, "2019-06-03", 1, "Dell", "Latitude 5400", 14, "1018,00", "2019-07-15", "2019-06-03", "devis", 14, "2019-07-29"),
    ("2019-0233", 2, "2019-09-16", 1, "Dell", "Latitude 5400", 60, "1012,00", "2019-11-04", "2019-09-16", "devis", 60, "2019-11-04"),
    ("2020-0012", 2, "2020-01-13", 1, "Dell", "Latitude 5400", 120, "998,00", "2020-02-28", "2020-01-13", "devis", 100, "2020-03-02"),
    ("2020-0012", 2, "2020-01-13", 1, "Dell", "Latitude 5400", 120, "998,00", "2020-03-09", "2020-03-02", "courriel", "", ""),
    ("2020-0031", 1, "2020-02-10", 1, "HP", "EliteBook 840 G6", 60, "1149,00", "2020-04-15", "2020-02-10", "devis", "", ""),
    ("2020-0031", 1, "2020-02-10", 2, "HP", "ProBook 450 G6", 40, "789,50", "2020-05-11", "2020-02-10", "devis", "", ""),
    ("2020-0044", 0, "2020-02-28", 1, "Dell", "Latitude 5500", 50, "1056,00", "2020-04-30", "2020-02-28", "devis", "", ""),
    ("2020-0044", 0, "2020-02-28", 1, "Dell", "Latitude 5500", 50, "1056,00", "2020-06-15", "2020-03-10", "courriel : usine à l'arrêt", "", ""),
    ("2020-0052", 1, "2020-03-09", 1, "Lenovo", "ThinkPad T490", 30, "1198,00", "2020-09-30", "2020-03-09", "devis", "", ""),
]  # fmt: skip

# Units that never came: (order, line): (quantity, cancelled on, why).
CANCELLED = {("2018-0260", 1): (3, "2018-12-20", "fin de série")}

# What the older laptops are, which came before orders were recorded.
OLD_MODELS = [("Dell", "Latitude E7470"), ("HP", "EliteBook 840 G3"), ("Lenovo", "ThinkPad T460")]

SERIAL_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ0123456789"


def french(day):
    return day.strftime("%d/%m/%Y")


def three_years_after(day):
    return day.replace(year=day.year + 3, day=28 if (day.month, day.day) == (2, 29) else day.day)


def without_accents(text):
    text = text.replace("œ", "oe").replace("Œ", "OE")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


class Case:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.serials = set()
        self.mails = set()
        self.names = set()

    def day_between(self, first, last):
        return first + datetime.timedelta(days=self.dice.randrange((last - first).days + 1))

    # ── sites ──

    def high_schools(self):
        rows = []
        for department, (number, towns) in TOWNS.items():
            for index, name in enumerate(HIGH_SCHOOL_NAMES):
                rows.append((f"LYC-{number}{index + 1:02}", f"Lycée {name}, {towns[index % len(towns)]}", department, ""))
        return rows

    # ── people ──

    def name(self):
        while True:
            pair = self.dice.choice(LAST_NAMES), self.dice.choice(FIRST_NAMES)
            if pair not in self.names:
                self.names.add(pair)
                return pair

    def person(self, number, population, unit, site, tier, needs, telework, start):
        last, first = self.name()
        local = without_accents(f"{first}.{last}").lower()
        return {
            "id": f"p-{number:05}",
            "last": last,
            "first": first,
            "mail": f"{local}@region.example",
            "unit": unit,
            "population": population,
            "site": site,
            "tier": tier,
            "needs": needs,
            "telework": telework,
            "start": start,
            "office": f"{self.dice.choice('ABC')}{self.dice.randrange(1, 5)}{self.dice.randrange(1, 40):02}" if population == SIEGE else "",
        }

    def start_of_work(self):
        return self.day_between(datetime.date(1985, 1, 2), datetime.date(2019, 12, 31))

    def headquarters(self):
        tiers = [tier for tier, (count, _) in TIERS.items() for _ in range(count)]
        assert len(tiers) == HEADQUARTERS
        self.dice.shuffle(tiers)
        telework = {1: ["Accordé"], 2: ["Accordé", "Demandé"], 3: ["Accordé", "Demandé", "Non demandé"], 4: ["Demandé", "Non demandé"]}
        return [
            self.person(
                number, SIEGE, self.dice.choice(DIRECTIONS), "ORL-SIEGE", tier, True, self.dice.choice(telework[tier]), self.start_of_work()
            )
            for number, tier in enumerate(tiers, start=1)
        ]

    def high_school_staff(self, sites):
        people = []
        for index in range(HIGH_SCHOOLS):
            needs = index < HIGH_SCHOOLS_IN_NEED
            unit = "Référents numériques" if needs else self.dice.choice(HIGH_SCHOOL_TRADES)
            people.append(
                self.person(
                    HEADQUARTERS + 1 + index, LYCEES, unit, sites[index % len(sites)][0], 3 if needs else 4, needs, "Non demandé",
                    self.start_of_work(),
                )  # fmt: skip
            )
        return people

    def elected(self):
        term = datetime.date(2016, 1, 4)
        return [
            self.person(HEADQUARTERS + HIGH_SCHOOLS + 1 + index, ELUS, "Assemblée régionale", "ORL-SIEGE", 1, True, "Accordé", term)
            for index in range(ELECTED)
        ]

    # ── laptops ──

    def serial(self, maker):
        while True:
            tail = lambda length: "".join(self.dice.choice(SERIAL_LETTERS) for _ in range(length))  # noqa: E731
            serial = {"Dell": tail(7), "HP": "5CG" + tail(7), "Lenovo": "PF" + tail(6)}[maker]
            if serial not in self.serials and not serial.isdigit():
                self.serials.add(serial)
                return serial

    def delivered(self):
        """Every unit that came, oldest first: (maker, model, price, order line, day)."""
        units = []
        for order, _, _, line, maker, model, _, price, _, _, _, received, received_on in ORDERS:
            for _ in range(received or 0):
                units.append((maker, model, price, f"{order}/{line}", datetime.date.fromisoformat(received_on)))
        return units

    def laptops(self, people):
        holders = self.holders(people)
        stock = [unit for unit in self.delivered() if unit[3] == "2020-0012/1"]
        others = [unit for unit in self.delivered() if unit[3] != "2020-0012/1"]
        in_life = len(holders) + IN_REPAIR + STOLEN
        before_orders = []
        for _ in range(in_life + RETIRED - len(others)):
            maker, model = self.dice.choice(OLD_MODELS)
            before_orders.append((maker, model, "", "", self.day_between(datetime.date(2015, 9, 1), datetime.date(2017, 6, 30))))
        before_orders.sort(key=lambda unit: unit[4])
        retired, used = before_orders[:RETIRED], before_orders[RETIRED:] + others
        self.dice.shuffle(used)

        records = [self.record(unit, "Réformé", "", "ORL-ATELIER", datetime.date(2019, 12, 16)) for unit in retired]
        for unit, holder in zip(used, holders):
            since = self.day_between(max(unit[4], holder["start"]), CRISIS_CELL_OPENS - datetime.timedelta(days=1))
            records.append(self.record(unit, "Attribué", holder["id"], holder["site"], since))
        rest = used[len(holders) :]
        for index, unit in enumerate(rest):
            state, note = ("En réparation", "Écran à changer ; sous garantie") if index < IN_REPAIR else ("Volé", "Plainte déposée")
            records.append(self.record(unit, state, "", "ORL-ATELIER" if index < IN_REPAIR else "", datetime.date(2020, 2, 24), note))
        for unit in stock:
            records.append(self.record(unit, "Prêt", "", "ORL-STOCK", self.day_between(datetime.date(2020, 3, 4), datetime.date(2020, 3, 11))))
        records.sort(key=lambda record: record["bought"])
        for number, record in enumerate(records, start=1):
            record["tag"] = f"PC-{number:05}"
        return records

    def holders(self, people):
        holders = []
        for tier, (_, equipped) in TIERS.items():
            of_tier = [person for person in people if person["population"] == SIEGE and person["tier"] == tier]
            holders += self.dice.sample(of_tier, equipped)
        assert len(holders) == HEADQUARTERS_EQUIPPED
        in_high_schools = [person for person in people if person["population"] == LYCEES and person["needs"]]
        holders += self.dice.sample(in_high_schools, HIGH_SCHOOLS_EQUIPPED)
        return holders + [person for person in people if person["population"] == ELUS]

    def record(self, unit, state, holder, site, since, note=""):
        maker, model, price, order_line, bought = unit
        return {
            "serial": self.serial(maker), "maker": maker, "model": model, "state": state, "holder": holder, "site": site, "since": since,
            "bought": bought, "price": price, "warranty": three_years_after(bought), "order": order_line, "note": note,
        }  # fmt: skip


def write(path, header, rows):
    """As a spreadsheet in French saves it."""
    with path.open("w", encoding="windows-1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)


def generate(directory, seed):
    case = Case(seed)
    schools = case.high_schools()
    people = case.headquarters() + case.high_school_staff(schools) + case.elected()
    laptops = case.laptops(people)
    directory.mkdir(parents=True, exist_ok=True)
    write(directory / "sites.csv", ["Code", "Libellé", "Département", "Site parent"], OFFICES + schools)
    write(
        directory / "people.csv",
        ["Matricule", "Nom", "Prénom", "Courriel", "Direction", "Population", "Site", "Priorité", "Besoin d’un portable", "Télétravail",
         "Date d’arrivée", "Bureau"],  # fmt: skip
        [
            (p["id"], p["last"], p["first"], p["mail"], p["unit"], p["population"], p["site"], p["tier"], "Oui" if p["needs"] else "Non",
             p["telework"], french(p["start"]), p["office"])  # fmt: skip
            for p in people
        ],
    )
    write(
        directory / "orders.csv",
        ["Commande", "Fournisseur", "Date de commande", "Ligne", "Fabricant", "Modèle", "Quantité", "Prix unitaire", "Date promise",
         "Annoncée le", "Source", "Reçus", "Reçu le", "Annulés", "Annulé le", "Motif d’annulation"],  # fmt: skip
        order_rows(),
    )
    write(
        directory / "laptops.csv",
        ["N° d’inventaire", "N° de série", "Fabricant", "Modèle", "État", "Attribué à", "Site", "Date d’effet", "Date d’achat", "Prix",
         "Fin de garantie", "Commande", "Remarques"],  # fmt: skip
        [
            (r["tag"], r["serial"], r["maker"], r["model"], r["state"], r["holder"], r["site"], french(r["since"]), french(r["bought"]),
             r["price"], french(r["warranty"]), r["order"], r["note"])  # fmt: skip
            for r in laptops
        ],
    )


def order_rows():
    """A row for each promise and delivery; the last one of a line tells what was cancelled of it, too."""
    rows = []
    for index, row in enumerate(ORDERS):
        order, supplier, ordered, line, maker, model, quantity, price, promised, announced, source, received, received_on = row
        is_last = all(later[0] != order or later[3] != line for later in ORDERS[index + 1 :])
        cancelled, cancelled_on, why = CANCELLED.get((order, line), ("", "", "")) if is_last else ("", "", "")
        rows.append(
            (order, SUPPLIERS[supplier], french_iso(ordered), line, maker, model, quantity, price, french_iso(promised),
             french_iso(announced), source, received, french_iso(received_on), cancelled, french_iso(cancelled_on), why)  # fmt: skip
        )
    return rows


def french_iso(text):
    return french(datetime.date.fromisoformat(text)) if text else ""


def main():
    parser = argparse.ArgumentParser(description="Writes the reference case as CSV files.")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=20200312)
    arguments = parser.parse_args()
    generate(arguments.directory, arguments.seed)


if __name__ == "__main__":
    main()
