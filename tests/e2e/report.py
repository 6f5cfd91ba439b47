"""What the end-to-end tests saw: a file for each row while they run, one report at the end.

python tests/e2e/report.py                 target/e2e/report.json, from target/e2e/rows/SECTION/ROW.json
python tests/e2e/report.py --markdown      the page docs/evidence.md, from target/e2e/report.json
"""

import argparse
import datetime
import json
import os
import platform
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
    report = {"machine": machine()}
    for file in sorted(FOLDER.glob("rows/*/*.json")):
        kept = json.loads(file.read_text())
        report.setdefault(file.parent.name, {})[kept["row"]] = kept["value"]
    return report


def machine():
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": len(os.sched_getaffinity(0)),
        "memory in GiB": round(memory / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


# What was done, for each section of the page.
SECTIONS = {
    "tests": ("Tests", "Every row below comes from a test; what failed is missing there, and named here."),
    "image": (
        "Image",
        "The generated Dockerfile was built for each variant, from the build context that a user has, and what came "
        "out was searched for what must not be in it.",
    ),
    "run": (
        "Run",
        "The image ran as on Cloud Run: a read-only root but /tmp, the generated start.sh as process 1, exactly the "
        "variables of the image, of service.yaml and of the platform; then once without those of service.yaml.",
    ),
    "browser": ("Browser", "Chromium used the portal as a visitor does, through a stand-in for Google's front end."),
    "affinity": (
        "Affinity",
        "Visitors met two instances behind the stand-in for Google's front end, with and without cookie affinity, "
        "with and without Redis.",
    ),
    "faults": ("Faults", "One thing at a time was broken while the portal ran."),
    "load": (
        "Load",
        "Visitors that speak as Reflex's client does were held on the instance's own loopback, both transports at the "
        "same time: most through the generated nginx, a few straight to uvicorn. Each way got 20 clicks a second, "
        "spread evenly over its visitors, in random order between the ways. What else the machine did at the time "
        "shows in both ways alike.",
    ),
    "static": (
        "Static files",
        "wrk asked for the same files by turns from the generated nginx.conf and from the configuration that Debian "
        "ships, with one worker each; the rates are those of the best rounds. All but one ask with Accept-Encoding: "
        "gzip. The generated file sends what the build compressed; Debian's compresses pages alone, anew for each "
        "request.",
    ),
    "verify": ("Verify", "portalgen verify asked the running portal, and portals that were broken on purpose."),
}

HEAD = """# Evidence

What the end-to-end tests saw. The numbers are made, and this page is written, by

```sh
./test
python tests/e2e/report.py --markdown > docs/evidence.md
```

"""


def markdown(report):
    """The page: a table for each section, or more where its rows have different columns."""
    page = [HEAD]
    if "machine" in report:
        facts = ", ".join(f"{name} {cell(value)}" for name, value in report["machine"].items())
        page.append(f"This run: {facts}.\n")
    others = {name: (name.capitalize(), "") for name in report if name not in SECTIONS and name != "machine"}
    for name, (title, done) in (SECTIONS | others).items():
        page.append(f"\n## {title}\n")
        if not report.get(name):
            done = "Absent: this run kept no row of it."
        if done:
            page.append(f"\n{done}\n")
        page += [f"\n{table(rows)}" for rows in alike(report.get(name, {}))]
    return "".join(page)


def alike(rows):
    """The rows as lists of (name, columns), a list for each set of columns."""
    groups = {}
    for name, value in rows.items():
        for one in value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]:
            columns = flat(one) if isinstance(one, dict) else {"value": one}
            groups.setdefault(tuple(sorted(columns)), []).append((name, columns))
    return groups.values()


def flat(value, prefix=""):
    columns = {}
    for key, inner in value.items():
        columns |= flat(inner, f"{prefix}{key}, ") if isinstance(inner, dict) and inner else {f"{prefix}{key}": inner}
    return columns


def table(rows):
    names = list(rows[0][1])
    numbers = [all(type(columns[name]) in (int, float) for _, columns in rows) for name in names]
    lines = [["", *map(cell, names)], ["---", *("---:" if right else "---" for right in numbers)]]
    lines += [[cell(row), *(cell(columns[name]) for name in names)] for row, columns in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(value):
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(cell, value))
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|").strip()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--markdown", action="store_true", help="print the page, instead of collecting the rows")
    if arguments.parse_args().markdown:
        print(markdown(json.loads((FOLDER / "report.json").read_text())), end="")
    else:
        (FOLDER / "report.json").write_text(json.dumps(collect(), indent=2) + "\n")
