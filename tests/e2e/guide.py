"""The files of a widely copied deployment guide (Reflex on Cloud Run behind nginx), run as they are.

They lie in guide/, as printed. A portal with them gets what they need and do not say: root, and the folders that
Debian's nginx writes to.
"""

from pathlib import Path

FOLDER = Path(__file__).with_name("guide")
RUNS_NOT = "as printed"


def files(nginx="option-1.conf", start="right"):
    """What Instance is given: the guide's nginx.conf, and its start.sh as printed or with two mistakes put right."""
    script = (FOLDER / "start.sh").read_text()
    if start != RUNS_NOT:
        script = script.replace("\\\\\n", "\\\n").replace("asgi:app", "--factory waooaw_portal.waooaw_portal:app")
    return {
        "user": 0,
        "writable": ["/run", "/var/lib/nginx", "/var/log/nginx"],
        "also": {"/var/www/html": "/srv/portal"},
        "files": {"/etc/nginx/sites-available/default": (FOLDER / nginx).read_text(), "/app/start.sh": script},
    }
