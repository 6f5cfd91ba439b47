"""Names that a shell would take for something else reach each program as they are."""

import subprocess

import pytest
from conftest import PORTALGEN, Desk, rendered

FOLDER = "it's $(id) `id`; a \"b\" & *"


@pytest.fixture(scope="module")
def fixture_portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / FOLDER
    return rendered(folder, portal="hostile", copied=("portal.toml", "envs", "app"), more={})


def test_the_hostile_environment_is_deployed_as_it_is_written(fixture_portal, tmp_path):
    desk = Desk(fixture_portal, tmp_path)
    done = desk.deploy("hostile", "--yes")
    assert done.code == 0, done.stderr
    service = "a-service-name-that-is-as-long-as-cloud-run-allows-it-to-be-63"
    assert desk.commands[6][:5] == ["gcloud", "run", "services", "describe", service]
    rendered_file = (fixture_portal / "out/hostile/service.yaml").read_text()
    deployed = next(call["file"] for call in desk.calls if "file" in call)
    image = "europe-west1-docker.pkg.dev/hostile-project/a/b"
    assert deployed == rendered_file.replace(f"image: {image}:1\n", f"image: {image}@sha256:{'a' * 64}\n")
    assert "host           very-long-host-name-for-a-portal.with-several-labels.example.com" in done.stderr


def test_an_environments_file_may_be_called_anything(tmp_path_factory, tmp_path):
    folder = tmp_path_factory.mktemp("named")
    rendered(folder, more={})
    (folder / "envs").rename(folder / FOLDER)
    desk = Desk(folder, tmp_path)
    command = [PORTALGEN, "render", f"{FOLDER}/demo.toml"]
    assert subprocess.run(command, cwd=folder, capture_output=True, timeout=30).returncode == 0
    done = desk.deploy("demo", "--yes")
    assert done.code == 0, done.stderr
    assert desk.commands[0] == ["portalgen", "check", f"{FOLDER}/demo.toml"]
    # What is printed is that command again.
    dry = desk.deploy("demo", "--dry-run")
    desk.ready()
    desk.run(["bash", "-c", dry.stdout])
    assert desk.commands[0] == ["portalgen", "check", f"{FOLDER}/demo.toml"]
