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
    const box = (element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { text: element.innerText || element.textContent, x, y, width, height };
    };
    return {
        svg,
        viewBox: document.querySelector("svg").viewBox.baseVal.width,
        nodes: [...document.querySelectorAll("g.node")].map(box),
        labels: [...document.querySelectorAll("g.edgeLabel, g.cluster-label")].map(box).filter((it) => it.width > 0),
        edges: [...document.querySelectorAll("path.flowchart-link")].map((path) => {
            // Where it runs on the page, but for its two ends.
            const length = path.getTotalLength(), points = [];
            for (let at = 12; at < length - 12; at += 4) {
                const { x, y } = path.getPointAtLength(at).matrixTransform(path.getScreenCTM());
                points.push([x, y]);
            }
            return { id: path.id, points };
        }),
    };
}"""


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
def page():
    assert MERMAID.is_file(), f"{MERMAID} is not there: run ./test, or set PORTALGEN_MERMAID"
    flags = ["--disable-gpu", "--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, timeout=30_000)
        page = browser.new_page(viewport={"width": 1400, "height": 1600})
        page.set_content("<!doctype html><meta charset=utf-8><body style='margin:0;font-family:sans-serif'>")
        page.add_script_tag(path=MERMAID)
        yield page
        browser.close()


def draw(page, name, text):
    """Draws a picture, and leaves it in target/pictures; an error of Mermaid's is an exception."""
    drawn = page.evaluate(DRAW, [f"picture-{name}", text, SETTINGS])
    DRAWN.mkdir(parents=True, exist_ok=True)
    (DRAWN / f"{name}.svg").write_text(drawn["svg"])
    page.locator("svg").first.screenshot(path=DRAWN / f"{name}.png")
    return drawn


def overlapping(boxes):
    """Pairs of boxes that lie on each other."""

    def apart(a, b):
        beside = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
        return beside or a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1

    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    return [(a["text"], b["text"]) for a, b in pairs if not apart(a, b)]


def expected(portal, environment):
    """What a picture of this environment has to say, from the two files that decide it: in its boxes, and beside its
    arrows."""
    container = {"port": 8080, "backend_port": 8000} | portal.get("container", {})
    boxes = [*environment["hosts"], f"port {container['port']}", f"127.0.0.1:{container['backend_port']}"]
    boxes += [secret["secret"] for secret in environment.get("secrets", {}).values()]
    boxes += ["Redis"] if environment.get("state_manager") == "redis" else []
    boxes += [environment["api"]["url"]] if "api" in environment else []
    seconds = 3600 if environment["strategy"] == "websocket" else 300
    arrows = ["port 443", "port 80", f"port {container['port']}", f"at most {seconds} s", f"waits {seconds} s"]
    arrows += ["h2c"] if environment.get("http2") else ["HTTP/1.1"]
    arrows += ["/ping", "/_event", "/_upload", *portal["app"].get("backend_paths", [])]
    arrows += [path["path"] for path in portal["api"]["paths"]]
    arrows += [environment["cloud_run"]["project"], environment["cloud_run"]["region"]]
    return boxes, arrows


def check(page, name, text, root, drawn_as=None):
    """Draws a picture of an environment below `root`, and holds it to what the environment's files say."""
    drawn = draw(page, drawn_as or name, text)
    assert len(drawn["nodes"]) == len(re.findall(r"^ +\w+\[", text, re.MULTILINE))
    assert len(drawn["edges"]) == len(re.findall(r"^ +\w+ -.*> ?.*\w+$", text, re.MULTILINE))
    assert drawn["viewBox"] <= WIDEST
    assert not overlapping(drawn["nodes"])
    assert not overlapping(drawn["labels"])
    assert not crossing(drawn["edges"], drawn["nodes"])
    portal = tomllib.loads((root / "portal.toml").read_text())
    environment = tomllib.loads((root / f"envs/{name}.toml").read_text())
    boxes, arrows = expected(portal, environment)
    words = {part: "\n".join(box["text"] for box in drawn[part]) for part in ("nodes", "labels")}
    assert [word for word in boxes if word not in words["nodes"]] == []
    assert [word for word in arrows if word not in words["labels"]] == []


def crossing(edges, boxes):
    """Arrows that run through a box, each with the box."""

    def inside(x, y, box):
        return 1 < x - box["x"] < box["width"] - 1 and 1 < y - box["y"] < box["height"] - 1

    pairs = [(edge, box) for edge in edges for box in boxes]
    return [(edge["id"], box["text"]) for edge, box in pairs if any(inside(*point, box) for point in edge["points"])]


ENVIRONMENTS = sorted(pictures(REPOSITORY / "out"))


def test_every_environment_with_a_service_has_a_picture():
    files = sorted((REPOSITORY / "envs").glob("*.toml"))
    with_service = [file.stem for file in files if "cloud_run" in tomllib.loads(file.read_text())]
    assert sorted(with_service) == ENVIRONMENTS


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_picture_is_drawn(page, name):
    check(page, name, pictures(REPOSITORY / "out")[name], REPOSITORY)


def test_hostile_names_and_paths_are_drawn_as_they_are(page, hostile):
    check(page, "hostile", pictures(hostile)["hostile"], REPOSITORY / "tests/fixtures/hostile")


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
def test_a_broken_picture_fails(page, broken):
    text = pictures(REPOSITORY / "out")["demo"]
    assert broken(text) != text
    with pytest.raises(Error):
        draw(page, "broken", broken(text))


@pytest.mark.parametrize(
    "altered",
    [
        # Another host, another port, a box less, side by side.
        lambda text: text.replace("pp.demo.waooaw.com", "pp.demo.example.com"),
        lambda text: text.replace("port 8080", "port 9090"),
        lambda text: text.replace("/reports/", "/report"),
        lambda text: re.sub(r"^ +api\[.*\n", "", text, flags=re.MULTILINE),
        lambda text: text.replace("flowchart TB", "flowchart LR"),
    ],
)
def test_a_picture_of_something_else_fails(page, altered):
    text = pictures(REPOSITORY / "out")["demo"]
    assert altered(text) != text
    with pytest.raises(AssertionError):
        check(page, "demo", altered(text), REPOSITORY, drawn_as="altered")


def test_boxes_on_each_other_are_noticed():
    def box(x, y):
        return {"text": f"{x}", "x": x, "y": y, "width": 100, "height": 40}

    assert overlapping([box(0, 0), box(50, 20), box(200, 0), box(0, 40)]) == [("0", "50"), ("50", "0")]
    arrow = {"id": "arrow", "points": [[-10, 20], [10, 20]]}
    assert crossing([arrow], [box(0, 0), box(50, 0)]) == [("arrow", "0")]
