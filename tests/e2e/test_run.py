"""The image as it runs: process 1, its variables, its user, and where it writes."""

import os
from pathlib import Path

import pytest
from ground.namespaces import USER
from instance import Image, Probes
from report import keep


def environment(pid):
    pairs = Path(f"/proc/{pid}/environ").read_bytes().rstrip(b"\0").split(b"\0")
    return dict(pair.decode().split("=", 1) for pair in pairs)


def status(pid, field):
    return next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field))


@pytest.fixture(params=["with the variables of service.yaml", "with none of them"])
def portal(request, run, service):
    """An instance, and all the variables it was given."""
    if request.param == "with none of them":
        return run(), {}
    return run(service), service.variables()


def test_it_starts(portal, variant):
    instance, variables = portal
    seconds = instance.ready()
    page = instance.get("/")
    assert page.status == 200 and "<title>" in page.text
    keep("run", f"{variant}, {'with' if variables else 'without'} the variables of service.yaml", {
        "seconds to the first page": round(seconds, 2),
        "memory in MiB": round(instance.memory() / 2**20),
    })  # fmt: skip


def test_start_sh_is_process_1_with_exactly_the_variables_of_image_and_service(portal, variant):
    instance, variables = portal
    instance.ready()
    first = instance.first()
    assert status(first, "NSpid").split()[-1] == "1"
    assert environment(first) == Image(variant).variables | variables


def test_every_process_is_unprivileged(portal):
    instance, _ = portal
    instance.ready()
    running = instance.inside()
    assert {"bash", "python", "nginx:"} <= {line.split()[0] for line in running.values()}, running
    for pid, line in running.items():
        assert set(status(pid, "Uid").split()[1:]) == {str(USER)}, line
        assert status(pid, "CapEff").split()[1] == "0000000000000000", line


def test_it_writes_to_tmp_alone(portal):
    instance, _ = portal
    instance.ready()
    instance.get("/_event/?EIO=4&transport=polling")
    root = Path(f"/proc/{instance.first()}/root")
    written = {path.relative_to(root).parts[0] for path in root.rglob("*") if fresh(path, instance)}
    assert written <= {"tmp", "dev", "proc"}, written
    for folder in ("", "app", "etc", "srv/portal", "usr", "var"):
        with pytest.raises(OSError, match="Read-only file system"):
            (root / folder / "written").touch()
    assert any((root / "tmp").iterdir())


def fresh(path, instance):
    """Whether a file was changed after the instance was started; /proc changes always."""
    if "/root/proc/" in str(path):
        return False
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
