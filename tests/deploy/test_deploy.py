"""deploy.sh from the first command to the last: what it runs, in which order, and where it stops."""

import os
import re
import shlex
import subprocess

import pytest
from conftest import BUILT, PUSH, PUSHED, REPOSITORY, shortened

BEFORE = ["portalgen check", "gcloud auth list"]
IMAGE = ["docker build", "docker push"]
SERVICE = ["gcloud run services replace --dry-run", "gcloud run services replace", "gcloud run services describe"]
PLAN = ["terraform init", "terraform plan", "terraform apply"]
VERIFY = ["portalgen verify"]
CREATE = PLAN + ["terraform output"]

# What a run comes to, by environment and options.
ROUTES = {
    ("demo",): BEFORE + IMAGE + SERVICE + CREATE + VERIFY,
    ("demo", "--cloud-build"): BEFORE + ["gcloud builds submit"] + SERVICE + CREATE + VERIFY,
    ("demo-websocket",): BEFORE + IMAGE + SERVICE + CREATE + VERIFY,
    ("uat",): BEFORE + IMAGE + SERVICE + CREATE + VERIFY,
    ("production",): BEFORE + SERVICE + CREATE + VERIFY,
    ("attach",): BEFORE + IMAGE + SERVICE + PLAN + VERIFY,
    ("plain",): BEFORE + IMAGE + SERVICE + VERIFY,
    ("few",): BEFORE + SERVICE,
}
TITLES = {
    "portalgen check": "check the files and the sign-in",
    "gcloud auth list": "check the files and the sign-in",
    "docker build": "build the image",
    "docker push": "push the image",
    "gcloud builds submit": "build and push the image by Cloud Build",
    "gcloud run services replace --dry-run": "let Cloud Run check service.yaml",
    "gcloud run services replace": "deploy the service",
    "gcloud run services describe": "see what is deployed and who may call it",
    "terraform init": "plan the load balancer",
    "terraform plan": "plan the load balancer",
    "terraform apply": "apply the plan",
    "terraform output": "apply the plan",
    "portalgen verify": "verify the portal",
}
BY_NAME = {" ".join(route): route for route in ROUTES}


@pytest.fixture(params=BY_NAME)
def route(request, desk):
    """Environment and options; the answers are those of a service as it should be."""
    desk.ready(open="" if request.param == "few" else "true")
    return BY_NAME[request.param]


def test_a_run_takes_each_step_and_leaves_nothing(desk, route):
    before = desk.out()
    done = desk.deploy(*route, "--yes")
    assert done.code == 0, done.stderr
    assert desk.short == ROUTES[route]
    assert done.stderr.endswith(f"deploy.sh: {route[0]} is deployed\n")
    assert list(desk.temporary.iterdir()) == []
    assert desk.out() == before
    assert {call["cwd"] for call in desk.calls} == {str(desk.portal)}
    for argv in desk.commands:
        if argv[:2] == ["gcloud", "run"]:
            assert "--project" in argv and "--region" in argv, argv
        elif argv[:2] == ["gcloud", "builds"]:
            assert "--project" in argv, argv


def test_a_dry_run_runs_nothing_and_prints_what_would_run(desk, route):
    before = desk.out()
    dry = desk.deploy(*route, "--dry-run")
    assert dry.code == 0, dry.stderr
    assert desk.calls == [] and list(desk.temporary.iterdir()) == []
    real = desk.deploy(*route, "--yes")
    assert real.code == 0, real.stderr
    would, is_run = [], desk.calls
    # Pasted into a shell, it is the same run.
    desk.ready()
    pasted = desk.run(["bash", "-c", dry.stdout])
    would = desk.calls
    assert would == is_run, pasted.stderr
    assert list(desk.temporary.iterdir()) == [] and desk.out() == before


@pytest.mark.parametrize("environment", ["demo", "production", "plain"])
def test_a_second_run_does_the_same(desk, environment):
    first = (desk.deploy(environment, "--yes"), desk.calls)
    second = (desk.deploy(environment, "--yes"), desk.calls)
    assert first[0].code == second[0].code == 0
    assert first[1] == second[1]


# Each command of each form that the script has.
FAILURES = [
    pytest.param(name, number, id=f"{name}: {call} ({number})")
    for name in ("demo", "demo --cloud-build", "production", "attach", "plain", "few")
    for number, call in enumerate(ROUTES[BY_NAME[name]])
]


@pytest.mark.parametrize("name, number", FAILURES)
def test_a_failing_command_stops_the_run(desk, name, number):
    route = BY_NAME[name]
    before = desk.out()
    status = 137 if number % 2 else 1
    done = desk.deploy(*route, "--yes", fail=number, status=status, open="" if name == "few" else "true")
    assert done.code == 1, done.stderr
    calls = ROUTES[route]
    assert desk.short == calls[: number + 1]
    stopped = TITLES[calls[number]]
    titles = list(dict.fromkeys(TITLES[call] for call in calls))
    if "docker push" in calls or "gcloud builds submit" in calls:
        titles.insert(titles.index("let Cloud Run check service.yaml"), "write service.yaml with the digest")
    if route[0] == "production":
        titles.insert(1, "confirm the deployment")
    at = titles.index(stopped)
    report = [line.removeprefix("deploy.sh: ") for line in done.stderr.splitlines() if line.startswith("deploy.sh: ")]
    said = [line for line in report if line.startswith(("done: ", "stopped: ", "not done: "))]
    assert said == [
        *(f"done:     {title}" for title in titles[:at]),
        f"stopped:  {stopped}",
        *(f"not done: {title}" for title in titles[at + 1 :]),
    ]
    if (route[0], calls[number]) == ("attach", "portalgen verify"):
        assert "run the same command again" not in done.said
    else:
        assert "Once that is mended, run the same command again" in done.said
    assert f"{route[0]} is deployed" not in done.stderr
    assert ("portalgen says above what is wrong." in done.said) == (calls[number] == "portalgen check")
    assert list(desk.temporary.iterdir()) == []
    assert desk.out() == before


def test_the_digest_of_this_push_is_deployed(desk):
    desk.deploy("demo", "--yes")
    rehearsed, replaced = [call["file"] for call in desk.calls if "file" in call]
    rendered = (desk.portal / "out/demo/service.yaml").read_text()
    repository = "asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal-demo"
    assert rehearsed == replaced == rendered.replace(f"image: {repository}:latest", f"image: {repository}@{PUSHED}")
    assert replaced != rendered
    build = next(call for call in desk.calls if call["argv"][:2] == ["docker", "build"])
    assert build["variables"]["DOCKER_BUILDKIT"] == "1"
    assert build["argv"][2:] == [
        *("--platform", "linux/amd64", "--file", "out/image/websocket-free/Dockerfile"),
        *("--tag", f"{repository}:latest", "."),
    ]


def test_cloud_build_names_the_digest_after_its_log(desk):
    done = desk.deploy("demo", "--yes", "--cloud-build")
    assert BUILT in next(call["file"] for call in desk.calls if "file" in call)
    assert "(built by Cloud Build, deployed by its digest)" in done.stderr
    assert "Step #0" in done.stdout, "the log is shown"


def test_an_image_by_digest_is_deployed_as_it_stands(desk):
    done = desk.deploy("production", "--yes")
    replace = next(argv for argv in desk.commands if argv[:4] == ["gcloud", "run", "services", "replace"])
    assert replace[4] == "out/production/service.yaml"
    assert "(never built here)" in done.stderr
    done = desk.deploy("production", "--yes", "--cloud-build")
    assert done.code == 64 and "nothing is built" in done.stderr and desk.calls == []


# What `docker push` prints where its output is no terminal.
CLASSIC = PUSH
CONTAINERD = f"""The push refers to repository [gcr.io/a/b]
2f1d3a: Pushing [==============>      ]  12.5MB/30MB
2f1d3a: Pushed
v1.2-rc_1: digest: {PUSHED} size: 856
i Info → Not all multiplatform-content is present and only the available single-platform image was pushed
         sha256:{"e" * 64} -> {PUSHED}"""


@pytest.mark.parametrize("push", [CLASSIC, CONTAINERD])
def test_the_digest_is_found_in_what_docker_prints(desk, push):
    assert desk.deploy("demo", "--yes", push=push).code == 0
    assert f"@{PUSHED}\n" in next(call["file"] for call in desk.calls if "file" in call)


@pytest.mark.parametrize(
    "answers",
    [
        {"push": "Everything is pushed"},
        {"push": f"latest: digest: {PUSHED[:-1]} size: 1"},
        {"push": f"latest: digest: {PUSHED}f size: 1"},
        {"push": f"a: digest: {PUSHED} size: 1\nb: digest: {BUILT} size: 1"},
        {"push": f"latest: digest: {PUSHED.upper()} size: 1"},
    ],
)
def test_a_push_without_one_digest_deploys_nothing(desk, answers):
    done = desk.deploy("demo", "--yes", **answers)
    assert done.code == 1 and desk.short == BEFORE + IMAGE
    assert "docker push named no digest, or more than one" in done.said
    assert "stopped:  push the image" in done.stderr


@pytest.mark.parametrize("build", ["", "sha256:1234", f"{BUILT};{BUILT}"])
def test_a_cloud_build_without_a_digest_deploys_nothing(desk, build):
    done = desk.deploy("demo", "--yes", "--cloud-build", build=build)
    assert done.code == 1 and desk.short == BEFORE + ["gcloud builds submit"]
    assert "gcloud builds submit named no digest" in done.said


@pytest.mark.parametrize("lines", [0, 2])
def test_an_image_line_that_is_not_there_once_deploys_nothing(desk, lines):
    file = desk.portal / "out/plain/service.yaml"
    text = file.read_text()
    image = next(line for line in text.splitlines(keepends=True) if " image: " in line)
    try:
        file.write_text(text.replace(image, image * lines))
        done = desk.deploy("plain", "--yes")
    finally:
        file.write_text(text)
    assert done.code == 1 and desk.short == BEFORE + IMAGE
    assert "out/plain/service.yaml does not name the image once" in done.said


def test_what_runs_is_read_back(desk):
    other = "gcr.io/a/b@sha256:" + "9" * 64
    done = desk.deploy("plain", "--yes", running=other)
    assert done.code == 1 and other in done.said and "Another deployment may have come in between" in done.said
    desk.answers.pop("running")
    done = desk.deploy("plain", "--yes", open="")
    assert done.code == 1 and "invoker-iam-disabled is not set" in done.said
    done = desk.deploy("few", "--yes", open="true")
    assert done.code == 1 and "and everybody can" in done.said
    done = desk.deploy("few", "--yes", open="")
    assert done.code == 0 and "for those with roles/run.invoker" in done.said and "not verified" in done.said


def test_without_host_the_address_is_verified_that_cloud_run_gave(desk):
    desk.deploy("plain", "--yes", url="https://one-abcdefghij-ew.a.run.app")
    assert desk.commands[-1] == [
        *("portalgen", "verify", "envs/plain.toml", "--url", "https://one-abcdefghij-ew.a.run.app"),
    ]
    done = desk.deploy("plain", "--yes", url="")
    assert done.code == 0 and "not verified: there is no host" in done.said
    assert desk.short[-1] == "gcloud run services describe"


def test_exactly_the_plan_that_was_shown_is_applied(desk):
    desk.deploy("demo", "--yes")
    init, plan, apply, output = (call for call in desk.calls if call["argv"][0] == "terraform")
    assert init["argv"] == ["terraform", "-chdir=out/demo", "init", "-input=false"]
    assert plan["argv"][2:] == ["plan", "-input=false", "-detailed-exitcode", "-out=WORK/plan"]
    assert apply["argv"][2:] == ["apply", "-input=false", "WORK/plan"]
    assert output["argv"][2:] == ["output", "-raw", "address"]
    assert {call["variables"]["TF_DATA_DIR"] for call in (init, plan, apply)} == {"WORK/terraform"}


def test_a_plan_without_changes_is_not_applied(desk):
    done = desk.deploy("demo", "--yes", plan=0)
    assert done.code == 0
    assert desk.short == [call for call in ROUTES[("demo",)] if call != "terraform apply"]


@pytest.mark.parametrize("environment", ["demo", "attach"])
def test_a_relative_tmpdir_is_one_from_where_the_caller_stands(desk, environment):
    done = desk.deploy(environment, "--yes", cwd=desk.folder, variables={"TMPDIR": "tmp"})
    assert done.code == 0, done.stderr
    assert {call["variables"].get("TF_DATA_DIR") for call in desk.calls} >= {"WORK/terraform"}
    assert list(desk.temporary.iterdir()) == []
    real, dry = desk.calls, desk.deploy(environment, "--dry-run", cwd=desk.folder, variables={"TMPDIR": "tmp"})
    desk.ready()
    desk.run(["bash", "-c", dry.stdout], variables={"TMPDIR": "tmp"})
    assert desk.calls == real


@pytest.mark.parametrize("before, said", [(None, True), ("one\n", True), ("two\n", False)])
@pytest.mark.parametrize("fail", [None, 10])
def test_a_lock_file_that_terraform_wrote_is_to_be_committed(desk, before, said, fail):
    lock = desk.portal / "out/demo/.terraform.lock.hcl"
    try:
        if before:
            lock.write_text(before)
        done = desk.deploy("demo", "--yes", lock="two\n", fail=fail)
    finally:
        lock.unlink()
    assert done.code == (0 if fail is None else 1) and desk.short[-1] != "terraform init"
    assert ("commit out/demo/.terraform.lock.hcl" in done.said) == said


def test_local_state_is_refused_outside_development(desk):
    done = desk.deploy("local", "--yes")
    assert done.code == 1 and desk.calls == []
    assert 'Write state_bucket = "..." below [load_balancer] in envs/local.toml' in done.said
    assert desk.deploy("local", "--dry-run").code == 0


def test_the_owner_of_the_map_is_told_what_to_add(desk):
    done = desk.deploy("attach", "--yes", verify=3)
    assert done.code == 0
    assert "The owner of the URL map shared-map adds the hosts to it:" in done.said
    assert "out/attach/url_map.hcl" in done.said and "out/attach/add-path-matcher.sh" in done.said
    assert "once the load balancer has the hosts" in done.said


def test_another_form_of_a_service_says_so(desk):
    done = desk.deploy("demo-websocket", "--yes")
    assert "in place of demo, whose service gets this form until that is deployed again" in done.said
    assert "waooaw-platform-portal-demo" in desk.commands[6]


@pytest.mark.parametrize(
    "environment, verdict, code, words",
    [
        ("demo", 0, 0, "demo is deployed"),
        ("demo", 1, 1, "the portal does not run as it should"),
        ("demo", 2, 1, "the portal does not run as it should"),
        ("demo", 3, 0, "pp.demo.waooaw.com. A 203.0.113.7 To wait for it: portalgen verify envs/demo.toml --wait 60"),
        (
            *("plain", 3, 0),
            "All is deployed. Something outside has to happen yet: see above. To wait for it: "
            "portalgen verify envs/plain.toml --url https://portal-abcdefghij-el.a.run.app --wait 60",
        ),
        (
            *("attach", 1, 1),
            "As long as the URL map shared-map does not have the hosts, it cannot. Its owner adds them, by one of "
            "out/attach/add-path-matcher.sh out/attach/url_map.hcl",
        ),
        ("attach", 1, 1, "Once the hosts are there: portalgen verify envs/attach.toml --wait 60"),
    ],
)
def test_what_verify_says_decides_the_end(desk, environment, verdict, code, words):
    done = desk.deploy(environment, "--yes", verify=verdict)
    assert done.code == code and words in done.said
    assert ("is deployed\n" in done.stderr) == (code == 0)


def test_nobody_signed_in(desk):
    done = desk.deploy("demo", "--yes", account="")
    assert done.code == 1 and desk.short == BEFORE
    assert "nobody is signed in to gcloud" in done.said and "gcloud auth login" in done.said


@pytest.mark.parametrize("program", ["docker", "gcloud", "portalgen", "terraform"])
def test_a_program_that_is_missing_is_named_before_anything_runs(desk, program):
    (desk.path / program).unlink()
    done = desk.deploy("demo", "--yes")
    assert done.code == 1 and desk.calls == []
    assert f"{program} is not installed, or not on PATH" in done.said


def test_what_is_not_needed_may_be_missing(desk):
    (desk.path / "docker").unlink()
    assert desk.deploy("demo", "--yes", "--cloud-build").code == 0
    assert desk.deploy("production", "--yes").code == 0
    (desk.path / "terraform").unlink()
    assert desk.deploy("few", "--yes", open="").code == 0


def test_portalgen_may_be_named(desk):
    named = desk.folder / "tools" / "portalgen"
    named.parent.mkdir()
    (desk.path / "portalgen").rename(named)
    named.unlink()
    named.symlink_to(desk.path / "stub")
    for name in (str(named), "tools/portalgen"):
        done = desk.deploy("plain", "--yes", cwd=desk.folder, variables={"PORTALGEN": name})
        assert done.code == 0, done.stderr


def test_a_failing_push_says_how_docker_is_signed_in_and_does_not_do_it(desk):
    done = desk.deploy("demo", "--yes", fail=3)
    assert "gcloud auth configure-docker asia-south1-docker.pkg.dev" in done.said
    assert not any("configure-docker" in argv for argv in desk.commands)


def test_it_runs_from_any_folder(desk, tmp_path):
    for cwd in (tmp_path, desk.portal / "envs", "/"):
        assert desk.deploy("plain", "--yes", cwd=cwd, variables={"CDPATH": "/"}).code == 0
        assert {call["cwd"] for call in desk.calls} == {str(desk.portal)}
    relative = desk.ready() or desk.run(["./deploy.sh", "--yes"], cwd=desk.portal / "out/plain")
    assert relative.code == 0 and desk.short == ROUTES[("plain",)]


def test_it_runs_where_it_was_rendered_alone(desk, tmp_path):
    place = tmp_path / "elsewhere/out/demo"
    place.mkdir(parents=True)
    (place / "deploy.sh").write_bytes(desk.script("demo").read_bytes())
    desk.ready()
    done = desk.run(["bash", place / "deploy.sh", "--yes"])
    assert done.code == 1 and desk.calls == [] and "is not the repository's root" in done.said


def test_usage(desk):
    shown = desk.deploy("demo", "--help")
    assert shown.code == 0 and shown.stderr == ""
    assert [line.split()[0] for line in shown.stdout.splitlines() if line.startswith("  --")] == [
        *("--yes", "--dry-run", "--cloud-build", "--promote-from", "--help"),
    ]
    assert "--cloud-build" not in desk.deploy("production", "--help").stdout
    for wrong in (["--now"], ["demo"], ["--yes=1"], [""], ["--promote-from"], ["--promote-from", ""]):
        done = desk.deploy("demo", *wrong)
        assert done.code == 64 and done.stdout == "" and "usage: out/demo/deploy.sh" in done.stderr
    assert desk.calls == []


def test_what_people_read_fits_into_80_columns(desk):
    runs = [desk.deploy("demo", "--help")]
    runs += [desk.deploy("demo-websocket"), desk.deploy("production", "--promote-from", "staging")]
    runs += [desk.deploy("attach", "--yes", verify=1)]
    runs += [desk.deploy(name, "--yes", verify=3, open="" if name == "few" else "true") for name in ("demo", "attach")]
    runs += [desk.deploy("demo", "--yes", fail=number) for number in (0, 1, 2, 3, 5, 6, 8, 9)]
    runs += [
        desk.deploy("production", "--promote-from", "demo", running=f"gcr.io/a/b@{PUSHED}", traffic=traffic, variant=of)
        for traffic in ("100|demo-1|demo-2", "50|a|b\n50|b|b", "")
        for of in ("", "websocket-free-http2")
    ]
    desk.answers.pop("running")
    runs += [desk.deploy("local", "--yes"), desk.deploy("few", "--yes", open="true")]
    for line in (line for run in runs for line in (run.stdout + run.stderr).splitlines()):
        # A command or an image is as long as it is.
        if line.startswith("deploy.sh: ") and not any(len(word) > 40 for word in line.split()):
            assert len(line) <= 80, line
    assert all(len(line) <= 80 for line in runs[0].stdout.splitlines())


def test_nothing_comes_from_the_environment_of_the_caller(desk):
    hostile = {"project": "another", "image": "x", "yes": "1", "dry_run": "1", "work": "/", "manifest": "/etc/passwd"}
    assert desk.deploy("demo", variables=hostile).code == 64
    plain = desk.deploy("plain", "--yes", variables=hostile)
    assert plain.code == 0 and desk.short == ROUTES[("plain",)]
    assert list(desk.temporary.iterdir()) == []


def test_what_a_dry_run_prints_is_quoted(desk):
    printed = desk.deploy("demo", "--dry-run").stdout
    for line in printed.splitlines():
        if line.startswith(("gcloud ", "docker ", "terraform ", "portalgen ")):
            assert shlex.split(line)[0] == line.split()[0]
    checked = subprocess.run(["bash", "-n"], input=printed, text=True, capture_output=True, env=os.environ)
    assert checked.returncode == 0, checked.stderr


def test_the_stand_ins_refuse_what_the_table_has_not(desk):
    desk.ready()
    assert desk.run([desk.path / "gcloud", "auth", "list", "--filter=x"]).code == 0
    for wrong in (["auth", "list", "--project", "x"], ["auth", "revoke"], ["run", "deploy", "x"]):
        done = desk.run([desk.path / "gcloud", *wrong])
        assert done.code == 2 and "ERROR: (gcloud" in done.stderr
    assert shortened(["terraform", "-chdir=x", "init"]) == "terraform init"


def test_the_readme_shows_what_is_printed(desk):
    """Cut by `...`: within a line, or whole lines."""
    readme = (REPOSITORY / "README.md").read_text()
    shown = readme.split("$ out/demo/deploy.sh --dry-run\n")[1].split("```")[0].splitlines()
    done = desk.deploy("demo", "--dry-run")
    printed = (done.stderr + done.stdout).splitlines()
    at = 0
    for number, line in enumerate(shown):
        pattern = ".*".join(re.escape(part) for part in line.split("..."))
        matching = [i for i in range(at, len(printed)) if re.fullmatch(pattern, printed[i])]
        assert matching, f"nothing is like {line!r}"
        if line == "...":
            continue
        left_out = number and shown[number - 1] == "..."
        assert left_out or matching[0] == at, f"{printed[at]!r} stands before {line!r}"
        at = matching[0] + 1
    assert at == len(printed)
