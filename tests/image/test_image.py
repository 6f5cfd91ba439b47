"""The built images: what is in every layer, what their user may do, and what the page's client was told.

images.py builds them first. What it could not build is skipped here; what needs no build runs anyway.
"""

import collections
import fnmatch
import gzip
import json
import os
import re
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import images
import pytest
import recipe
from e2e.report import keep
from images import IMAGES, MARKER, REPORT, SECRETS, WORK
from recipe import REPOSITORY, VARIANTS

USER = 65532
# What Debian leaves to everybody, each with the sticky bit, and the devices of every container.
OPEN_FOLDERS = {"tmp", "var/tmp", "run/lock"}
TOOLS = {
    *("node", "nodejs", "npm", "npx", "corepack", "yarn", "pnpm", "bun", "bunx", "deno"),
    *("cc", "c++", "cpp", "gcc", "g++", "clang", "make", "cmake", "ld", "as", "cargo", "rustc", "go"),
    *("git", "curl", "wget", "uv"),
}


@pytest.fixture(scope="session")
def report():
    if not REPORT.exists():
        instead = "what the Dockerfile says, and what would enter the image, on the unpacked pieces"
        keep("image", "not built: that needs root on Debian", {"tested instead": instead})
        pytest.skip("no image is built here: that needs root on Debian, and ./test does it")
    return json.loads(REPORT.read_text())


@pytest.fixture(params=VARIANTS)
def variant(request):
    return request.param


@pytest.fixture
def image(report, variant):
    """The folder of a built image."""
    return IMAGES / variant


def configuration(folder):
    return json.loads((folder / "config.json").read_text())["config"]


def layers(folder):
    """For each layer of an image its files by path, and those that have the marker of the planted secrets in them."""
    names = json.loads((folder / "config.json").read_text())["rootfs"]["diff_ids"]
    files = sorted((folder / "layers").glob("*.tar"))
    return [read_once(name, file) for name, file in zip(names, files, strict=True)]


read = {}


def read_once(name, file):
    """A layer, which several images share under one name."""
    if name not in read:
        files, marked = set(), []
        with tarfile.open(file) as members:
            for member in members:
                files.add(member.name.removeprefix("./").rstrip("/"))
                if member.isfile() and MARKER.encode() in members.extractfile(member).read():
                    marked.append(member.name)
        read[name] = files, marked
    return read[name]


def above_base(report, variant):
    """The paths of the layers that the Dockerfile made."""
    return [path for files, _ in above_base_layers(report, variant) for path in files]


def above_base_layers(report, variant):
    base = report["bases"][recipe.last(variant)[0]]["rootfs"]["diff_ids"]
    return layers(IMAGES / variant)[len(base) :]


def everything(root):
    """Every path of an unpacked root with its status, symbolic links not followed."""
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder, name)
            yield str(path.relative_to(root)), path.lstat()


def secrets_in(found):
    """What a layer has of the planted secrets, by name and by content."""
    files, marked = found
    return sorted({path for path in files if Path(path).name in SECRETS} | set(marked))


def test_layers_and_sizes_are_what_a_host_can_carry(report, image, variant):
    """The figures go into the report; a build that drags its tools along is caught by its size."""
    measured = report["images"][variant]
    assert len(measured["layers"]) == len(layers(image))
    assert 20e6 < measured["bytes_above_base"] < 200e6
    assert 0 < measured["pushed_bytes"] < measured["bytes"]
    base = len(measured["layers"]) - len(above_base_layers(report, variant))
    keep("image", variant, {
        "MB": megabytes(measured["bytes"]),
        "MB above the base": megabytes(measured["bytes_above_base"]),
        "MB as pushed": megabytes(measured["pushed_bytes"]),
        "layers": len(measured["layers"]),
        "of the base": base,
        "seconds to build": measured["seconds"],
    })  # fmt: skip
    made = [f"{name} {rest}" for name, rest in recipe.last(variant)[1] if name in ("RUN", "COPY")]
    instructions = ["the base"] * base + [" ".join(text.split())[:72] for text in made]
    keep("image", f"layers of {variant}", [
        {"made by": instruction, "MB": megabytes(layer["bytes"])}
        for instruction, layer in zip(instructions, measured["layers"], strict=True)
    ])  # fmt: skip


def megabytes(size):
    return round(size / 1e6, 1)


def test_the_base_images_hold_nothing_of_this_machine(report):
    """The stand-ins are what the official images are: a path, a language, no certificate, proxy or mirror."""
    for name, base in report["bases"].items():
        variables = dict(pair.split("=", 1) for pair in base["config"]["Env"])
        assert set(variables) == {"PATH", "LANG"}, name


def test_what_a_build_borrows_of_this_machine_stays_here(report, image, variant):
    """Certificates, pip's and npm's configuration are mounted into RUN steps, and resolv.conf by the builder."""
    assert not (image / "root/etc/pip.conf").read_text()
    assert not list((image / "root/usr/local/etc").iterdir())
    etc = {f"etc/{name}" for name in ("hosts", "pip.conf", "resolv.conf", "ssl/certs/ca-certificates.crt")}
    assert not (etc | {"usr/local/etc/npmrc"}) & set(above_base(report, variant))


def test_no_tool_of_the_build_is_left(image):
    programs = [path for path, status in everything(image / "root") if not stat.S_ISDIR(status.st_mode)]
    folders = {"bin", "sbin", "libexec"}
    found = {path for path in programs if Path(path).name in TOOLS and Path(path).parent.name in folders}
    assert not found
    assert not [path for path in programs if "node_modules" in Path(path).parts]


def test_the_dockerfile_adds_no_pip_no_list_and_no_cache(report, variant):
    """pip is in the base image, and nowhere else; nothing is left of what apt, pip and npm fetched."""
    unwanted = ["*/site-packages/pip", "*/bin/pip*", "*/__pycache__/*.pyc.*"]
    unwanted += ["var/lib/apt/lists/*_*", "var/cache/apt/*.bin", "var/cache/apt/archives/*.deb"]
    unwanted += ["root/*", "home/*", "tmp/*", "*/.cache/*", "*/.npm/*", "*/.bun/*"]
    unwanted += ["app/*/__pycache__", "app/.web/node_modules"]
    paths = above_base(report, variant)
    assert not [path for path in paths if any(fnmatch.fnmatch(path, pattern) for pattern in unwanted)]


def test_the_image_is_started_as_the_dockerfile_says(report, image, variant):
    base, instructions = recipe.last(variant)
    says = dict(instructions)
    found = configuration(image)
    assert found["Cmd"] == json.loads(says["CMD"]) == ["bash", "/app/start.sh"]
    assert found["ExposedPorts"] == {f"{says['EXPOSE']}/tcp": {}}
    assert found["User"] == says["USER"] == f"{USER}:{USER}"
    assert found["WorkingDir"] == says["WORKDIR"]
    assert not found.get("Entrypoint")


def test_the_dockerfile_takes_nothing_from_where_tools_are(variant):
    """Without a build, too: the image begins with Python's base, and has of other stages what its user reads."""
    base, instructions = recipe.last(variant)
    taken = [rest.split() for name, rest in instructions if name == "COPY" and rest.startswith("--from=")]
    assert base.startswith("python:") and base.count(":") == 1
    assert {source for source, *_ in taken} == {"--from=packages", "--from=app", "--from=frontend"}
    assert [path for _, path, _ in taken] == ["/opt/venv/", "/app/", "/app/.web/backend/", "/app/.web/build/client/"]
    assert [rest for name, rest in instructions if name == "USER"] == [f"{USER}:{USER}"]


def test_the_environment_is_the_bases_and_the_dockerfiles(report, image, variant):
    base = dict(pair.split("=", 1) for pair in report["bases"][recipe.last(variant)[0]]["config"]["Env"])
    found = dict(pair.split("=", 1) for pair in configuration(image)["Env"])
    assert found == recipe.environment(variant, base)
    assert found["PATH"].startswith("/opt/venv/bin:")
    assert not {name for name in found if re.search("PROXY|CERT|CA_|SSL|INDEX|REGISTRY|TOKEN|SECRET", name.upper())}


def test_the_rendered_files_are_in_the_image_to_the_byte(image, variant):
    for name, mode in (("nginx.conf", 0o644), ("start.sh", 0o755)):
        file = image / "root/app" / name
        assert file.read_bytes() == (REPOSITORY / "out/image" / variant / name).read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == mode


def test_the_images_user_owns_nothing_and_may_write_to_temporary_folders_only(image):
    writable = set()
    for path, status in everything(image / "root"):
        if stat.S_ISLNK(status.st_mode) or path.startswith("dev/"):
            continue
        assert USER not in (status.st_uid, status.st_gid), path
        if status.st_mode & stat.S_IWOTH:
            assert status.st_mode & stat.S_ISVTX, path
            writable.add(path)
    assert writable <= OPEN_FOLDERS
    assert "tmp" in writable


def unreadable(root):
    """What a user without rights of its own cannot read or enter below app/, srv/ and opt/."""
    found = []
    for top in ("app", "srv", "opt"):
        for path, status in everything(root / top):
            needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(status.st_mode) else 0)
            if not stat.S_ISLNK(status.st_mode) and status.st_mode & needed != needed:
                found.append(f"{top}/{path}")
    return found


def test_the_images_user_reads_everything_of_the_portal(image):
    assert not unreadable(image / "root")


def test_a_strict_umask_of_the_checkout_hides_nothing(report):
    """Built from the files of another user, readable to that user alone."""
    root = WORK / "strict-umask/root"
    assert (root / "app/rxconfig.py").is_file() and (root / "srv/portal/index.html").is_file()
    assert not unreadable(root)
    for path, status in everything(root / "app"):
        assert (status.st_uid, status.st_gid) == (0, 0), path


def test_the_page_was_built_for_the_variants_transport_and_for_any_host(image, variant):
    """Reflex's client takes the page's own host for a localhost address."""
    (file,) = (image / "root/srv/portal/assets").glob("reflex-env-*.js")
    text = file.read_text()
    expected = "websocket" if variant == "websocket" else "polling"
    assert re.findall(r"\bTRANSPORT\W{1,4}(\w+)", text) == [expected]
    addresses = re.findall(r"\b((?:https?|wss?)://[^/`'\"]+)", text)
    assert collections.Counter(address.partition("://")[2] for address in addresses).keys() == {"localhost:8080"}


def test_the_clients_files_are_compressed_beside_themselves(image):
    client = image / "root/srv/portal"
    kinds = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}
    large = [file for file in client.rglob("*") if file.suffix in kinds and file.stat().st_size >= 1024]
    assert large
    for file in large:
        packed = file.with_name(f"{file.name}.gz").read_bytes()
        assert gzip.decompress(packed) == file.read_bytes(), file
        # No name and no time: the same file, the same bytes.
        assert packed[3] == 0 and packed[4:8] == bytes(4), file


def test_planted_secrets_are_in_no_layer(image):
    assert not [found for layer in layers(image) if (found := secrets_in(layer))]


def test_planted_secrets_are_in_no_layer_without_the_ignore_file(report):
    assert not [found for layer in layers(WORK / "without-ignore-file") if (found := secrets_in(layer))]


def test_without_the_ignore_file_one_stage_takes_the_secrets_and_hands_none_on(report):
    """Or the test above would show nothing."""
    stage = WORK / "app-stage"
    assert [path for layer in layers(stage) for path in secrets_in(layer)]
    assert not [path for path, _ in everything(stage / "app") if Path(path).name in SECRETS]


def test_what_enters_the_image_is_cleaned(tmp_path, variant):
    """The stage that takes the app's files, played without a builder: its copies, then its RUN."""
    images.context(tmp_path / "context", variant)
    (stage,) = [instructions for name, _, instructions in recipe.stages(variant) if name == "app"]
    for source, target in recipe.copied(variant):
        if ("COPY", f"{source} {target}") in stage:
            place = tmp_path / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (tmp_path / "context" / source).is_dir() else shutil.copyfile
            copy(tmp_path / "context" / source, place)
    app = tmp_path / "app"
    leftovers = [".env.local", "x.tfstate", "x.tfstate.backup", "x.tfplan", "client_secret_2.json", "x.pyc"]
    (folder,) = [Path(target).name for source, target in recipe.copied(variant) if source.endswith("_portal")]
    for name in leftovers:
        (app / folder / name).write_text("x")
    for name in (".git", ".terraform", "__pycache__"):
        (app / folder / name).mkdir()
        (app / folder / name / "file").write_text("x")
    subprocess.run(["chmod", "-R", "u=rwX,go=", app], check=True)
    before = {path for path, _ in everything(app)}
    assert any(Path(path).name in SECRETS for path in before)
    (command,) = [rest for instruction, rest in stage if instruction == "RUN"]
    subprocess.run(["sh", "-c", re.sub(r"/app\b", f"'{app}'", command)], check=True)
    left = {path for path, _ in everything(app)}
    kept = {path.relative_to(REPOSITORY / "examples/portal") for path in tracked_copies(variant)}
    assert {path for path in left if (app / path).is_file()} == set(map(str, kept))
    assert all(status.st_mode & stat.S_IROTH for _, status in everything(app))


def tracked_copies(variant):
    """The tracked files below what the app's stage copies."""
    sources = [source for source, target in recipe.copied(variant) if re.match("/app/.", target)]
    command = ["git", "-c", "safe.directory=*", "ls-files", *sources]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [REPOSITORY / name for name in listing.stdout.split()]


def test_the_dockerfile_deletes_what_the_ignore_file_ignores(variant):
    ignored = set(re.findall(r"^\*\*/(.*)$", recipe.text(variant, "Dockerfile.dockerignore"), re.MULTILINE))
    (stage,) = [instructions for name, _, instructions in recipe.stages(variant) if name == "app"]
    (command,) = [rest for instruction, rest in stage if instruction == "RUN"]
    assert set(re.findall(r"-name '?([^' ]+)'?", command)) == ignored
