"""records_test.py - deploy/RECORDS.md says of every table whose data it holds, what for and how long: no table is missing, none invented."""
import os
import re
import unittest

from harness import SOURCE, AttuneTest


class Records(AttuneTest):
    def test_every_table_of_the_database_is_in_the_record_and_the_record_has_no_other(self):
        with open(os.path.join(SOURCE, "deploy", "RECORDS.md"), encoding="utf-8") as file:
            page = file.read()
        written = []
        for line in page.split("\n"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("| `"):
                self.assertTrue(len(cells) == 4 and all(cells), f"a row with an empty cell: {line}")
                written += re.findall(r"`([a-z_]+)`", cells[0])
        there = {row[0] for row in self.attune.sql(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')")}
        self.assertEqual(sorted(written), sorted(set(written)), "a table stands twice")
        self.assertEqual(sorted(set(written)), sorted(there))
        print(f"records tables={len(there)} without={len(there - set(written))}")


if __name__ == "__main__":
    unittest.main()
