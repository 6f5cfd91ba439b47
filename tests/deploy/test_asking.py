"""What deploy.sh asks, on a real terminal, and what a signal does."""

import os
import pty
import signal
import subprocess
import time

import pytest
from test_deploy import BEFORE, IMAGE, PLAN, ROUTES, SERVICE


def typed(desk, environment, *lines, arguments=(), **answers):
    """A run with a terminal, on which somebody has typed these lines."""
    desk.ready(**answers)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"".join(lines))
        return desk.run([desk.script(environment), *arguments], stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


END_OF_FILE = b"\x04"


def test_above_demo_the_environment_is_typed(desk):
    done = typed(desk, "uat", b"uat\n", b"apply\n")
    assert done.code == 0, done.stderr
    assert desk.short == ROUTES[("uat",)]
    assert "this deploys to stage uat" in done.said and "type uat to go on:" in done.said
    assert "this plan changes the load balancer" in done.said and "type apply to go on:" in done.said


@pytest.mark.parametrize("answer", [b"\n", b"y\n", b"yes\n", b"production\n", b"UAT\n", b" uat\n", END_OF_FILE])
def test_another_word_changes_nothing(desk, answer):
    done = typed(desk, "uat", answer)
    assert done.code == 1 and desk.short == BEFORE and "not confirmed" in done.said
    assert "Run again, the same command begins at the start, and asks again." in done.said
    assert "mended" not in done.said
    assert "stopped:  confirm the deployment" in done.stderr


def test_at_demo_the_plan_alone_is_asked_for(desk):
    done = typed(desk, "demo", b"apply\n")
    assert done.code == 0 and "type demo" not in done.stderr and desk.short == ROUTES[("demo",)]
    done = typed(desk, "plain")
    assert done.code == 0 and "to go on:" not in done.stderr


def test_a_plan_that_is_not_confirmed_is_not_applied(desk):
    done = typed(desk, "demo", b"no\n")
    assert done.code == 1 and desk.short == BEFORE + IMAGE + SERVICE + PLAN[:2]
    assert "not confirmed" in done.said and "The service is deployed; the load balancer is not changed." in done.said
    assert "stopped:  apply the plan" in done.stderr and list(desk.temporary.iterdir()) == []


def test_a_plan_without_changes_is_not_asked_for(desk):
    assert typed(desk, "demo", plan=0).code == 0


def test_with_yes_nothing_is_asked(desk):
    done = typed(desk, "uat", arguments=["--yes"])
    assert done.code == 0 and "to go on:" not in done.stderr


@pytest.mark.parametrize("environment", ["demo", "uat", "production", "attach"])
def test_without_a_terminal_it_refuses_and_names_the_option(desk, environment):
    done = desk.deploy(environment)
    assert done.code == 64 and desk.calls == []
    assert "no terminal to ask on: give --yes" in done.said


def test_where_nothing_is_asked_no_terminal_is_needed(desk):
    assert desk.deploy("plain").code == 0


@pytest.mark.parametrize(
    "name, number",
    [("SIGTERM", number) for number in range(len(ROUTES[("demo",)]))]
    + [("SIGINT", number) for number in (1, 2, 3, 5, 6, 9, 11)]
    + [("SIGHUP", number) for number in (3, 5)],
)
def test_a_signal_ends_the_run_after_the_command_under_way(desk, name, number):
    before = desk.out()
    desk.ready(hang=number)
    process = subprocess.Popen(
        [desk.script("demo"), "--yes"],
        cwd=desk.portal,
        env=desk.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (desk.folder / "hangs").exists() and process.poll() is None:
        time.sleep(0.01)
    if name == "SIGINT":
        # A terminal sends it to all that run in it.
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(getattr(signal, name))
        # The command is waited for.
        (desk.folder / "go").touch()
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + getattr(signal, name), stderr
    assert desk.short == ROUTES[("demo",)][: number + 1]
    assert f"deploy.sh: told to end by {name}\n" in stderr and "deploy.sh: stopped:" in stderr
    assert "To go on, run the same command again" in stderr and "mended" not in stderr
    assert list(desk.temporary.iterdir()) == []
    assert desk.out() == before
