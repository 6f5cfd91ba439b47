"""The image as it runs: process 1, its variables, its user, and where it writes."""

import os
import time
from pathlib import Path

import pytest
from ground.namespaces import USER
from instance import ENVIRONMENTS, Probes, Service, starter
from report import keep


def environment(pid):
    pairs = Path(f"/proc/{pid}/environ").read_bytes().rstrip(b"\0").split(b"\0")
    return dict(pair.decode().split("=", 1) for pair in pairs)


def status(pid, field):
    return next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field))


WITH, WITHOUT = "with the variables of service.yaml", "with none of them"


@pytest.fixture(scope="module", params=[f"{variant} {how}" for variant in ENVIRONMENTS for how in (WITH, WITHOUT)])
def portal(request, certificates, names, tmp_path_factory):
    """A portal whose home page has been answered, the variables it was given over its image's, and the seconds."""
    variant, _, how = request.param.partition(" ")
    service = Service(ENVIRONMENTS[variant]) if how == WITH else None
    with starter(variant, certificates, tmp_path_factory.mktemp("portal")) as start:
        instance = start(service)
        instance.ready()
        page = instance.get("/")
        seconds = time.monotonic() - instance.started
        assert page.status == 200 and "<title>" in page.text
        yield instance, service.variables() if service else {}, seconds


def test_it_starts(portal, request):
    instance, _, seconds = portal
    keep("run", request.node.callspec.params["portal"], {
        "seconds to the first page": round(seconds, 2),
        "memory in MiB": round(instance.memory() / 2**20),
    })  # fmt: skip
    assert seconds < 60


def test_start_sh_is_process_1_with_exactly_the_variables_of_image_and_service(portal):
    instance, variables, _ = portal
    first = instance.first()
    assert status(first, "NSpid").split()[-1] == "1"
    assert environment(first) == instance.image.variables | variables


def test_every_process_is_unprivileged(portal):
    instance, *_ = portal
    running = instance.inside()
    assert {"bash", "python", "nginx:"} <= {line.split()[0] for line in running.values()}, running
    for pid, line in running.items():
        assert set(status(pid, "Uid").split()[1:]) == {str(USER)}, line
        assert status(pid, "CapEff").split()[1] == "0000000000000000", line


def test_it_writes_to_tmp_alone(portal):
    instance, *_ = portal
    instance.get("/_event/?EIO=4&transport=polling")
    root = instance.file("")
    written = {top for top, paths in walk(root) if any(fresh(path, instance) for path in paths)}
    assert written <= {"tmp", "dev"}, written
    for folder in ("", "app", "etc", "srv/portal", "usr", "var"):
        with pytest.raises(OSError, match="Read-only file system"):
            (root / folder / "written").touch()
    assert any((root / "tmp").iterdir())


def walk(root):
    """The paths below each folder of the root but /proc, which changes always."""
    return [(top.name, top.rglob("*")) for top in root.iterdir() if top.name != "proc"]


def fresh(path, instance):
    """Whether it was changed after the instance was started."""
    try:
        return os.lstat(path).st_mtime > instance.log_file.parent.stat().st_ctime
    except OSError:
        return False


def test_the_probes_of_service_yaml_pass(run, service):
    instance = run(service)
    with Probes(service, instance) as probes:
        seconds = probes.started()
    assert probes.ended is None
    keep("run", f"{instance.image.variant}, until the startup probe passes", {"seconds": round(seconds, 2)})


def test_compressed_files_are_sent_as_the_build_left_them(run, service):
    instance = run(service)
    instance.ready()
    client = instance.root / "srv/portal"
    packed = max(client.glob("assets/*.js.gz"), key=lambda file: file.stat().st_size)
    target = "/" + str(packed.relative_to(client).with_suffix(""))
    answer = instance.get(target, headers={"Accept-Encoding": "gzip", "Via": "1.1 google"})
    assert answer.all("Content-Encoding") == ["gzip"] and answer.all("Vary") == ["Accept-Encoding"]
    assert answer.body == packed.read_bytes()
    assert answer.headers["Content-Type"] == "application/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
