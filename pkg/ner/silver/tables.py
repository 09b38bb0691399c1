#!/usr/bin/env python3
"""Makes up the furniture of a news wire: results, tables, markets, datelines, lists of names.

    tables.py NAMES-FOLDER OUT.jsonl.gz [documents]

No text is anybody's: forms are filled with names drawn from lists of names (cities, companies,
legislators, parties), so that the labels are right by construction. Clubs and teams named after
their town are ORG, a country that plays or stands in brackets is LOC; leagues, cups, indices and
currencies are no names. A fixed seed: same lists, same bytes.
"""
import collections
import csv
import gzip
import json
import random
import sys

csv.field_size_limit(1 << 24)
SPORTS = "SOCCER CRICKET TENNIS GOLF RUGBY BASKETBALL BASEBALL ATHLETICS CYCLING HOCKEY SWIMMING BOXING".split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
BEFORE = ("Real", "Dynamo", "Sporting", "Atletico", "Racing", "FC", "AC", "Inter", "Deportivo", "Lokomotiv", "Olympique", "SV")
AFTER = ("United", "City", "Rovers", "FC", "Town", "Athletic", "Wanderers", "Rangers", "Albion", "County", "Tigers",
         "Giants", "Bears", "Kings", "Hawks", "Eagles", "Stars", "Lions", "Warriors", "Bulls", "Sharks", "RC", "SC")
BUREAU = ("Ministry of {}", "{} Ministry", "Department of {}", "{} Commission", "National {} Council", "{} Agency")
FIELD = ("Foreign Affairs", "Finance", "Defence", "Interior", "Agriculture", "Trade", "Health", "Energy", "Transport", "Justice")
COUNTRIES = {
    "AU": "Australia", "AT": "Austria", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CL": "Chile", "CN": "China",
    "CZ": "Czech Republic", "DK": "Denmark", "EG": "Egypt", "FI": "Finland", "FR": "France", "DE": "Germany", "GR": "Greece",
    "HU": "Hungary", "IN": "India", "ID": "Indonesia", "IR": "Iran", "IE": "Ireland", "IL": "Israel", "IT": "Italy",
    "JP": "Japan", "KE": "Kenya", "MY": "Malaysia", "MX": "Mexico", "NL": "Netherlands", "NZ": "New Zealand", "NG": "Nigeria",
    "NO": "Norway", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "RU": "Russia", "ZA": "South Africa",
    "KR": "South Korea", "ES": "Spain", "SE": "Sweden", "CH": "Switzerland", "TR": "Turkey", "UA": "Ukraine",
    "GB": "Britain", "US": "U.S.", "AR": "Argentina", "BG": "Bulgaria", "HR": "Croatia", "UG": "Uganda", "ZW": "Zimbabwe",
}


def rows(folder, name):
    with gzip.open(f"{folder}/{name}.tsv.gz", "rt", encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)


class Wire:
    def __init__(self, folder, seed):
        self.r = random.Random(seed)
        self.cities = collections.defaultdict(list)
        for c in rows(folder, "cities"):
            if c["country_code"] in COUNTRIES and int(c["population"]) > 60_000 and len(c["name"]) < 22:
                self.cities[c["country_code"]].append(c["name"])
        code = {v: k for k, v in COUNTRIES.items()} | {"United Kingdom": "GB", "United States of America": "US", "United States": "US"}
        self.given, self.family = collections.defaultdict(list), collections.defaultdict(list)
        for p in rows(folder, "politicians"):
            parts = p["name"].split()
            k = code.get(p["country"])
            if k and 2 <= len(parts) <= 3 and all(w[0].isupper() and w.isalpha() for w in parts):
                self.given[k].append(parts[0])
                self.family[k].append(parts[-1])
        self.lands = sorted(k for k in COUNTRIES if len(self.family[k]) > 30 and self.cities[k])
        self.companies = sorted({c["name"] for c in rows(folder, "companies") if c["list"] == "sp500"})
        self.parties = sorted({p["name"] for p in rows(folder, "parties") if p["kind"] == "party" and p["name"].isascii() and 8 < len(p["name"]) < 45})
        self.forms = [getattr(self, m) for m in sorted(dir(self)) if m.startswith("form_")]

    # Names. A name is marked: \x01, its letter, its text, \x02.
    def mark(self, kind, s):
        return f"\x01{kind}{s}\x02"

    def land(self):
        return self.r.choice(self.lands)

    def country(self, k):
        return self.mark("L", COUNTRIES[k])

    def city(self, k=None):
        return self.mark("L", self.r.choice(self.cities[k or self.land()]))

    def surname(self, k):
        return self.mark("P", self.r.choice(self.family[k]))

    def person(self, k=None):
        k = k or self.land()
        given, family = self.r.choice(self.given[k]), self.r.choice(self.family[k])
        style = self.r.random()
        if style < 0.1:
            return self.mark("P", f"{given[0]}. {family}")
        if style < 0.14:
            return self.mark("P", f"{given[0]}.{self.r.choice('ABDEGJKLMPRST')}. {family}")
        return self.mark("P", f"{given} {family}")

    def club(self, k):
        town, style = self.r.choice(self.cities[k]), self.r.random()
        if style < 0.45:
            return self.mark("O", town)
        if style < 0.75 or k in ("GB", "US", "AU", "NZ", "ZA", "IE"):
            return self.mark("O", f"{town} {self.r.choice(AFTER)}")
        return self.mark("O", f"{self.r.choice(BEFORE)} {town}")

    def company(self):
        if self.r.random() < 0.4:
            return self.mark("O", self.r.choice(self.companies))
        k = self.land()
        stem = self.r.choice((self.r.choice(self.family[k]), self.r.choice(self.cities[k])))
        tail = self.r.choice(("Corp", "Inc", "Ltd", "Co", "Group", "Holdings", "Bank", "AG", "SA", "Plc", "Industries",
                              "Oil", "Securities", "Motors", "Steel", "Airlines", "Telecom", "Financial Corp", "& Co",
                              f"& {self.r.choice(self.family[k])}"))
        return self.mark("O", f"{stem} {tail}")

    def agency(self):
        return self.mark("O", self.r.choice(BUREAU).format(self.r.choice(FIELD)))

    def n(self, a, b):
        return self.r.randint(a, b)

    def day(self):
        return self.r.choice(DAYS)

    def date(self):
        y, m, d = self.n(1990, 2024), self.n(1, 12), self.n(1, 28)
        return self.r.choice((f"{y}-{m:02}-{d:02}", f"{MONTHS[m - 1]} {d}", f"{d} {MONTHS[m - 1]} {y}"))

    def dateline(self, k):
        town = self.r.choice(self.cities[k])
        place = self.mark("L", town.upper())
        if self.r.random() < 0.4:
            place += f", {self.country(k)}"
        return place + self.r.choice((f" {self.date()}", f", {self.date()} -", f", {MONTHS[self.n(0, 11)]} {self.n(1, 28)} :", " -", " --"))

    def headline(self, k):
        a, b = self.r.choice(self.family[k]).upper(), COUNTRIES[self.land()].upper()
        who, where = self.mark("P", a), self.mark("L", self.r.choice(self.cities[k]).upper())
        country, other = self.mark("L", b), self.mark("L", COUNTRIES[k].upper())
        team, rival = (f"\x01O{self.club(k)[2:-1].upper()}\x02" for _ in "ab")
        firm = f"\x01O{self.company()[2:-1].upper()}\x02"
        head = self.r.choice((
            f"{who} REACHES {where} FINAL", f"{who} LEADS AFTER SECOND ROUND IN {where}", f"{country} BEAT {other} IN FRIENDLY",
            f"{country} NAME SQUAD FOR {other} TOUR", f"LEADING SCORES IN {where} OPEN", f"{team} SIGN {who} FROM {rival}",
            f"{team} HELD TO DRAW BY {rival}", f"RESULTS OF {country} FIRST DIVISION MATCHES", f"{who} OUT OF {other} TEAM",
            f"SUMMARY OF MATCH IN {where}", f"{team} STAY TOP", f"{who} WINS {where} TITLE", f"{who} TO MISS {country} TEST"))
        if self.r.random() < 0.3:
            return self.r.choice((
                f"{firm} PROFIT UP", f"{country} STOCKS CLOSE HIGHER", f"{firm} TO BUY {self.mark('O', self.r.choice(self.companies).upper())}",
                f"{country} POLICE ARREST {self.n(3, 40)} IN {where}", f"{other} MINISTER {who} TO VISIT {country}",
                f"{country} WHEAT EXPORTS DOWN", f"{who} SAYS NO DEAL WITH {country}", f"BOMB KILLS {self.n(2, 30)} IN {where}"))
        return f"{self.r.choice(SPORTS)}{self.r.choice((' - ', '-'))}{head}."

    # Forms: each returns the lines of one document.
    def form_football(self):
        k = self.land()
        out = [self.headline(k), self.dateline(k), f"Results of {self.r.choice(('first', 'second', 'premier', 'third'))} division soccer matches on {self.day()} :"]
        style = self.n(0, 3)
        for _ in range(self.n(3, 9)):
            a, b, x, y = self.club(k), self.club(k), self.n(0, 5), self.n(0, 4)
            if style == 0:
                out.append(f"{a} {x} {b} {y}")
            elif style == 1:
                out.append(f"{a} - {b} {x}-{y}")
            elif style == 2:
                scorers = ", ".join(f"{self.surname(k)} {self.n(1, 90)}" for _ in range(max(x, 1)))
                out.append(f"{a} {x} ( {scorers} ) {b} {y} . Halftime {min(x, 1)}-0 . Attendance {self.n(2, 60)},{self.n(100, 999)}")
            else:
                out.append(f"{a} v {b}")
        return out

    def form_league(self):
        k = self.land()
        out = [self.dateline(k), "Standings ( tabulate under played , won , drawn , lost , goals for , against , points ) :"]
        for i in range(self.n(5, 12)):
            won, drawn, lost = self.n(0, 20), self.n(0, 10), self.n(0, 15)
            lead = f"{i + 1}. " if self.r.random() < 0.3 else ""
            out.append(f"{lead}{self.club(k)} {won + drawn + lost} {won} {drawn} {lost} {self.n(5, 60)} {self.n(5, 60)} {3 * won + drawn}")
        return out

    def form_national(self):
        k = self.land()
        out = [self.headline(k), f"{self.dateline(k)} {self.country(k)} beat {self.country(self.land())} {self.n(1, 5)}-{self.n(0, 1)} ( halftime 1-0 ) in a world cup qualifier on {self.day()} ."]
        for _ in range(2):
            k = self.land()
            out.append(f"{self.country(k)} : " + " , ".join(f"{self.n(1, 22)}-{self.person(k)}" for _ in range(self.n(4, 11))) + " .")
        out.append("Scorers : " + "; ".join(f"{self.country(k)} - {self.surname(k)} ( {self.n(2, 89)}th minute )" for _ in range(2)))
        return out

    def form_tennis(self):
        k = self.land()
        out = [self.headline(k), self.dateline(k), f"Results from the {self.city(k)} open tennis tournament on {self.day()} ( prefix number denotes seeding ) :", f"{self.r.choice(('Men', 'Women'))}'s singles , {self.r.choice(('first', 'second', 'third'))} round"]
        for _ in range(self.n(3, 9)):
            a, b = self.land(), self.land()
            seed = f"{self.n(1, 16)} - " if self.r.random() < 0.4 else ""
            sets = self.r.choice(("6-4 6-3", "7-6 ( 7-5 ) 6-2", "3-6 6-1 6-4", "6-0 6-2", "7-5 4-6 6-3"))
            out.append(f"{seed}{self.person(a)} ( {self.country(a)} ) beat {self.person(b)} ( {self.country(b)} ) {sets}")
        return out

    def form_race(self):
        k = self.land()
        event = self.r.choice(("100 metres", "Men's 5,000 metres", "Women's 400 metres hurdles", "Long jump", "Men's downhill", "50 metres freestyle", "Individual pursuit", "800 metres"))
        out = [self.dateline(k), f"{event} :"]
        bare = self.r.random() < 0.3
        for i in range(self.n(3, 9)):
            a = self.land()
            mark = self.r.choice((f"{self.n(9, 59)}.{self.n(10, 99)}", f"{self.n(1, 15)} minutes {self.n(10, 59)}.{self.n(10, 99)} seconds", f"{self.n(1, 30)}:{self.n(10, 59)}.{self.n(10, 99)}", f"{self.n(5, 80)}.{self.n(10, 99)} metres"))
            where = f" {self.country(a)}" if bare else f" ( {self.country(a)} )"
            out.append(f"{i + 1}. {self.person(a)}{where} {mark}")
        return out

    def form_golf(self):
        k = self.land()
        out = [self.headline(k), f"{self.dateline(k)} Leading scores after the {self.r.choice(('first', 'third', 'final'))} round at {self.city(k)} ( all {self.country(k)} unless stated ) :"]
        for i in range(self.n(4, 12)):
            a = self.land()
            rest = " ".join(str(self.n(64, 77)) for _ in range(self.n(1, 4)))
            names = ", ".join(self.person(a) + (f" ( {self.country(a)} )" if self.r.random() < 0.7 else "") for _ in range(self.n(1, 3)))
            out.append(f"{self.n(200, 290)} {names} {rest}")
        return out

    def form_cycling(self):
        k = self.land()
        out = [self.dateline(k), f"Leading placings in the {self.n(2, 20)}th stage , {self.n(90, 240)} km from {self.city(k)} to {self.city(k)} :"]
        for i in range(self.n(3, 10)):
            a = self.land()
            time = "same time" if self.r.random() < 0.4 else f"{self.n(2, 59)} seconds behind"
            team = f" {self.mark('O', self.r.choice(self.family[a]))}" if self.r.random() < 0.5 else ""
            out.append(f"{i + 1}. {self.person(a)} ( {self.country(a)} ){team} {self.n(3, 6)} hours {self.n(1, 59)} minutes" if i == 0 else f"{i + 1}. {self.surname(a) if self.r.random() < 0.2 else self.person(a)} ( {self.country(a)} ){team} {time}")
        return out

    def form_cricket(self):
        k = self.r.choice([x for x in ("GB", "AU", "IN", "PK", "NZ", "ZA") if x in self.lands])
        side = self.mark("L", "England") if k == "GB" else self.country(k)
        initial = self.r.random() < 0.5
        batsman = lambda: self.mark("P", f"{self.r.choice('ABCDGJMNPRSTW')}. {self.r.choice(self.family[k])}") if initial else self.surname(k)
        out = [f"{side} {self.r.choice(('first', 'second'))} innings"]
        for _ in range(self.n(4, 9)):
            out.append(self.r.choice((f"{batsman()} c {batsman()} b {batsman()} {self.n(0, 140)}", f"{batsman()} lbw b {batsman()} {self.n(0, 90)}", f"{batsman()} b {batsman()} {self.n(0, 90)}", f"{batsman()} not out {self.n(0, 120)}", f"{batsman()} run out {self.n(0, 60)}")))
        out += [f"Extras ( b-{self.n(1, 9)} lb-{self.n(1, 9)} w-{self.n(1, 9)} nb-{self.n(1, 9)} ) {self.n(8, 30)}", f"Total ( for {self.n(3, 9)} wickets ) {self.n(150, 520)}",
                "Bowling : " + " , ".join(f"{batsman()} {self.n(5, 30)}-{self.n(0, 9)}-{self.n(20, 90)}-{self.n(0, 6)}" for _ in range(self.n(3, 6)))]
        return out

    def form_american(self):
        out = [f"Results of {self.r.choice(('National', 'American'))} League games on {self.day()} ( home team in CAPS ) :" if self.r.random() < 0.5 else f"Standings after games played on {self.day()} ( tabulate under won , lost , winning percentage ) :"]
        out[0] = out[0].replace("National League", "\x01ONational League\x02").replace("American League", "\x01OAmerican League\x02")
        table = "Standings" in out[0]
        for _ in range(self.n(4, 10)):
            a, b = self.r.choice(self.cities["US"]), self.r.choice(self.cities["US"])
            if table:
                out.append(f"{self.mark('O', a.upper() if self.n(0, 1) else a)} {self.n(20, 90)} {self.n(20, 90)} .{self.n(300, 700)} {self.n(1, 20)}")
            else:
                out.append(f"{self.mark('O', a.upper())} {self.n(1, 120)} {self.mark('O', b)} {self.n(0, 119)}" if self.n(0, 2) else f"{self.mark('O', a.upper())} AT {self.mark('O', b.upper())}")
        return out

    def form_match(self):
        k = self.land()
        a, b, who = self.club(k), self.club(k), self.surname(k)
        return [self.headline(k), self.dateline(k), self.r.choice((
            f"{self.person(k)} scored twice as {a} beat {b} {self.n(2, 5)}-{self.n(0, 1)} on {self.day()} to move {self.n(1, 9)} points clear at the top of the table .",
            f"{a} striker {self.person(k)} has been banned for {self.n(2, 9)} matches after being sent off against {b} .",
            f"{a} have signed midfielder {self.person(k)} from {b} for {self.n(1, 40)} million euros .",
            f"{a} coach {self.person(k)} said {b} had deserved their win at {self.city(k)} on {self.day()} .",
            f"Top seed {self.person(k)} of {self.country(k)} went out of the {self.city(k)} open in straight sets on {self.day()} .",
            f"{self.country(k)} captain {self.person(k)} will miss the second test against {self.country(self.land())} in {self.city()} .")),
            self.r.choice((f'"We never gave up ," {who} told reporters .', f"{who} put {a} ahead after {self.n(3, 40)} minutes with a header from {self.surname(k)} 's corner .",
                           f"{who} , who joined from {b} last season , limped off after half an hour .", f"{a} , beaten by {b} last week , dominated the second half but {who} hit the post twice ."))]

    def form_markets(self):
        k = self.land()
        out = [self.dateline(k), f"{self.r.choice(('Shares', 'Stocks', 'Bonds'))} in {self.city(k)} closed {self.r.choice(('higher', 'lower', 'mixed'))} on {self.day()} in thin trade , dealers said ."]
        for _ in range(self.n(2, 6)):
            c = self.company()
            out.append(self.r.choice((
                f"{c} {self.r.choice(('rose', 'fell', 'gained', 'slipped'))} {self.n(1, 9)}.{self.n(1, 9)} percent to {self.n(5, 900)}.{self.n(10, 99)} .",
                f"{c} {self.n(5, 900)} +{self.n(1, 9)}", f"{c} {self.n(1, 90)}-{self.n(1, 7)}/8 off {self.n(1, 7)}/8", f"{c} shares were up {self.n(2, 40)} pence at {self.n(100, 900)} after {self.company()} raised its stake .",
                f"Analysts at {c} cut their forecast for {self.company()} to hold from buy .", f"{c} said net profit rose to ${self.n(2, 900)} million from ${self.n(2, 900)} million a year earlier .")))
        return out

    def form_earnings(self):
        c, k = self.company(), "US"
        return [f"{c} Q{self.n(1, 4)} {self.r.choice(('shr', 'EPS', 'net'))} ${self.n(0, 3)}.{self.n(10, 99)} vs ${self.n(0, 3)}.{self.n(10, 99)}",
                f"{self.mark('L', self.r.choice(self.cities[k]).upper())} - {c} said on {self.day()} it would {self.r.choice(('cut', 'add', 'shed'))} {self.n(1, 20)},000 jobs in {self.city()} and {self.city()} .",
                f"Chief executive {self.person(k)} said orders from {self.country(self.land())} had {self.r.choice(('doubled', 'dried up', 'held'))} .", f"Net profit {self.n(10, 900)}.{self.n(1, 9)} vs {self.n(10, 900)}.{self.n(1, 9)}", f"Company name {c}"]

    def form_commodities(self):
        k = self.land()
        out = [self.dateline(k), self.r.choice(("Grain vessels due this week ( tonnes ) :", "Refinery maintenance :", "Freight fixtures :", "Crude cargoes offered :"))]
        for _ in range(self.n(3, 8)):
            a = self.land()
            out.append(self.r.choice((f"{self.city(a)} / {self.city()} - {self.n(10, 90)},000 tonnes wheat , {self.n(2, 28)} {self.r.choice(MONTHS)} , {self.n(9, 40)}.{self.n(10, 90)} , {self.company()} .",
                                      f"{self.country(a)} {self.n(10, 400)} {self.n(10, 400)} {self.n(10, 400)}", f"{self.city(a)} , {self.country(a)} - {self.company()} {self.n(20, 400)},000 barrels a day", f"{self.company()} offered {self.n(20, 90)},000 tonnes fob {self.city(a)} .")))
        return out

    def form_cabinet(self):
        k = self.land()
        out = [f"New {self.r.choice(('cabinet', 'government', 'line-up'))} of {self.country(k)} :"]
        posts = ("Prime Minister", "Foreign Affairs", "Finance", "Defence", "Interior", "Health", "Trade and Industry", "Education", "Justice")
        dots = self.r.choice((" - ", ": ", " ..... ", " "))
        party = self.r.random() < 0.4
        for p in self.r.sample(posts, self.n(4, 9)):
            tail = f" ( {self.mark('O', self.r.choice(self.parties))} )" if party else ""
            out.append(f"{p}{dots}{self.person(k)}{tail}")
        return out

    def form_politics(self):
        k, j = self.land(), self.land()
        party = self.mark("O", self.r.choice(self.parties))
        who, a = self.r.choice(self.given[k]), self.r.choice(self.family[k])
        full, short = self.mark("P", f"{who} {a}"), self.mark("P", a)
        return [f"{self.dateline(k)} " + self.r.choice((
            f"{self.country(k)}'s foreign minister {full} will visit {self.country(j)} on {self.day()} for talks on trade , the {self.agency()} said .",
            f"The leader of the opposition {party} , {full} , called on {self.day()} for early elections in {self.country(k)} .",
            f"{self.country(j)} and {self.country(k)} signed an accord in {self.city(j)} on {self.day()} .",
            f"President {full} of {self.country(k)} flew to {self.city(j)} to meet his counterpart {self.person(j)} .",
            f"Police in {self.city(k)} said {self.n(2, 40)} people were hurt when a bus from {self.city(k)} overturned .",
            f"{party} won {self.n(20, 200)} seats and the {self.mark('O', self.r.choice(self.parties))} {self.n(3, 90)} , the {self.agency()} said .")),
            self.r.choice((f"{short} said he would meet the {self.agency()} again next week .", f"A spokesman for {short} declined to comment .", f"{short} , {self.n(35, 75)} , leads the {party} .",
                           f"The talks in {self.city(j)} broke down last month after {short} walked out ."))]

    def form_schedule(self):
        k = self.land()
        out = [f"{self.r.choice(('Fixtures', 'Diary', 'Events', 'Agenda'))} for {self.day()} , {self.date()} :"]
        for _ in range(self.n(3, 8)):
            j = self.land()
            out.append(self.r.choice((f"{self.city(j)} - {self.agency()} holds news conference", f"{self.city(j)} - {self.person(j)} meets {self.person(k)}", f"{self.mark('O', self.r.choice(self.companies))} annual meeting", f"{self.club(j)} v {self.club(j)} ( {self.n(1, 8)}.{self.n(1, 5)}0 )", f"{self.country(j)} - {self.r.choice(FIELD)} minister {self.person(j)} visits {self.country(k)}")))
        return out

    def form_weather(self):
        return [f"Temperatures on {self.day()} ( low , high , conditions ) :", *(f"{self.city()} {self.n(-9, 20)} {self.n(10, 40)} {self.r.choice(('sunny', 'rain', 'cloudy', 'snow'))}" for _ in range(self.n(4, 12)))]

    def document(self, number):
        return record(f"tables-{number:05}", "tables", self.r.choice(self.forms)())


def record(doc, source, lines):
    """One document of marked lines, a line a paragraph."""
    text, spans, at = [], [], 0
    for line in lines:
        rest = line
        while rest:
            plain, _, rest = rest.partition("\x01")
            text.append(plain)
            at += len(plain.encode())
            if not rest:
                break
            name, _, rest = rest.partition("\x02")
            kind, name = {"P": "PER", "O": "ORG", "L": "LOC"}[name[0]], name[1:]
            spans.append([at, at + len(name.encode()), kind, 9])
            text.append(name)
            at += len(name.encode())
        text.append("\n\n")
        at += 2
    return {"doc": doc, "source": source, "text": "".join(text).rstrip("\n"), "spans": spans, "unsure": []}


def write(target, records):
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for r in records:
            out.write(json.dumps(r, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def main(folder, target, count="6000"):
    wire = Wire(folder, 1)
    write(target, (wire.document(i) for i in range(int(count))))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
