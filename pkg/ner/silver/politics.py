#!/usr/bin/env python3
"""Makes up lives of politicians, elections and cabinets, as an encyclopaedia tells them.

    politics.py NAMES-FOLDER OUT.jsonl.gz [documents]

Parties come with their acronyms and leaders, legislatures with their members, all from the lists
of names; what the sentences say of them is made up. Parties, legislatures, ministries, courts,
unions, universities and papers are ORG; elections, treaties, offices and nationalities are no
names. A fixed seed: same lists, same bytes.
"""
import collections
import gzip
import json
import sys

import tables

CHAMBERS = {"House": "House of Representatives", "Commons": "House of Commons", "Assembly": "National Assembly",
            "Deputies": "Chamber of Deputies", "Representatives": "House of Representatives", "Council": "Legislative Council"}
COURTS = ("Supreme Court", "Constitutional Court", "High Court", "European Court of Human Rights", "Court of Appeal")
WORLD = ("United Nations", "European Union", "NATO", "World Bank", "African Union", "European Parliament", "Arab League",
         "European Commission", "International Monetary Fund", "Council of Europe", "World Health Organization", "Commonwealth")
OFFICE = ("prime minister", "minister of finance", "minister for foreign affairs", "mayor", "governor", "senator", "president",
          "deputy prime minister", "minister of defence", "ambassador", "Minister of Justice", "Speaker", "party leader")
TRADE = "Miners Teachers Transport Farmers Railway Metal Postal Dock Textile Journalists".split()
SCHOOL = ("University of {}", "{} University", "{} Law School", "{} Institute of Technology")
PAPER = ("{} Times", "{} Post", "{} Herald", "{} Tribune", "Daily {}")


class Politics(tables.Wire):
    def __init__(self, folder, seed):
        super().__init__(folder, seed)
        self.demonym = {}
        with gzip.open(f"{folder}/countries.jsonl.gz", "rt", encoding="utf-8") as f:
            for line in f:
                c = json.loads(line)
                self.demonym[c["name"]] = c["adjective"].split(";")[0].split(",")[0].split("(")[0].strip()
        self.by_land = collections.defaultdict(list)
        for p in tables.rows(folder, "parties"):
            if p["kind"] == "party" and 3 < len(p["name"]) < 60 and ";" not in p["name"]:
                leaders = [x for x in p["leaders"].split("; ") if 1 < len(x.split()) < 5 and "(" not in x]
                short = p["abbreviation"] if p["abbreviation"].isupper() and len(p["abbreviation"]) > 1 else ""
                self.by_land[p["country"]].append((p["name"], short, leaders))
        self.members = collections.defaultdict(list)
        for p in tables.rows(folder, "politicians"):
            if "|" not in p["legislature"] and 1 < len(p["name"].split()) < 5:
                country = {"UK": "United Kingdom", "United States of America": "United States"}.get(p["country"], p["country"])
                self.members[country].append((p["name"], CHAMBERS.get(p["legislature"], p["legislature"])))
        self.states = sorted(k for k in self.by_land if len(self.by_land[k]) > 4)
        self.forms = [getattr(self, m) for m in sorted(dir(self)) if m.startswith("life_")]

    def scene(self):
        """A country and what belongs to it, marked."""
        r, state = self.r, self.r.choice(self.states)
        here = self.members.get(state) or self.members[r.choice(sorted(self.members))]
        name, chamber = r.choice(here)
        parties = r.sample(self.by_land[state], 4)
        code = r.choice(self.lands)
        full, short, leaders = parties[0]
        place = state if state.isascii() and "(" not in state else "Ghana"
        return {
            "land": self.mark("L", place.removeprefix("The ")), "demonym": self.demonym.get(state) or "national",
            "who": self.mark("P", name), "sur": self.mark("P", name.split()[-1]), "other": self.mark("P", r.choice(here)[0]),
            "third": self.mark("P", r.choice(leaders)) if leaders else self.person(code),
            "chamber": self.mark("O", chamber), "party": self.mark("O", full), "short": self.mark("O", short or full),
            "intro": f"{self.mark('O', full)} ({self.mark('O', short)})" if short else self.mark("O", full),
            "rival": self.mark("O", parties[1][0]), "ally": self.mark("O", parties[2][0]),
            "fourth": self.mark("O", parties[3][1] or parties[3][0]), "ministry": self.agency(),
            "committee": self.mark("O", f"{r.choice(('Committee on', 'Standing Committee on', 'Select Committee on'))} {r.choice(tables.FIELD)}") if r.random() < 0.5 else self.mark("O", f"{r.choice(tables.FIELD)} Committee"),
            "court": self.mark("O", r.choice(COURTS)), "world": self.mark("O", r.choice(WORLD)),
            "town": self.city(code), "city": self.city(), "elsewhere": self.country(self.land()),
            "union": self.mark("O", r.choice(("{} Union", "National Union of {}", "{} Workers' Union", "{} Federation")).format(r.choice(TRADE))),
            "school": self.mark("O", r.choice(SCHOOL).format(r.choice(self.cities[code]))),
            "paper": self.mark("O", r.choice(PAPER).format(r.choice(self.cities[code]))),
            "office": r.choice(OFFICE), "y": str(self.n(1880, 2005)), "z": str(self.n(1950, 2024)), "n": str(self.n(2, 300)),
            "p": f"{self.n(1, 60)}.{self.n(0, 9)}", "d": f"{self.n(1, 28)} {r.choice(tables.MONTHS)}", "m": str(self.n(2, 40)),
        }

    def fill(self, count, forms):
        s = self.scene()
        return [" ".join(f.format(**s) for f in self.r.sample(forms, min(count, len(forms))))]

    def life_person(self):
        s = self.scene()
        first = self.r.choice((
            "{who} (born {d} {y}) is a {demonym} politician and a member of the {intro}.",
            "{who} ({d} {y} - {z}) was a {demonym} lawyer and statesman who served as {office} of {land} from {y} until {z}.",
            "{who} is a {demonym} politician of the {party} who has been a member of the {chamber} since {z}.",
            "{who} (born {y} in {town}) is a {demonym} trade unionist, former {office} and leader of the {intro}.")).format(**s)
        rest = self.r.sample((
            "Born in {town}, {sur} studied law at the {school} and worked for the {paper}.", "He joined the {party} in {y} and was elected to the {chamber} for {town} in the {z} general election.",
            "In {z} she succeeded {third} as chair of the {short}.", "{sur} sat on the {committee} and was his party's spokesman on {m} bills.",
            "He was defeated by {other} of the {rival} by {n} votes.", "After leaving the {chamber}, {sur} was appointed ambassador to {elsewhere} and later to the {world}.",
            "{sur} resigned from the {short} in {z} and sat as an independent.", "She defected to the {ally}, led by {third}, shortly before the election.",
            "{sur} was president of the {union} and a board member of the {school}.", "He died in {city} in {z}.",
            "The {court} overturned the conviction of {sur} in {z}.", "In an interview with the {paper}, {sur} criticised {other} and the {ministry}.",
            "He served as {office} in the cabinet of {other}, a coalition of the {party}, the {rival} and the {fourth}."), self.n(2, 5))
        return [" ".join((first, *(f.format(**s) for f in rest)))]

    def life_election(self):
        return self.fill(self.n(2, 4), (
            "General elections were held in {land} on {d} {z}.", "The {party} won {n} of the {m} seats in the {chamber}, the {rival} {m} and the {ally} {n}.",
            "The result was a victory for the {intro}, which received {p}% of the vote.", "The {short}, led by {third}, formed a coalition government with the {ally} and {fourth}.",
            "Its candidate {who} took {p}% in {town}, ahead of {other} ({rival}).", "Voter turnout was {p}%, the lowest since {y}.",
            "{who} was the nominee of the {party}, while {other} ran for the {fourth}.", "The {rival} and the {ally} boycotted the elections, and the {world} sent observers to {city}.",
            "Seats of the {short} in {town} and {city} went to the {fourth}.", "The {court} ordered a recount in {n} polling stations.",
            "In the second round, {sur} was endorsed by the {ally}, the {union} and the {paper}."))

    def life_party(self):
        return self.fill(self.n(2, 4), (
            "The {intro} is a political party in {land}, founded in {y} by {third}.", "It was formed by a merger of the {rival} and the {ally}.",
            "A split in the {party} led to the foundation of the {fourth} under {who}.", "The party is a member of the {world} group and has {n} seats in the {chamber}.",
            "Until {z} the {short} was allied with the {union}.", "Its youth wing supported {who} against {other} in the leadership election of {z}.",
            "The {short} has its head office in {town}.", "Former members include {who}, {other} and {third}.", "The {party} opposed joining the {world}, as did the {fourth}."))

    def life_government(self):
        return self.fill(self.n(2, 4), (
            "The cabinet of {who} took office in {land} on {d} {z}.", "It consisted of ministers of the {party} and the {rival}, with support from the {ally} in the {chamber}.",
            "{other} was named {office}, and {third} took over the {ministry}.", "A motion of no confidence tabled by the {short} failed by {m} votes in the {chamber}.",
            "The bill passed the {chamber} after the {committee} had removed {m} clauses.", "{sur} met the president of {elsewhere} in {city} before addressing the {world}.",
            "The {court} ruled that the {ministry} had acted unlawfully.", "Talks between the {party} and the {fourth} collapsed in {town}.",
            "{sur} told the {paper} that the {short} would leave the coalition.", "In {z}, {who} signed the agreement with {elsewhere} on behalf of {land}."))

    def document(self, number):
        return tables.record(f"politics-{number:05}", "politics", [p for _ in range(3) for p in self.r.choice(self.forms)()])


def main(folder, target, count="5000"):
    politics = Politics(folder, 2)
    tables.write(target, (politics.document(i) for i in range(int(count))))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
