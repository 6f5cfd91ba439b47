"""Stands in for gcloud, docker, terraform and portalgen: writes down how it was called, and answers as they do.

STUB_FOLDER has answers.json, and takes calls.jsonl. The stub for gcloud knows the commands and flags of docs/gcloud.md
and refuses every other.
"""

import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ["STUB_FOLDER"])
ANSWERS = json.loads((FOLDER / "answers.json").read_text())
CALLS = FOLDER / "calls.jsonl"
DEPLOYED = FOLDER / "deployed"


def main():
    program, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    number = len(CALLS.read_text().splitlines()) if CALLS.exists() else 0
    call = {
        "argv": [program, *arguments],
        "cwd": os.getcwd(),
        "variables": {name: os.environ[name] for name in ("DOCKER_BUILDKIT", "TF_DATA_DIR") if name in os.environ},
    }
    if arguments[:3] == ["run", "services", "replace"]:
        call["file"] = Path(arguments[3]).read_text()
    with CALLS.open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    if ANSWERS.get("hang") == number:
        (FOLDER / "hangs").touch()
        end = time.monotonic() + 20
        while not (FOLDER / "go").exists() and time.monotonic() < end:
            time.sleep(0.01)
    if ANSWERS.get("fail") == number:
        print(f"{program}: told to fail", file=sys.stderr)
        return ANSWERS.get("status", 1)
    return {"gcloud": gcloud, "docker": docker, "terraform": terraform, "portalgen": portalgen}[program](arguments)


def gcloud(arguments):
    commands = {name: set(flags) for name, flags in ANSWERS["gcloud"].items()}
    command = max((c for c in commands if arguments[: len(c.split())] == c.split()), key=len, default=None)
    if command is None:
        return refuse(f"ERROR: (gcloud) Invalid choice: '{' '.join(arguments)}'.")
    given = {argument.split("=")[0] for argument in arguments if argument.startswith("--")}
    if unknown := given - commands[command]:
        return refuse(f"ERROR: (gcloud.{command}) unrecognized arguments: {unknown}")
    if command == "auth list":
        print(ANSWERS.get("account", "someone@example.com"))
    elif command == "builds submit":
        print("Creating temporary archive of 12 file(s)", file=sys.stderr)
        print('starting build "1b2c"\n\nFETCHSOURCE\nStep #0 - "build": #1 [internal] load build definition')
        print(f"latest: digest: sha256:{'c' * 64} size: 2411\nDONE")
        print(ANSWERS["build"])
    elif command == "run services replace":
        lines = Path(arguments[3]).read_text().splitlines()
        image = next(line for line in lines if line.startswith("          image: "))
        if "--dry-run" not in given:
            DEPLOYED.write_text(image.split()[1])
        print("Applying new configuration to Cloud Run service", file=sys.stderr)
    elif command == "run services describe":
        running = ANSWERS.get("running") or (DEPLOYED.read_text() if DEPLOYED.exists() else "")
        if "--flatten=status.traffic[]" in arguments:
            print(ANSWERS["traffic"])
        elif any(argument.startswith("--format=value[") for argument in arguments):
            print("|".join([ANSWERS["url"], ANSWERS["open"], running]))
        else:
            print(running)
    elif command == "run revisions describe":
        print("|".join([ANSWERS["variant"], ANSWERS["running"]]))
    return 0


def docker(arguments):
    if arguments[0] == "build":
        print("#1 [internal] load build definition from Dockerfile", file=sys.stderr)
    else:
        print(ANSWERS["push"])
    return 0


def terraform(arguments):
    verb = arguments[1]
    # Each path is one from there, where it is relative.
    os.chdir(arguments[0].removeprefix("-chdir="))
    if verb != "output":
        Path(os.environ["TF_DATA_DIR"]).mkdir(exist_ok=True)
    if verb == "init" and "lock" in ANSWERS:
        Path(".terraform.lock.hcl").write_text(ANSWERS["lock"])
    named = [argument.removeprefix("-out=") for argument in arguments if argument.startswith("-out=")]
    if verb == "plan":
        Path(named[0]).write_text("the plan")
        print("Plan: 10 to add, 0 to change, 0 to destroy.")
        return ANSWERS.get("plan", 2)
    if verb == "apply" and Path(arguments[-1]).read_text() != "the plan":
        return refuse("Error: Failed to load the plan")
    if verb == "output":
        print("203.0.113.7", end="")
    return 0


def portalgen(arguments):
    return ANSWERS.get("verify", 0) if arguments[0] == "verify" else 0


def refuse(why):
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
