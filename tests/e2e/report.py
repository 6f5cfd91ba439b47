"""What the end-to-end tests saw: a file for each row while they run, one report at the end.

python tests/e2e/report.py                 target/e2e/report.json, from target/e2e/rows/SECTION/ROW.json
python tests/e2e/report.py --markdown      the page docs/evidence.md, from target/e2e/report.json
"""

import argparse
import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "target" / "e2e"


def keep(section, row, value):
    """Keep one row of the report; processes that test at the same time keep rows of their own."""
    assert re.fullmatch(r"[a-z0-9-]+", section), section
    folder = FOLDER / "rows" / section
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (re.sub(r"[^a-z0-9]+", "-", row.lower()).strip("-") + ".json")
    file.write_text(json.dumps({"row": row, "value": value}, indent=2) + "\n")


def collect():
    report = {}
    for file in sorted(FOLDER.glob("rows/*/*.json")):
        kept = json.loads(file.read_text())
        report.setdefault(file.parent.name, {})[kept["row"]] = kept["value"]
    return report


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.parse_args()
    (FOLDER / "report.json").write_text(json.dumps(collect(), indent=2) + "\n")
