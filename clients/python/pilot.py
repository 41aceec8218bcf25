"""Runs many short tasks through `orchestrator pilot`. Standard library only.

    from pilot import Pilot, Task

    pilot = Pilot(total_cores=8, db_path="state.db")
    pilot.add_task(Task("t80", "./simulate --temperature 80", cores=2, timeout=600))
    result = pilot.run()

The program `orchestrator` is $ORCHESTRATOR, else the one in $PATH, else `run` at the top of the repository that this file is in.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

__all__ = ["Pilot", "Task", "TaskResult", "PilotError"]


class PilotError(Exception):
    """The tasks cannot be run; the message has a line for each reason."""


@dataclass
class Task:
    """One command. `env` and `tags` are mappings; `timeout` is in seconds; a higher priority starts earlier."""

    id: str
    command: str
    cores: int = 1
    timeout: Optional[float] = None
    priority: int = 0
    workdir: Optional[str] = None
    env: Dict[str, str] = field(default_factory=dict)
    tags: Dict[str, Any] = field(default_factory=dict)
    max_retries: int = 0
    gpus: int = 0
    memory: Optional[str] = None
    after: List[str] = field(default_factory=list)

    _FIELDS = ("id", "command", "cores", "timeout", "priority", "workdir", "env", "tags", "max_retries", "gpus", "memory", "after")

    def to_dict(self) -> Dict[str, Any]:
        """The fields that say something, as the task file has them."""
        values = {name: getattr(self, name) for name in self._FIELDS}
        if self.workdir is not None:
            values["workdir"] = str(self.workdir)
        if self.env:
            values["env"] = {str(name): str(value) for name, value in self.env.items()}
        return {name: value for name, value in values.items() if name in ("id", "command") or value not in (None, {}, [], 0)}

    @classmethod
    def from_dict(cls, values: Dict[str, Any]) -> "Task":
        """Takes the fields that are known, and leaves the others."""
        known = {name: value for name, value in values.items() if name in cls._FIELDS and value is not None}
        if isinstance(known.get("after"), str):
            known["after"] = [known["after"]]
        return cls(**known)


@dataclass
class TaskResult:
    """The end of one attempt. The return code is -1 for a time-out and -N for signal N."""

    task_id: str
    success: bool
    returncode: int
    duration: float
    stdout_file: str
    stderr_file: str

    @property
    def stdout(self) -> str:
        return _text(self.stdout_file)

    @property
    def stderr(self) -> str:
        return _text(self.stderr_file)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""


Callback = Callable[[Task, TaskResult, "Pilot"], Optional[List[Task]]]


class Pilot:
    """Tasks on the cores of this machine or batch job. With `db_path` the campaign outlives the process: see `resume`."""

    def __init__(self, total_cores: int, workdir: str = "./pilot_runs", db_path: Optional[str] = None):
        self.total_cores = int(total_cores)
        self.workdir = Path(workdir)
        self.db_path = None if db_path is None else Path(db_path)
        self.completed: Dict[str, TaskResult] = {}
        self.failed: Dict[str, TaskResult] = {}
        self._tasks: List[Task] = []
        self._known: Dict[str, Task] = {}
        self._callbacks: List[Callback] = []
        self._resume = False

    def add_task(self, task: Task) -> None:
        self._known[task.id] = task
        self._tasks.append(task)

    def add_tasks(self, tasks) -> None:
        for task in tasks:
            self.add_task(task)

    def load_json(self, path) -> int:
        """Adds the tasks of a file: a list, or an object with the list `tasks`. Returns how many there are."""
        document = json.loads(Path(path).read_text())
        listed = document.get("tasks", []) if isinstance(document, dict) else document
        tasks = [Task.from_dict(values) for values in listed]
        self.add_tasks(tasks)
        return len(tasks)

    def resume(self) -> None:
        """The next run goes on with what the database holds. What has ended there is in `completed` and `failed` from now on."""
        if self.db_path is None:
            raise ValueError("resume needs a database: give db_path")
        self._resume = True
        if not self.db_path.exists():
            raise ValueError(f"resume: there is no {self.db_path}")
        with contextlib.closing(sqlite3.connect(self.db_path)) as database:
            rows = database.execute("SELECT id, task, status, result FROM tasks WHERE status IN ('completed', 'failed')").fetchall()
        for id, task, status, text in rows:
            result = json.loads(text)
            folder = self.workdir / id
            ended = TaskResult(id, status == "completed", result["returncode"], result["duration"], str(folder / "stdout.txt"), str(folder / "stderr.txt"))
            (self.completed if ended.success else self.failed)[id] = ended
            self._known[id] = Task.from_dict(json.loads(task))

    def on_complete(self, callback: Callback) -> Callback:
        """Calls back with (task, result, pilot) for each end of an attempt; what it returns, a list of tasks, is added. Several may be given."""
        self._callbacks.append(callback)
        return callback

    def run(self, max_workers: Optional[int] = None) -> Dict[str, Any]:
        """Runs until every task has its end. Returns completed, failed and wall_time (seconds)."""
        self.workdir.mkdir(parents=True, exist_ok=True)
        given, self._tasks = self._tasks, []
        # What an earlier run counted is not the count of this one, should it end without any.
        summary_file = self.workdir / "summary.json"
        summary_file.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="pilot-") as scratch:
            command = _program() + ["pilot", "--cores", str(self.total_cores), "--workdir", str(self.workdir), "--on-complete", "-"]
            if given or not self._resume:
                tasks = Path(scratch) / "tasks.json"
                tasks.write_text(json.dumps([task.to_dict() for task in given]))
                command += ["--tasks", str(tasks)]
            if self.db_path is not None:
                command += ["--db", str(self.db_path)]
            if self._resume:
                command.append("--resume")
            if max_workers is not None:
                command += ["--max-workers", str(max_workers)]
            status, errors = self._converse(command)
        if status == 2:
            raise PilotError(errors or "orchestrator pilot refused the tasks")
        if status not in (0, 1, 75, 130) or not summary_file.exists():
            raise PilotError(f"orchestrator pilot ended with status {status}: {errors}")
        summary = json.loads(summary_file.read_text())
        return {"completed": summary["completed"], "failed": summary["failed"], "wall_time": summary["wallSeconds"]}

    def _converse(self, command):
        """Results come line by line, and each is answered by a line."""
        # In a session of its own: Ctrl-C comes once, from here.
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        previous = _forward_signals(process)
        errors: List[str] = []
        reader = _Lines(process.stderr, errors)
        try:
            for line in process.stdout:
                answer = self._answer(json.loads(line))
                try:
                    process.stdin.write(json.dumps([task.to_dict() for task in answer]) + "\n")
                    process.stdin.flush()
                except BrokenPipeError:
                    break
            status = process.wait()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
            if process.poll() is None:
                process.terminate()
                process.wait()
            reader.join()
        return status, "\n".join(errors)

    def _answer(self, line: Dict[str, Any]) -> List[Task]:
        result = TaskResult(line["task_id"], line["success"], line["returncode"], line["duration"], line["stdout_file"], line["stderr_file"])
        task = self._known.get(result.task_id) or Task.from_dict(line["task"])
        self._known[task.id] = task
        if line["success"]:
            self.failed.pop(task.id, None)
            self.completed[task.id] = result
        elif line["final"]:
            self.failed[task.id] = result
        added: List[Task] = []
        for callback in self._callbacks:
            # A callback may return tasks, or add them to the pilot; its mistakes do not end the campaign.
            try:
                added.extend(callback(task, result, self) or [])
            except Exception:
                traceback.print_exc()
        added.extend(self._tasks)
        self._tasks = []
        for each in added:
            self._known[each.id] = each
        return added


class _Lines:
    """Passes on the lines of the pilot, which are for people, and keeps the last ones for an error."""

    def __init__(self, stream, kept: List[str]):
        def read():
            for line in stream:
                sys.stdout.write(line)
                sys.stdout.flush()
                kept.append(line.rstrip("\n"))
                del kept[:-200]

        self._thread = threading.Thread(target=read, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(5)


def _forward_signals(process):
    """SIGTERM and Ctrl-C reach the pilot, which stops in order; the script goes on behind `run`."""
    previous = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            previous[number] = signal.signal(number, lambda received, frame: process.poll() is None and process.send_signal(signal.SIGTERM))
        except ValueError:
            pass  # Only the main thread may; another one leaves signals to it.
    return previous


def _program() -> List[str]:
    named = os.environ.get("ORCHESTRATOR")
    if named:
        return [named] if os.path.isfile(named) else shlex.split(named)
    found = shutil.which("orchestrator")
    if found:
        return [found]
    here = Path(__file__).resolve().parents[2] / "run"
    if here.is_file():
        return [str(here)]
    raise PilotError("the program orchestrator is not in PATH; name it by the variable ORCHESTRATOR")
