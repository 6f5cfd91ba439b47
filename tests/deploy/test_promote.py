"""--promote-from: the line that names, by its digest, what another environment runs."""

import pytest
from conftest import PUSHED

REPOSITORY = "asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal"
ASKED = [
    *("gcloud", "run", "services", "describe", "waooaw-platform-portal-uat", "--project", "waooaw-oauth"),
    *("--region", "asia-south1", "--format=value(spec.template.spec.containers[0].image)"),
]


@pytest.mark.parametrize("running", [f"{REPOSITORY}@{PUSHED}", f"{REPOSITORY}:uat@{PUSHED}"])
def test_the_line_to_paste_is_all_that_is_printed(desk, running):
    before = desk.out()
    done = desk.deploy("production", "--promote-from", "uat", running=running)
    assert done.code == 0 and done.stdout == f'image = "{running}"\n'
    assert desk.commands == [ASKED], "nothing is deployed"
    assert "for [cloud_run] in envs/production.toml" in done.said
    assert "another repository" not in done.said and desk.out() == before


def test_another_repository_is_said(desk):
    done = desk.deploy("production", "--promote-from", "demo", running=f"{REPOSITORY}-demo@{PUSHED}")
    assert done.code == 0 and done.stdout == f'image = "{REPOSITORY}-demo@{PUSHED}"\n'
    assert f"is in another repository: {REPOSITORY} Cloud Run has to be allowed" in done.said


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


def test_a_service_that_cannot_be_asked(desk):
    done = desk.deploy("production", "--promote-from", "uat", fail=0)
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
    assert done.stdout.startswith("running=$(gcloud run services describe waooaw-platform-portal-uat ")
