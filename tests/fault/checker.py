"""checker.py - what was sent, acknowledged and alerted, held against what the database has.

The load generator's journal says what kiosks and therapists saw, the spools what kiosks promised; the tables are the
truth. One line is printed, and `breaches` says in words what must not be.
"""
import os
import re

FIELDS = ("sent", "acked", "stored", "recovered", "duplicates", "lost", "unexpected", "alerts_expected", "delivered",
          "redelivered", "misdirected", "max_ack_ms", "rss_kb", "recover_s")
SPOOLED = re.compile(r"^([0-9a-f]{32})\.(rating|sent)$")


def plain(uuid):
    return uuid.replace("-", "")


class Journal:
    """A journal of attune-load and its spools; of several runs, when some were killed."""

    def __init__(self, path, spools=None):
        self.sent, self.acked, self.again, self.refused, self.left = set(), set(), set(), {}, set()
        self.low, self.alerts, self.answered_ms, self.ack_ms = set(), [], [], []
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                for line in file:
                    self._line(line.split())
        for folder, _, names in os.walk(spools) if spools else ():
            for match in filter(None, map(SPOOLED.match, names)):
                self.sent.add(match[1])
                (self.acked if match[2] == "sent" else self.left).add(match[1])

    def _line(self, words):
        if words[:1] == ["alert"] and len(words) == 6:
            self.alerts.append((words[1], words[2], int(words[3]), float(words[4])))
        elif words[:1] == ["rating"] and len(words) == 9:
            _, rating, sent_ms, answered_ms, verdict, _, _, low, again = words
            self.sent.add(rating)
            if low == "1":
                self.low.add(rating)
            if verdict == "OK":
                self.acked.add(rating)
                self.answered_ms.append(float(answered_ms))
                if float(sent_ms) > 0:
                    self.ack_ms.append(float(answered_ms) - float(sent_ms))
                if again == "1":
                    self.again.add(rating)
            elif verdict != "NONE":
                self.refused[rating] = verdict


class Check:
    """`low_every` as attune-load had it; 0: no alerts are expected. `therapists`: number n is therapist n modulo that."""

    def __init__(self, attune, journal, low_every=0, therapists=1, resends=True):
        self.journal, self.breaches = journal, []
        stored = [plain(row[0]) for row in attune.sql("select rating_id from rating where not imported")]
        tickets = attune.sql("select count(*) - count(distinct (practice_id, ticket_id)) from rating")[0][0]
        self.stored = set(stored)
        self.low_every = low_every
        self.values = {
            "sent": len(journal.sent), "acked": len(journal.acked), "stored": len(stored),
            "recovered": len(journal.again | (self.stored - journal.acked)),
            "duplicates": len(stored) - len(self.stored) + int(tickets),
            "lost": len(journal.acked - self.stored), "unexpected": len(self.stored - journal.sent),
            "max_ack_ms": round(max(journal.ack_ms, default=0)), "rss_kb": 0, "recover_s": 0}
        self._alerts(attune, therapists)
        self._judge(resends)

    def _is_low(self, rating):
        return self.low_every > 0 and int(rating[-8:], 16) % self.low_every == self.low_every - 1

    def _alerts(self, attune, therapists):
        expected = {rating for rating in self.stored if self._is_low(rating)}
        seen = [rating for _, rating, _, _ in self.journal.alerts]
        self.values.update(
            alerts_expected=len(expected), delivered=len(set(seen)), redelivered=len(seen) - len(set(seen)),
            misdirected=sum(int(rating[-8:], 16) % therapists != who for _, rating, who, _ in self.journal.alerts))
        rows = [plain(row[0]) for row in attune.sql("select rating_id from alert where tier = 'red'")]
        if self.low_every > 0 and (len(rows) != len(set(rows)) or set(rows) != expected):
            self.breaches.append(f"alert rows: {len(rows)} on {len(set(rows))} ratings, {len(expected)} were low")
        if self.low_every > 0 and set(seen) != expected:
            self.breaches.append(f"alerts not delivered: {len(expected - set(seen))}; "
                                 f"delivered for nothing: {len(set(seen) - expected)}")

    def _judge(self, resends):
        for name in ("duplicates", "lost", "unexpected", "misdirected"):
            if self.values[name] != 0:
                self.breaches.append(f"{name} is {self.values[name]}")
        if self.journal.left:
            self.breaches.append(f"{len(self.journal.left)} ratings are left in the spools")
        if resends and self.stored - self.journal.acked:
            self.breaches.append(f"{len(self.stored - self.journal.acked)} stored ratings were never acknowledged")
        if not self.values["sent"]:
            self.breaches.append("nothing was sent")

    def recovered_after(self, fault_s):
        """Seconds from the fault (time.monotonic) to the first acknowledgement after it."""
        later = [ms / 1000 - fault_s for ms in self.journal.answered_ms if ms / 1000 > fault_s]
        self.values["recover_s"] = round(min(later), 2) if later else -1

    def line(self, name, seed):
        return f"fault={name} seed={seed} " + " ".join(f"{key}={self.values[key]}" for key in FIELDS)
