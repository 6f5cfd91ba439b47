"""--promote-from: the line that names, by its digest, what another environment runs."""

import pytest
from conftest import PUSHED

REPOSITORY = "asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal"
PLACE = ("--project", "waooaw-oauth", "--region", "asia-south1")
ASKED = [
    [
        *("gcloud", "run", "services", "describe", "waooaw-platform-portal-uat", *PLACE, "--flatten=status.traffic[]"),
        '--format=value[separator="|"](status.traffic.percent,status.traffic.revisionName,'
        "status.latestCreatedRevisionName)",
    ],
    [
        *("gcloud", "run", "revisions", "describe", "portal-00002-abc", *PLACE),
        '--format=value[separator="|"](metadata.labels.portalgen-image,spec.containers[0].image)',
    ],
]


@pytest.mark.parametrize("running", [f"{REPOSITORY}@{PUSHED}", f"{REPOSITORY}:uat@{PUSHED}"])
def test_the_line_to_paste_is_all_that_is_printed(desk, running):
    before = desk.out()
    done = desk.deploy("production", "--promote-from", "uat", running=running)
    assert done.code == 0 and done.stdout == f'image = "{running}"\n'
    assert desk.commands == ASKED, "nothing is deployed"
    assert "for [cloud_run] in envs/production.toml" in done.said
    assert "another repository" not in done.said and "not the newest" not in done.said
    assert desk.out() == before


def test_another_repository_is_said(desk):
    done = desk.deploy("production", "--promote-from", "demo", running=f"{REPOSITORY}-demo@{PUSHED}")
    assert done.code == 0 and done.stdout == f'image = "{REPOSITORY}-demo@{PUSHED}"\n'
    assert f"is in another repository: {REPOSITORY} Cloud Run has to be allowed" in done.said


@pytest.mark.parametrize(
    "of, words",
    [
        ("websocket", "uat runs the image of `websocket`, and production takes that of `websocket-free`"),
        ("websocket-free-http2", "uat runs the image of `websocket-free-http2`, and production takes that of"),
        ("", "its revision has no label portalgen-image. Render its files again and deploy them: portalgen render uat"),
    ],
)
def test_an_image_of_another_strategy_or_of_none_that_is_known_is_refused(desk, of, words):
    done = desk.deploy("production", "--promote-from", "uat", running=f"{REPOSITORY}@{PUSHED}", variant=of)
    assert done.code == 1 and done.stdout == "" and words in done.said


@pytest.mark.parametrize("name, of", [("demo", "websocket-free"), ("demo-h2c", "websocket-free-http2")])
def test_each_form_takes_its_own_image(desk, name, of):
    assert desk.deploy(name, "--promote-from", "demo", running=f"{REPOSITORY}@{PUSHED}", variant=of).code == 0
    label = f"      labels:\n        portalgen-image: {of}\n"
    assert label in (desk.portal / f"out/{name}/service.yaml").read_text()


@pytest.mark.parametrize(
    "traffic", ["100|uat-3|uat-4", "|uat-4|uat-4\n100|uat-3|uat-4", "100|uat-3|uat-4\n|uat-1|uat-4"]
)
def test_after_a_rollback_the_revision_that_answers_is_asked(desk, traffic):
    done = desk.deploy("production", "--promote-from", "uat", running=f"{REPOSITORY}@{PUSHED}", traffic=traffic)
    assert done.code == 0 and desk.commands[1][:5] == ["gcloud", "run", "revisions", "describe", "uat-3"]
    assert "uat runs the revision uat-3 and not the newest, whose image is left alone: uat-4" in done.said


@pytest.mark.parametrize(
    "traffic, words",
    [
        ("90|uat-3|uat-4\n10|uat-4|uat-4", "requests to uat are divided between revisions"),
        ("||", "no revision of uat answers"),
        ("||uat-1", "no revision of uat answers"),
        ("", "no revision of uat answers"),
    ],
)
def test_without_one_revision_that_answers_nothing_is_promoted(desk, traffic, words):
    done = desk.deploy("production", "--promote-from", "uat", running=f"{REPOSITORY}@{PUSHED}", traffic=traffic)
    assert done.code == 1 and done.stdout == "" and len(desk.commands) == 1 and words in done.said


def test_an_environment_by_tag_may_go_over_to_a_digest(desk):
    done = desk.deploy("uat", "--promote-from", "production", running=f"{REPOSITORY}@{PUSHED}")
    assert done.code == 0 and done.stdout.startswith("image = ")


@pytest.mark.parametrize(
    "running", ["", f"{REPOSITORY}:uat", f"{REPOSITORY}@sha256:12", f'a"b@{PUSHED}', f"$x@{PUSHED}"]
)
def test_what_no_digest_names_is_refused(desk, running):
    done = desk.deploy("production", "--promote-from", "uat", running=running)
    assert done.code == 1 and done.stdout == ""
    assert "uat runs an image that no digest names" in done.said and "out/uat/deploy.sh" in done.said


@pytest.mark.parametrize(
    "name, code, words",
    [
        ("staging", 1, "there is no environment staging in out"),
        ("codespace", 1, "codespace has no service: out/codespace/service.yaml is not there"),
        ("../demo", 64, "no name of an environment: ../demo"),
        ("$(id)", 64, "no name of an environment: $(id)"),
    ],
)
def test_an_environment_without_a_service(desk, name, code, words):
    done = desk.deploy("production", "--promote-from", name)
    assert done.code == code and done.stdout == "" and desk.calls == [] and words in done.said


@pytest.mark.parametrize("number", [0, 1])
def test_a_service_that_cannot_be_asked(desk, number):
    done = desk.deploy("production", "--promote-from", "uat", fail=number)
    assert done.code == 1 and done.stdout == "" and "what uat runs could not be asked" in done.said


@pytest.mark.parametrize("wrong", ["  name: a b\n", "  name: $(id)\n", ""])
def test_a_service_yaml_that_is_not_portalgens(desk, wrong):
    file = desk.portal / "out/uat/service.yaml"
    text = file.read_text()
    try:
        file.write_text(text.replace("  name: waooaw-platform-portal-uat\n", wrong, 1))
        done = desk.deploy("production", "--promote-from", "uat")
    finally:
        file.write_text(text)
    assert done.code == 1 and done.stdout == "" and desk.calls == [] and "as portalgen writes" in done.said


def test_a_dry_run_prints_the_question(desk):
    done = desk.deploy("production", "--promote-from", "uat", "--dry-run")
    assert done.code == 0 and desk.calls == []
    assert done.stdout.startswith("rows=$(gcloud run services describe waooaw-platform-portal-uat ")
    # Pasted into a shell, it is the same question.
    desk.ready(running=f"{REPOSITORY}@{PUSHED}")
    assert desk.run(["bash", "-c", done.stdout]).code == 0 and desk.commands == ASKED
