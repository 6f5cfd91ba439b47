"""The pictures of DEPLOYMENT.md, drawn by Mermaid in a browser: each is to be drawn, to say what it should, and to fit.

PORTALGEN           the built program; target/debug/portalgen if not set
PORTALGEN_MERMAID   the folder that `npm ci` has filled with Mermaid: `./test env` prints it
The drawings are left in target/pictures.
"""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
PORTALGEN = Path(os.environ.get("PORTALGEN", REPOSITORY / "target/debug/portalgen")).resolve()
MERMAID = Path(os.environ.get("PORTALGEN_MERMAID", "")) / "node_modules/mermaid/dist/mermaid.min.js"
DRAWN = REPOSITORY / "target/pictures"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# A page of a code host is about as wide; what is wider is shrunk until nobody can read it.
WIDEST = 900
# As code hosts set it: no script, and no HTML but line breaks.
SETTINGS = {"startOnLoad": False, "securityLevel": "strict", "theme": "default"}
DRAW = """async ([id, text, settings]) => {
    mermaid.initialize(settings);
    const { svg } = await mermaid.render(id, text);
    document.body.innerHTML = svg;
    const box = (element, label = element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { text: label?.querySelector("div")?.innerText ?? "", x, y, width, height };
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        svg,
        viewBox: document.querySelector("svg").viewBox.baseVal.width,
        nodes: all("g.node").map((node) => box(node)),
        groups: all("g.cluster").map((group) => box(group.querySelector("rect"), group)),
        labels: all("g.edgeLabel, g.cluster-label").map((label) => box(label)).filter((it) => it.width > 0),
        arrows: all("path.flowchart-link").map((path) => {
            const at = (length) => {
                const { x, y } = path.getPointAtLength(length).matrixTransform(path.getScreenCTM());
                return [x, y];
            };
            // Where it runs on the page, but for its two ends.
            const length = path.getTotalLength(), points = [];
            for (let done = 12; done < length - 12; done += 4) points.push(at(done));
            const label = document.querySelector(`g.label[data-id="${path.dataset.id}"]`);
            const heads = ["marker-start", "marker-end"].map((name) => path.hasAttribute(name));
            return { id: path.id, text: box(path, label).text, heads, start: at(0), end: at(length), points };
        }),
    };
}"""
# Environments beside the repository's own, on the portal of tests/fixtures/minimal: what stands in the environment's
# file, and what the portal's says beside. `IMAGE` stands for what every service needs.
IMAGE = """project = "a-project"
region = "europe-west1"
image = "europe-west1-docker.pkg.dev/a-project/portal/portal:v1"
allow_unauthenticated = true
max_instances = 1
"""
BEHIND = 'ingress = "internal-and-cloud-load-balancing"\n'
VARIANTS = {
    "run-app": ("", 'timeout = "10m"\n', "", {}),
    "internal": ("", 'timeout = "45s"\ningress = "internal"\n', "", {}),
    "attach": (
        'hosts = ["a.example.com", "b.example.com"]\n',
        BEHIND,
        '[load_balancer]\nmode = "attach"\nurl_map = "a-url-map"\nload_balancing_scheme = "EXTERNAL_MANAGED"\n',
        {},
    ),
    "elsewhere": (
        'hosts = ["a.example.com"]\n',
        BEHIND + 'timeout = "1h"\n',
        '[api]\nurl = "https://api.example.com"\n[oauth]\nredirect_uri = "https://api.example.com/back"\n',
        {},
    ),
    # Redis without an API, ports of its own, and an app that Google sends the browser back to.
    "redis": (
        'hosts = ["a.example.com"]\nstate_manager = "redis"\nhttp2 = true\n',
        'service = "a-service"\ntimeout = "20m"\n',
        '[secrets]\nREFLEX_REDIS_URL = { secret = "redis-url", version = "1" }\n'
        'A = { secret = "a-secret", version = "2" }\n'
        '[oauth]\nredirect_uri = "https://a.example.com/login/back"\n',
        {
            '[oauth]\n': '[container]\nport = 9000\nbackend_port = 9001\n[oauth]\ncallback_path = "/login/back"\n',
            'python = "3.11"\n': 'python = "3.11"\nbackend_paths = ["/login/", "/a-path/that-fills-a-line/"]\n',
        },
    ),
}


def pictures(folder):
    """The pictures below a folder, each with the name of its environment."""
    found = {}
    for page in sorted(folder.glob("*/DEPLOYMENT.md")):
        blocks = re.findall(r"^```mermaid\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
        assert len(blocks) <= 1
        if blocks:
            found[page.parent.name] = blocks[0]
    return found


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """What is rendered for names, paths and descriptions that some language takes for something else."""
    out = tmp_path_factory.mktemp("hostile")
    fixture = REPOSITORY / "tests/fixtures/hostile/envs"
    subprocess.run([PORTALGEN, "render", fixture, "--out", out], check=True, capture_output=True)
    return out


@pytest.fixture(scope="session")
def variants(tmp_path_factory):
    """The folder of each portal that VARIANTS and tests/fixtures/attach describe, rendered, by its environment."""
    roots = {}

    def rendered(name, portal):
        root = roots[name] = tmp_path_factory.mktemp(name)
        shutil.copytree(REPOSITORY / "tests/fixtures/minimal", root, dirs_exist_ok=True)
        for old, new in portal.items():
            text = (root / "portal.toml").read_text()
            assert text.count(old) == 1
            (root / "portal.toml").write_text(text.replace(old, new))
        (root / "envs/demo.toml").unlink()
        return root / f"envs/{name}.toml"

    for name, (top, cloud_run, tables, portal) in VARIANTS.items():
        head = 'portal = "../portal.toml"\nstage = "demo"\nstrategy = "websocket-free"\n'
        rendered(name, portal).write_text(f"{head}{top}[cloud_run]\n{cloud_run}{IMAGE}{tables}")
    shutil.copy(REPOSITORY / "tests/fixtures/attach/envs/classic.toml", rendered("classic", {}))
    for name, root in roots.items():
        done = subprocess.run([PORTALGEN, "render", f"envs/{name}.toml"], cwd=root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return roots


@pytest.fixture(scope="session")
def page():
    assert MERMAID.is_file(), f"{MERMAID} is not there: run ./test, or set PORTALGEN_MERMAID"
    flags = ["--disable-gpu", "--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    # Nothing of an earlier run may pass for this one's.
    shutil.rmtree(DRAWN, ignore_errors=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, timeout=30_000)
        page = browser.new_page(viewport={"width": 1400, "height": 1600})
        page.set_content("<!doctype html><meta charset=utf-8><body style='margin:0;font-family:sans-serif'>")
        page.add_script_tag(path=MERMAID)
        yield page
        browser.close()


def draw(page, name, text, folder=DRAWN):
    """Draws a picture, and leaves it in a folder; an error of Mermaid's is an exception."""
    drawn = page.evaluate(DRAW, [f"picture-{name}", text, SETTINGS])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawn["svg"])
    page.locator("svg").first.screenshot(path=folder / f"{name}.png")
    return drawn


def overlapping(boxes):
    """Pairs of boxes that lie on each other."""

    def apart(a, b):
        beside = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
        return beside or a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1

    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    return [(a["text"], b["text"]) for a, b in pairs if not apart(a, b)]


def words(text):
    """What stands in a box or beside an arrow, in its order, however it is broken into lines."""
    return tuple(word for line in text.splitlines() for word in line.strip().split(", "))


def expected(portal, environment, name, out):
    """What the picture of an environment has to show, from the two files that decide it: its boxes, and its arrows,
    each from where, to where, and with which words. The name of a URL map that is created is load_balancer.tf's."""
    cloud_run, oauth = environment["cloud_run"], environment.get("oauth", {})
    container = {"port": 8080, "backend_port": 8000} | portal.get("container", {})
    hosts = tuple(environment.get("hosts", []))
    waits = 3600 if environment["strategy"] == "websocket" else 300
    timeout = cloud_run.get("timeout", f"{waits}s")
    lasts = int(timeout[:-1]) * {"s": 1, "m": 60, "h": 3600}[timeout[-1]]
    service = cloud_run.get("service", f"{portal['name']}-{environment.get('alternative_of', name)}")
    boxes = {
        "browser": ("Browser",),
        "run": (f"Cloud Run: {service}", cloud_run["project"], cloud_run["region"]),
        "nginx": ("nginx", f"port {container['port']}", "pages and /assets/ from files"),
        "backend": ("Reflex", f"127.0.0.1:{container['backend_port']}"),
    }
    arrows = []

    balancer = environment.get("load_balancer", {})
    ingress = cloud_run.get("ingress", "all")
    if "mode" in balancer or ingress == "internal-and-cloud-load-balancing":
        url_map = {
            "create": lambda: re.findall(r'"google_compute_url_map" "portal" \{\n +\w+ += "(.+)"', out.read_text()),
            "attach": lambda: ["there already: URL map", balancer["url_map"]],
            None: lambda: ["made by somebody else"],
        }[balancer.get("mode")]()
        boxes["hosts"] = hosts
        boxes["entrance"] = ("Load balancer", *url_map, "ends a request after 60 minutes")
        arrows.append(("hosts", "entrance", ()))
    else:
        inside = ("from the project's networks only",) if ingress == "internal" else ()
        boxes["entrance"] = (hosts or ("the service's run.app address",)) + inside
    first = "hosts" if "hosts" in boxes else "entrance"
    arrows.append(("browser", first, ("https", "port 443", "http", "port 80: redirect")))
    protocol = "HTTP/2 without TLS (h2c)" if environment.get("http2") else "HTTP/1.1"
    arrows.append(("entrance", "run", (protocol, f"port {container['port']}", f"at most {lasts} s a request")))

    paths = ("/ping", "/_event", "/_upload", *portal["app"].get("backend_paths", []))
    arrows.append(("nginx", "backend", (*paths, f"waits {waits} s")))
    api_paths = portal.get("api", {}).get("paths", [])
    if "api" in environment:
        boxes["api"] = ("API", environment["api"]["url"])
        stripped = [path["path"] + (" (removed)" if path.get("strip") else "") for path in api_paths]
        calls = ("nginx", "api", (*stripped, "https")) if stripped else ("backend", "api", ("https", "BACKEND_URL"))
        arrows.append(calls)
    if environment.get("state_manager") == "redis":
        boxes["redis"] = ("Redis", "state of open tabs")
        arrows.append(("backend", "redis", ("REFLEX_REDIS_URL",)))
    if secrets := environment.get("secrets"):
        # In the order of their variables.
        boxes["secrets"] = ("Secret Manager", *(secrets[variable]["secret"] for variable in sorted(secrets)))
        arrows.append(("run", "secrets", ("when an instance starts",)))
    if "redirect_uri" in oauth:
        sent = urlsplit(oauth["redirect_uri"])
        boxes["google"] = ("Google", "sign-in")
        arrows.append(("browser", "google", ("signs in",)))
        to = "backend" if sent.hostname in hosts else "api"
        arrows.append(("google", to, ("sends the browser to", sent.path)))
    return sorted(boxes.values()), sorted((boxes[start], boxes[end], label) for start, end, label in arrows)


def touched(point, boxes):
    """The box whose outline a point lies on."""

    def distance(box):
        beside = max(box["x"] - point[0], point[0] - box["x"] - box["width"])
        above = max(box["y"] - point[1], point[1] - box["y"] - box["height"])
        return abs(max(beside, above))

    nearest = min(boxes, key=distance)
    # As far as the head of an arrow, or the round lid of a store, is from its box.
    assert distance(nearest) < 12, f"an arrow ends at {point}, beside every box"
    return nearest


def shown(drawn):
    """The boxes and arrows of a drawing, as `expected` has them."""
    boxes = drawn["nodes"] + drawn["groups"]
    assert all(arrow["heads"] == [False, True] for arrow in drawn["arrows"])
    arrows = [
        tuple(words(touched(arrow[end], boxes)["text"]) for end in ("start", "end")) + (words(arrow["text"]),)
        for arrow in drawn["arrows"]
    ]
    return sorted(words(box["text"]) for box in boxes), sorted(arrows)


def inside(x, y, box):
    return 1 < x - box["x"] < box["width"] - 1 and 1 < y - box["y"] < box["height"] - 1


def check(page, name, text, root, out=None, folder=DRAWN):
    """Draws a picture of an environment below `root`, and holds it to what the environment's files say."""
    drawn = draw(page, name, text, folder)
    assert drawn["viewBox"] <= WIDEST
    assert not overlapping(drawn["nodes"])
    assert not overlapping(drawn["labels"])
    assert not crossing(drawn["arrows"], drawn["nodes"])
    portal = tomllib.loads((root / "portal.toml").read_text())
    environment = tomllib.loads((root / f"envs/{name}.toml").read_text())
    boxes, arrows = expected(portal, environment, name, (out or root / "out") / name / "load_balancer.tf")
    assert shown(drawn) == (boxes, arrows)
    [run] = drawn["groups"]
    within = [words(node["text"])[0] for node in drawn["nodes"] if inside(node["x"], node["y"], run)]
    assert sorted(within) == ["Reflex", "nginx"]


def crossing(arrows, boxes):
    """Arrows that run through a box, each with the box."""
    pairs = [(arrow, box) for arrow in arrows for box in boxes]
    return [(arrow["id"], box["text"]) for arrow, box in pairs if any(inside(*at, box) for at in arrow["points"])]


ENVIRONMENTS = sorted(pictures(REPOSITORY / "out"))


def test_every_environment_with_a_service_has_a_picture():
    files = sorted((REPOSITORY / "envs").glob("*.toml"))
    with_service = [file.stem for file in files if "cloud_run" in tomllib.loads(file.read_text())]
    assert sorted(with_service) == ENVIRONMENTS


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_picture_is_drawn(page, name):
    check(page, name, pictures(REPOSITORY / "out")[name], REPOSITORY)


def test_hostile_names_and_paths_are_drawn_as_they_are(page, hostile):
    check(page, "hostile", pictures(hostile)["hostile"], REPOSITORY / "tests/fixtures/hostile", hostile)


@pytest.mark.parametrize("name", [*VARIANTS, "classic"])
def test_every_way_in_and_every_store_is_drawn(page, variants, name):
    root = variants[name]
    check(page, name, pictures(root / "out")[name], root)


def test_a_picture_is_the_same_each_time(page):
    text = pictures(REPOSITORY / "out")["demo"]
    assert draw(page, "demo", text)["svg"] == draw(page, "demo", text)["svg"]


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace('"]', "]", 1),
        lambda text: text.replace("  end\n", ""),
        lambda text: text.replace("flowchart TB", "flowchat TB"),
        lambda text: text.replace("-->|", "-->||", 1),
    ],
)
def test_a_broken_picture_fails(page, tmp_path, broken):
    text = pictures(REPOSITORY / "out")["demo"]
    assert broken(text) != text
    with pytest.raises(Error):
        draw(page, "broken", broken(text), tmp_path)


def without(line):
    return lambda text: re.sub(rf"^ *{line}.*\n", "", text, flags=re.MULTILINE)


def instead(old, new):
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    "altered",
    [
        # Another host, other ports, a path or a word less.
        instead("pp.demo.waooaw.com", "pp.demo.example.com"),
        instead("nginx, port 8080", "nginx, port 9090"),
        instead("HTTP/1.1, port 8080", "HTTP/1.1, port 80"),
        instead("127.0.0.1:8000", "127.0.0.1:80000"),
        instead("/reports/", "/report"),
        instead("/ping, ", ""),
        instead(" (removed)", ""),
        instead("<br/>http, port 80: redirect", ""),
        instead("at most 300 s", "at most 3000 s"),
        instead("waits 300 s", "waits 30 s"),
        # Another path or another target for Google's arrow, no such arrow, another target for nginx's.
        instead("/auth/google/callback", "/auth/google/login"),
        lambda text: re.sub(r"^( *google -.*) api$", r"\1 backend", text, flags=re.MULTILINE),
        without("google -"),
        instead("| api\n  google", "| backend\n  google"),
        # From another box, the other way round, both ways, without a head, and labels in each other's place.
        instead("balancer -->|", "hosts -->|"),
        instead('nginx -->|"/auth', 'backend -->|"/auth'),
        instead("hosts --> balancer", "balancer --> hosts"),
        instead("hosts --> balancer", "hosts <--> balancer"),
        instead("hosts --> balancer", "hosts --- balancer"),
        lambda text: re.sub(r'("signs in")(.*?\n.*?)("sends .*?")', r"\3\2\1", text),
        # A box less, a box more, an arrow twice, a box outside of Cloud Run's, all side by side.
        without(r"api\["),
        lambda text: text + '  more["More"]\n',
        lambda text: text + "  hosts --> balancer\n",
        lambda text: re.sub(r"( *backend\[.*\n)( *end\n)", r"\2\1", text),
        instead("flowchart TB", "flowchart LR"),
    ],
)
def test_a_picture_of_something_else_fails(page, tmp_path, altered):
    text = pictures(REPOSITORY / "out")["demo"]
    assert altered(text) != text
    with pytest.raises(AssertionError):
        check(page, "demo", altered(text), REPOSITORY, folder=tmp_path)


def test_boxes_on_each_other_are_noticed():
    def box(x, y):
        return {"text": f"{x}", "x": x, "y": y, "width": 100, "height": 40}

    assert overlapping([box(0, 0), box(50, 20), box(200, 0), box(0, 40)]) == [("0", "50"), ("50", "0")]
    arrow = {"id": "arrow", "points": [[-10, 20], [10, 20]]}
    assert crossing([arrow], [box(0, 0), box(50, 0)]) == [("arrow", "0")]
