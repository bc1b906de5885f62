"""Runs pytest and tells of every test in one line of JSON. Nothing else reaches standard output; nothing is written."""

import json
import linecache
import os
import re
import sys
import traceback

ROOT = os.path.realpath(os.getcwd())
LONGEST = 2000

sys.dont_write_bytecode = True
told = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def tell(event, **facts):
    told.write(json.dumps({"event": event, **facts}) + "\n")
    told.flush()


def end():
    told.flush()
    # A thread or an exit handler that a test left behind changes nothing any more.
    os._exit(0)


def own(path):
    """The path as the workspace names it, or None for one that is not the learner's."""
    path = os.path.realpath(os.path.join(ROOT, path))
    inside = path.startswith(ROOT + os.sep) and "site-packages" not in path and os.path.isfile(path)
    return os.path.relpath(path, ROOT).replace(os.sep, "/") if inside else None


def facts(error):
    """What an exception says, and the last place in the workspace that it passed."""
    places = [(own(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    file, line = next((place for place in reversed(places) if place[0]), (None, None))
    says = "".join(traceback.format_exception_only(type(error), error)).strip()
    if isinstance(error, SyntaxError):
        says = f"{type(error).__name__}: {error.msg}"
        if error.filename and own(error.filename):
            file, line = own(error.filename), error.lineno
    elif type(error).__name__ == "FixtureLookupError":
        says = f"fixture '{error.argname}' not found"
    source = linecache.getline(os.path.join(ROOT, file), line).strip() if file and line else ""
    return {"error": says[:LONGEST], "file": file, "line": line, "source": source[:LONGEST]}


try:
    import pytest
except ImportError as error:
    tell("missing", error=str(error))
    end()


def covers(path, test):
    path = path.rstrip("/")
    return path in ("", ".") or test == path or any(test.startswith(path + next) for next in ("::", "[", "/"))


class Told:
    """The test that runs now is told of when it has been torn down."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.now = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        if isinstance(collector, pytest.Module):
            tell("collecting", file=collector.nodeid)
        report = (yield).get_result()
        if report.failed:
            error = report.call.excinfo.value
            tell("broken", at=report.nodeid, **facts(error.__cause__ or error))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        tell("collected", tests=[item.nodeid for item in items])
        items[:] = [item for item in items if any(covers(path, item.nodeid) for path in self.wanted)]
        tell("selected", tests=[item.nodeid for item in items])

    def pytest_runtest_logstart(self, nodeid, location):
        self.now = {"outcome": "passed", "seconds": 0.0}
        tell("start", test=nodeid, file=own(location[0]), line=(location[1] or 0) + 1)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = (yield).get_result()
        self.now["seconds"] = self.now.get("seconds", 0.0) + report.duration
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", "")
            self.now.update(outcome="skipped", error=str(reason)[:LONGEST])
            self.now.update(file=own(item.location[0]), line=(item.location[1] or 0) + 1)
        elif report.failed and self.now.get("outcome") in ("passed", "skipped", None):
            self.now["outcome"] = "failed" if report.when == "call" else "error"
            self.now["when"] = report.when
            # A strict test that should have failed has no exception.
            known = facts(call.excinfo.value) if call.excinfo else {"error": str(report.longrepr)[:LONGEST]}
            if not known.get("file"):
                known.update(file=own(item.location[0]), line=(item.location[1] or 0) + 1)
            self.now.update(known)
            fixtures = re.search(r"available fixtures: (.*)", str(report.longrepr))
            self.now["available"] = fixtures.group(1).split(", ") if fixtures else []

    def pytest_runtest_logfinish(self, nodeid):
        tell("test", test=nodeid, **self.now)

    def pytest_keyboard_interrupt(self, excinfo):
        tell("stopped", **facts(excinfo.value))

    def pytest_internalerror(self, excinfo):
        tell("stopped", **facts(excinfo.value))


paths = sys.argv[1:]
files = list(dict.fromkeys(path.split("::")[0] for path in paths))
# A test that is named by a value is told as the value is written, in any script.
readable = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true"
options = ["-p", "no:cacheprovider", "-o", readable, f"--rootdir={ROOT}", f"--confcutdir={ROOT}"]
tell("end", code=int(pytest.main([*options, *files], plugins=[Told(paths)])))
end()
