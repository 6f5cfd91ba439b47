"""How buildah is called here: as root, without a daemon, in a store of its own, in the machine's own network.

Native overlay mounts are the quickest store. Where the folder's file system carries none (a container's overlay
root), fuse-overlayfs is tried, then vfs, which copies the whole root once per layer.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

DRIVERS = {
    "overlay": ["--storage-driver", "overlay"],
    "fuse-overlayfs": ["--storage-driver", "overlay", "--storage-opt", "overlay.mount_program=/usr/bin/fuse-overlayfs"],
    "vfs": ["--storage-driver", "vfs"],
}
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# What is mounted over in a RUN step. The base images have all three, so no layer gets an empty file in their place.
PIP_CONF, NPM_CONF = "/etc/pip.conf", "/usr/local/etc"


def run(*command, **options):
    """Runs a command and returns what it printed, or says what a failed one printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"[-8000:])
    return done.stdout.strip()


class Store:
    """Images below one folder, which is emptied first."""

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        why = []
        for self.driver, options in DRIVERS.items():
            self.close()
            self.folder.mkdir(parents=True)
            self.options = ["--root", self.folder / "root", "--runroot", self.folder / "run", *options]
            try:
                self.buildah("mount", self.buildah("from", "scratch"))
                self.buildah("rm", "--all")
                return
            except RuntimeError as error:
                why.append(str(error))
        raise RuntimeError(f"buildah has no store in {self.folder}:\n" + "\n".join(why))

    def buildah(self, command, *words, **options):
        return run("buildah", *self.options, command, *words, **options)

    @contextlib.contextmanager
    def mounted(self, image):
        """The root of a container of the image."""
        container = self.buildah("from", "--pull-never", image)
        try:
            yield self.buildah("mount", container)
        finally:
            self.buildah("rm", container)

    def close(self):
        """Deletes everything."""
        delete(self.folder)


def delete(folder):
    """Deletes a folder, after an end in mid-work too, when a store in it has mounts left over."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        run("umount", "--lazy", mount)
    shutil.rmtree(folder, ignore_errors=True)


def machine(folder):
    """Options that give a RUN step what this machine's own pip, npm and certificates say; written below the folder.

    A proxy's own certificate authority and a registry's mirror thus work in a build, and are in no layer and no ENV.
    """
    folder = Path(folder)
    (folder / "npm").mkdir(parents=True, exist_ok=True)
    pip, npm = ["[global]"], [f"cafile={BUNDLE}"]
    index = asked("python3", "-m", "pip", "config", "get", "global.index-url")
    registry = asked("npm", "config", "get", "registry")
    pip += [f"index-url = {index}"] * bool(index)
    npm += [f"registry={registry}"] * bool(registry)
    (folder / "pip.conf").write_text("\n".join([*pip, ""]))
    (folder / "npm/npmrc").write_text("\n".join([*npm, ""]))
    mounts = {
        os.environ.get("SSL_CERT_FILE") or BUNDLE: BUNDLE,
        folder / "pip.conf": PIP_CONF,
        folder / "npm": NPM_CONF,
    }
    return ["--isolation", "chroot", *(f"--volume={here}:{there}:ro" for here, there in mounts.items())]


def asked(*command):
    """What a program answers; nothing if it is not installed or does not know."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
