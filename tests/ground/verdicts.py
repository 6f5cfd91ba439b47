"""Keeps the verdicts of a suite for the report: a conftest.py imports both hooks."""

from e2e.report import keep

outcomes = {}


def pytest_runtest_logreport(report):
    """Told to the process that distributes the tests as well, by those that run them."""
    if report.when == "call" or report.outcome != "passed":
        outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        return
    counted = {outcome: sum(one == outcome for one in outcomes.values()) for outcome in ("passed", "failed", "skipped")}
    failed = sorted(test for test, outcome in outcomes.items() if outcome == "failed")
    keep("tests", " ".join(session.config.args), counted | {"which failed": failed})
