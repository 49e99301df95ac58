"""``kestrel demo``: a whole working system on this machine, from nothing, and gone without a trace when it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live

from kestrel.apiclient import ApiClient, api_session, ask_for_token
from kestrel.checker import check_journal
from kestrel.clock import SystemClock
from kestrel.controller import Controller
from kestrel.demosetup import DemoOptions, DemoPlan, plan_demo
from kestrel.issuer import SECRET_FILE
from kestrel.livefeed import LiveFeed
from kestrel.livetable import render
from kestrel.logs import JsonLines
from kestrel.ports import FreePorts
from kestrel.replay import Replay
from kestrel.report import Json, build_report
from kestrel.reportfile import try_report, write_report
from kestrel.rundir import RunDir
from kestrel.supervisor import Supervisor
from kestrel.tokens import Role
from kestrel.trickle import PATIENCE_S, trickle

FLIGHTS_PER_PILOT = 2
PEOPLE = [role for role in Role if role is not Role.MEDIA]
DOCKS_READY_WITHIN_S = 60.0
"""Wall seconds; docks that are not ready then are left to catch up."""
REFRESH_HZ = 4
NEWS_LINES = 8
INTERRUPTED = 130


async def run_demo(options: DemoOptions, *, console: Console) -> int:
    """The exit status: 0 done, or ended by its user; 1 the replay's report is not all well; 130 the replay was ended.

    Raises `KestrelError` for what cannot be done.
    """
    if options.report is not None:
        await asyncio.to_thread(try_report, options.report)
    with RunDir(options.run_dir) as run, FreePorts() as ports:
        plan = plan_demo(options, run=run, ports=ports)
        supervisor = Supervisor(specs=plan.processes, say=lambda text: demo.say(text))
        demo = _Demo(options=options, plan=plan, run=run, supervisor=supervisor, console=console)
        ports.release()
        with _logging_to(run.log_file("demo")), _ended_by_signals(supervisor) as interrupted:
            try:
                async with supervisor.running():
                    return await demo.live()
            except asyncio.CancelledError:
                if not interrupted():
                    raise
                task = asyncio.current_task()
                if task is not None:
                    task.uncancel()
                console.print("ended; nothing of it runs any more")
                return INTERRUPTED if options.replay else 0


@contextlib.contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Our own log goes to a file beside the others: the terminal is for people."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonLines())
    logging.basicConfig(level="INFO", handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def _ended_by_signals(supervisor: Supervisor) -> Iterator[Callable[[], bool]]:
    """SIGINT or SIGTERM cancels the task that entered; the second one kills what still runs."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    asked = 0

    def on_signal() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            supervisor.hurry()
        elif task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    try:
        yield lambda: asked > 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Demo:
    """One run, from started processes to the end."""

    def __init__(
        self, *, options: DemoOptions, plan: DemoPlan, run: RunDir, supervisor: Supervisor, console: Console
    ) -> None:
        self._options = options
        self._plan = plan
        self._run = run
        self._supervisor = supervisor
        self._console = console
        self._clock = SystemClock(epoch=plan.mission.epoch, factor=plan.mission.factor)
        self._news: deque[str] = deque(maxlen=NEWS_LINES)
        self._plain = options.headless or not console.is_terminal
        self._on_screen = False
        self._closing: list[str] = []
        """Said again where the screen has been."""
        self._tokens: dict[str, str] = {}

    def say(self, text: str) -> None:
        """One line of progress: on the screen's news, or printed where there is no screen (any more)."""
        line = f"{self._clock.mission_now():%H:%M:%S}  {text}"
        if not self._on_screen:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            self._news.append(line)

    async def live(self) -> int:
        plan = self._plan
        self._console.print(f"starting {len(plan.processes)} processes (logs in {self._run.root / 'logs'})")
        await self._supervisor.all_ready()
        await self._make_tokens()
        async with api_session(plan.addresses.api) as http:
            await self._sign_on_pilots(http)
            self._print_welcome()
            work = self._replay(http) if plan.calls else self._trickle(http)
            async with self._screen():
                status = await self._until_done_or_failed(work)
            if not self._plain:
                self._console.print("\n".join(self._closing), markup=False, highlight=False)
            return status

    async def _until_done_or_failed(self, work: Coroutine[Any, Any, int]) -> int:
        working = asyncio.create_task(work, name="demo work")
        failing = asyncio.create_task(self._supervisor.wait_failed(), name="demo watch")
        try:
            await asyncio.wait(
                {working, failing}, timeout=self._options.duration_s, return_when=asyncio.FIRST_COMPLETED
            )
            if failing.done():
                await failing
            return await working if working.done() else 0
        finally:
            for task in (working, failing):
                task.cancel()
            await asyncio.gather(working, failing, return_exceptions=True)

    # --- people ---

    @property
    def _pilots(self) -> list[str]:
        count = max(2, -(-len(self._plan.fleet.docks) // FLIGHTS_PER_PILOT))
        return [f"pilot-{number}" for number in range(1, count + 1)]

    async def _make_tokens(self) -> None:
        people = dict.fromkeys(self._pilots, Role.PILOT)
        people |= {f"{role}-1": role for role in Role}
        for person, role in people.items():
            self._tokens[person] = await ask_for_token(
                issuer=self._plan.addresses.issuer,
                secret_file=self._run.issuer_folder / SECRET_FILE,
                subject=person,
                roles=[role],
                force=self._plan.fleet.force,
            )
        api = self._plan.addresses.api
        self._run.write_secret(self._run.media_token_file.name, self._tokens[f"{Role.MEDIA}-1"])
        self._run.write_secret("tokens.json", json.dumps({"api": api, "tokens": self._tokens}, indent=2))
        lines = [f"export KESTREL_API={api}"]
        lines += [f"export {role.name}={self._tokens[f'{role}-1']}" for role in PEOPLE]
        self._run.write_secret("env.sh", "\n".join(lines) + "\n")

    async def _sign_on_pilots(self, http: httpx.AsyncClient) -> None:
        """The demo's pilots accept every flight beforehand: said here, on the screen, and in the journal."""
        for pilot in self._pilots:
            body = {"action": "sign_on", "accepts": "beforehand", "max_flights": FLIGHTS_PER_PILOT}
            await ApiClient(http=http, token=self._tokens[pilot], clock=self._clock).post("/api/v1/duty", body)

    def _print_welcome(self) -> None:
        api, root = self._plan.addresses.api, self._run.root
        deployment, media = self._plan.fleet.deployment, self._plan.addresses.media
        say = self._console.print
        say(f"[bold]Kestrel[/] flies {self._plan.fleet.name}: a [bold]{deployment}[/] at speed {self._options.speed:g}")
        say(f"  API    {api}/api/v1      docs  {api}/api/v1/docs", highlight=False)
        say(f"  video  {media or 'off (--video)'}", highlight=False)
        # In the fragment, which no server is ever sent; the console takes it out of the address at once.
        for role in (Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR):
            link = f"{api}/#token={self._tokens[f'{role}-1']}"
            say(f"  console as {role}-1: {link}", soft_wrap=True, highlight=False, markup=False)
        say(f"  on duty: {', '.join(self._pilots)} (they accept each flight beforehand)", highlight=False)
        say(f"  tokens, 12 hours, one for each role (also in {root / 'tokens.json'}):", highlight=False)
        for role in PEOPLE:
            say(f"  {role.name}={self._tokens[f'{role}-1']}", soft_wrap=True, highlight=False, markup=False)
        say(f"  try:   . {root / 'env.sh'}", soft_wrap=True, highlight=False)
        curl = f'curl -s -H "Authorization: Bearer $CONTROLLER" {api}/api/v1/docks'
        say(f"         {curl}", soft_wrap=True, highlight=False, markup=False)
        say("  Ctrl-C ends it all.")

    # --- screen ---

    @contextlib.asynccontextmanager
    async def _screen(self) -> AsyncIterator[None]:
        """The live table, as any client of the API could draw it; nothing where there is no terminal."""
        if self._plain:
            yield
            return
        feed = LiveFeed(
            api_url=self._plan.addresses.api,
            token=self._tokens[f"{Role.SUPERVISOR}-1"],
            clock=self._clock,
        )
        with Live(console=self._console, auto_refresh=False, transient=False) as live:
            async with feed.running():
                drawing = asyncio.create_task(self._draw(feed, live), name="live table")
                self._on_screen = True
                try:
                    yield
                finally:
                    self._on_screen = False
                    drawing.cancel()
                    await asyncio.gather(drawing, return_exceptions=True)

    async def _draw(self, feed: LiveFeed, live: Live) -> None:
        while True:
            screen = render(
                feed.view, now_s=self._clock.wall_s(), processes=self._supervisor.views(), news=list(self._news)
            )
            live.update(screen, refresh=True)
            await asyncio.sleep(1 / REFRESH_HZ)

    # --- work ---

    def _controller(self, http: httpx.AsyncClient, *, patience_s: float) -> tuple[ApiClient, Controller]:
        api = ApiClient(http=http, token=self._tokens[f"{Role.CONTROLLER}-1"], clock=self._clock)
        return api, Controller(api=api, clock=self._clock, say=self.say, patience_s=patience_s)

    async def _docks_ready(self, api: ApiClient) -> None:
        """Wait until every dock could launch: the first call must not find docks that are still waking up."""
        deadline_s = self._clock.wall_s() + DOCKS_READY_WITHIN_S
        while True:
            docks = (await api.get("/api/v1/docks"))["docks"]
            waking = [dock["id"] for dock in docks if not is_ready(dock)]
            if not waking:
                self.say(f"all {len(docks)} docks are ready")
                return
            if self._clock.wall_s() >= deadline_s:
                self.say(f"not ready after {DOCKS_READY_WITHIN_S:.0f} s, going on: {', '.join(waking)}")
                return
            await self._clock.sleep_wall(0.25)

    async def _trickle(self, http: httpx.AsyncClient) -> int:
        api, controller = self._controller(http, patience_s=PATIENCE_S)
        await self._docks_ready(api)
        run_id = f"{self._clock.wall_now():%Y%m%dT%H%M%S}"
        await trickle(
            self._plan.occurrences,
            controller=controller,
            clock=self._clock,
            run_id=run_id,
            watch_s=self._options.watch_s,
        )
        return 0

    async def _replay(self, http: httpx.AsyncClient) -> int:
        options, plan = self._options, self._plan
        source = options.replay.stem if options.replay else "replay"
        api, controller = self._controller(http, patience_s=options.patience_s)
        await self._docks_ready(api)
        started_at = self._clock.mission_now()
        replay = Replay(
            calls=plan.calls,
            source=source,
            controller=controller,
            clock=self._clock,
            say=self.say,
            watch_s=options.watch_s,
            gap_cap_s=options.gap_cap_s,
        )
        self.say(f"{len(plan.calls)} calls; gaps as recorded, at most {options.gap_cap_s:.0f} s of mission time")
        await replay.run()
        verdict = await asyncio.to_thread(check_journal, self._run.journal_file)
        about = {
            "deployment": plan.fleet.deployment.value,
            "source": source,
            "docks": [dock.id for dock in plan.fleet.docks],
            "speed": options.speed,
            "watch_s": options.watch_s,
            "gap_cap_s": options.gap_cap_s,
            "started_at": started_at.isoformat(timespec="seconds"),
            "ended_at": self._clock.mission_now().isoformat(timespec="seconds"),
        }
        report = build_report(about=about, source=source, calls=replay.handled, verdict=verdict)
        self._closing = summary_lines(report)
        for line in self._closing:
            self.say(line)
        if options.report is not None:
            await asyncio.to_thread(write_report, options.report, report)
        return 0 if report["ok"] else 1


def is_ready(dock: Json) -> bool:
    """True when a dock, as the API shows it, says that it could launch."""
    return bool(
        dock.get("registered") and dock["agent"]["online"] and dock.get("state") == "ready" and not dock["blockers"]
    )


def summary_lines(report: Json) -> list[str]:
    """The report for the person at the terminal."""
    summary = report["summary"]
    flown = f"{summary['flown']} flown, {summary['reached_scene']} reached the scene, {summary['docked']} docked again"
    lines = [
        f"{summary['calls']} calls: {flown}, {summary['refused']} refused with every dock's reasons",
        f"the independent checker {'agrees' if summary['checker_agrees'] else 'DISAGREES: see the report'}",
    ]
    if summary["flights_not_home"]:
        lines.append(f"NOT HOME: {', '.join(summary['flights_not_home'])}")
    if summary["calls_unaccounted"]:
        lines.append(f"NOT ACCOUNTED FOR: lines {', '.join(map(str, summary['calls_unaccounted']))}")
    return lines
