"""Builds the generated Dockerfiles and unpacks what comes of it.

    python images.py

PORTALGEN_BASES    the folder that bases.py made
PORTALGEN_IMAGES   where the images go; target/e2e/images below the repository if not set

For each variant: VARIANT/root (the image's files, with owners and modes), VARIANT/config.json (its OCI configuration),
VARIANT/layers/NN.tar (each layer, the base's first). target/e2e/image.json has sizes and times;
target/e2e/image/ has what the builds printed, and two more images of the first variant: one built without the ignore
file, with the result of the stage that takes the app's files, and one from another user's checkout with a strict umask.

The context is what a clone has: the tracked files of the work tree, and secrets planted in every place a file could be
taken from. Every run begins with a store that holds the base images and nothing else. Within a run the builds share
layers, as a developer's do: Debian's and the locked packages are installed once, and a build whose app and variables
are an earlier one's takes its frontend.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import recipe
from buildah import Store, delete, machine, run
from recipe import REPOSITORY, VARIANTS

IMAGES = Path(os.environ.get("PORTALGEN_IMAGES") or REPOSITORY / "target/e2e/images")
WORK = REPOSITORY / "target/e2e/image"
REPORT = REPOSITORY / "target/e2e/image.json"
# In two halves, so that no file of the repository has it.
MARKER = "planted-7f3c1b9d" + "-in-no-image"
SECRETS = [".env", "client_secret.json"]
BUILD_LIMIT = 900


def planted(variant):
    """Where secrets are put: at the root, beside and inside what the Dockerfile copies."""
    folders = set()
    for source, _ in recipe.copied(variant):
        folders.add(source if (REPOSITORY / source).is_dir() else str(Path(source).parent))
        folders.update(map(str, Path(source).parents))
    return sorted({str(Path(folder, name)) for folder in folders for name in SECRETS})


def context(folder, variant):
    """A clone of the work tree as it is now, with secrets in it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in run("git", "-c", "safe.directory=*", "ls-files", "-z", cwd=REPOSITORY).split("\0"):
        if name and (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, folder / name)
            shutil.copymode(REPOSITORY / name, folder / name)
    for name in planted(variant):
        (folder / name).write_text(f"CLIENT_SECRET={MARKER}\n")


def base_images(store, folder):
    """Loads the base images; returns the configuration of each."""
    found = {}
    for image in recipe.bases():
        name = f"docker.io/library/{image}"
        store.buildah("tag", store.buildah("pull", "--quiet", f"dir:{folder / image}"), name)
        found[image] = json.loads(store.buildah("inspect", "--type", "image", name))["OCIv1"]
    return found


def build(store, options, folder, variant, tag, target=None):
    """Builds a variant, or a stage of it, and returns the seconds; what it prints is kept beside the context."""
    began = time.monotonic()
    words = ["buildah", *store.options, "build", "--layers", "--pull-never", "--platform", "linux/amd64", *options]
    words += ["--target", target] if target else []
    words += ["--file", f"out/image/{variant}/Dockerfile", "--tag", tag, "."]
    with (WORK / f"{tag}.log").open("w+") as log:
        subprocess.run(
            [str(word) for word in words], cwd=folder, stdout=log, stderr=subprocess.STDOUT, timeout=BUILD_LIMIT
        ).check_returncode()
    return round(time.monotonic() - began, 1)


def export(store, tag, folder):
    """Writes an image's configuration and layers; returns how large each layer is, and its file."""
    pushed = store.folder / "pushed" / tag
    pushed.parent.mkdir(exist_ok=True)
    # To a plain folder: buildah compresses the layers of an OCI layout.
    store.buildah("push", "--quiet", "--disable-compression", tag, f"dir:{pushed}")
    manifest = json.loads((pushed / "manifest.json").read_text())
    (folder / "layers").mkdir(parents=True)
    shutil.copyfile(pushed / manifest["config"]["digest"].removeprefix("sha256:"), folder / "config.json")
    history = json.loads((folder / "config.json").read_text())["history"]
    made = [entry.get("created_by", "") for entry in history if not entry.get("empty_layer")]
    layers = []
    for number, (layer, created_by) in enumerate(zip(manifest["layers"], made, strict=True)):
        name = layer["digest"].removeprefix("sha256:")
        # Images share layers, which need not lie there twice.
        shared = store.folder / "layers" / name
        shared.parent.mkdir(exist_ok=True)
        if not shared.exists():
            (pushed / name).rename(shared)
        file = folder / "layers" / f"{number:02}.tar"
        try:
            file.hardlink_to(shared)
        except OSError:
            shutil.copyfile(shared, file)
        layers.append({"bytes": layer["size"], "file": shared, "created_by": created_by})
    shutil.rmtree(pushed)
    return layers


@functools.cache
def compressed(file):
    """How large a layer is when it is pushed: as gzip."""
    packer, size = zlib.compressobj(wbits=31), 0
    with file.open("rb") as unpacked:
        while piece := unpacked.read(1 << 20):
            size += len(packer.compress(piece))
    return size + len(packer.flush())


def unpack(store, tag, folder, root):
    """Copies a folder of the image as a container sees it."""
    with store.mounted(tag) as mounted:
        run("cp", "-a", f"{mounted}/{folder}", root)


def build_all(store, bases):
    """Builds, exports and unpacks everything; returns what is to be reported."""
    options = machine(store.folder / "machine")
    configurations = base_images(store, bases)
    report = {"store": store.driver, "bases": configurations, "images": {}}

    def made(tag, variant, folder, prepare=lambda clone: None):
        clone = store.folder / "context"
        context(clone, variant)
        prepare(clone)
        seconds = build(store, options, clone, variant, tag)
        layers = export(store, tag, folder)
        for layer in layers:
            layer["pushed_bytes"] = compressed(layer.pop("file"))
        unpack(store, tag, "", folder / "root")
        above = layers[len(configurations[recipe.last(variant)[0]]["rootfs"]["diff_ids"]) :]
        report["images"][tag] = {
            "seconds": seconds,
            "bytes": sum(layer["bytes"] for layer in layers),
            "bytes_above_base": sum(layer["bytes"] for layer in above),
            "pushed_bytes": sum(layer["pushed_bytes"] for layer in layers),
            "layers": layers,
        }
        print(f"built {tag} in {seconds} s", flush=True)

    for variant in VARIANTS:
        made(variant, variant, IMAGES / variant)
    first = VARIANTS[0]
    made("strict-umask", first, WORK / "strict-umask", of_another_user)
    made("without-ignore-file", first, WORK / "without-ignore-file", lambda clone: ignore_file(clone, first).unlink())
    build(store, options, store.folder / "context", first, "app-stage", target="app")
    export(store, "app-stage", WORK / "app-stage")
    unpack(store, "app-stage", "app", WORK / "app-stage/app")
    return report


def of_another_user(folder):
    """A checkout of another user with umask 077; but for the lock file, with which all packages would come again."""
    run("chmod", "-R", "u=rwX,go=", folder)
    run("chown", "-R", "1000:1000", folder)
    lock, _ = recipe.copied(VARIANTS[0])[0]
    os.chown(folder / lock, 0, 0)
    (folder / lock).chmod(0o644)


def ignore_file(folder, variant):
    return folder / "out/image" / variant / "Dockerfile.dockerignore"


def main():
    # Told to end, it ends as after an error, and leaves no mount.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for folder in (IMAGES, WORK):
        delete(folder)
        folder.mkdir(parents=True)
    REPORT.unlink(missing_ok=True)
    with contextlib.closing(Store(WORK / "store")) as store:
        try:
            REPORT.write_text(json.dumps(build_all(store, Path(os.environ["PORTALGEN_BASES"])), indent=2) + "\n")
        except subprocess.CalledProcessError:
            newest = max(WORK.glob("*.log"), key=lambda log: log.stat().st_mtime)
            sys.exit(f"the build {newest.stem} failed:\n{newest.read_text()[-6000:]}")


if __name__ == "__main__":
    main()
