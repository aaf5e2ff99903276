/**
 * Keeps one process running: it is started again when it ends, and killed when it no longer answers. One that keeps
 * failing is started less and less often.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, passOutput } from './log.ts';

export type Started = {
  process: ChildProcess;
  /** Whether it works: it has answered just now. May reject. */
  isAnswering(): Promise<boolean>;
};

export type Keeper = {
  name: string;
  /** Resolves when it answers for the first time. */
  ready: Promise<void>;
  isUp(): boolean;
  pid(): number | undefined;
  send(message: object): void;
  /** Starts a successor, and ends the present process once the successor answers. */
  replace(): Promise<void>;
  /** SIGTERM, and SIGKILL for what has not ended at `deadline` (milliseconds since the epoch). */
  stop(deadline: number): Promise<void>;
};

const PROBE_MS = 1_000;
const START_MS = 30_000;
/** How long a process that is replaced may answer what it has accepted. */
const DRAIN_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** A process that ran so long has not failed at its start. */
const SETTLED_MS = 10_000;

type Run = Started & { isUp: boolean; ended: Promise<void> };

export type Start = {
  process(): Started | Promise<Started>;
  /** It will not start for a while, since it has failed more than once, or never again. */
  rest?(): void;
};

export function keep(name: string, start: Start, log: Log, hungMs: number): Keeper {
  let current: Run | undefined;
  let isStopping = false;
  const { promise: ready, resolve: firstUp } = Promise.withResolvers<void>();
  const starts = async () => begin(name, await start.process(), log, hungMs);

  async function keepRunning(): Promise<void> {
    let failures = 0;
    while (!isStopping) {
      const started = Date.now();
      await untilEnded().catch((error: Error) =>
        log('error', { event: 'process.not_started', child: name, reason: error.message }),
      );
      if (isStopping) return;
      failures = Date.now() - started > SETTLED_MS ? 1 : failures + 1;
      // The first time at once.
      const pause = failures === 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 2), LONGEST_PAUSE_MS);
      log('error', { event: 'process.ended', child: name, restartMs: pause });
      if (pause > 0) start.rest?.();
      await sleep(pause);
    }
  }

  /** Starts it, and returns when it and all its successors have ended. */
  async function untilEnded(): Promise<void> {
    let run = await starts();
    current = run;
    void untilUp(run).then((isUp) => isUp && firstUp());
    await run.ended;
    while (current !== run) {
      run = current;
      await run.ended;
    }
  }
  const running = keepRunning();

  return {
    name,
    ready,
    isUp: () => current?.isUp === true,
    pid: () => current?.process.pid,
    send: (message) => void (current?.process.connected && current.process.send(message)),
    async replace() {
      const before = current;
      const successor = await starts();
      if (!(await untilUp(successor))) {
        log('error', { event: 'process.not_replaced', child: name });
        return;
      }
      current = successor;
      if (before) await end(before, Date.now() + DRAIN_MS);
    },
    async stop(deadline) {
      isStopping = true;
      start.rest?.();
      if (current) await end(current, deadline);
      await Promise.race([running, sleep(100)]);
    },
  };
}

function begin(name: string, started: Started, log: Log, hungMs: number): Run {
  const child = started.process;
  passOutput(name, child);
  const ended = once(child, 'exit').then(
    () => {},
    (error: Error) => log('error', { event: 'process.not_started', child: name, reason: error.message }),
  );
  const run: Run = { ...started, isUp: false, ended };
  void ended.then(() => {
    run.isUp = false;
  });
  log('info', { event: 'process.started', child: name, pid: child.pid });
  void watch(name, run, log, hungMs);
  return run;
}

/** Asks again and again whether it answers, and kills it when it has not done so for too long. */
async function watch(name: string, run: Run, log: Log, hungMs: number): Promise<void> {
  const isOver = run.ended.then(() => true);
  let heardAt = Date.now();
  while (true) {
    const isAnswering = await run.isAnswering().catch(() => false);
    if (isAnswering && !run.isUp) log('info', { event: 'process.up', child: name, pid: run.process.pid });
    if (isAnswering) {
      run.isUp = true;
      heardAt = Date.now();
    }
    if (Date.now() - heardAt > (run.isUp ? hungMs : START_MS)) {
      log('error', { event: 'process.hung', child: name, pid: run.process.pid });
      run.process.kill('SIGKILL');
    }
    if (await Promise.race([isOver, sleep(run.isUp ? PROBE_MS : 50, false)])) return;
  }
}

async function untilUp(run: Run): Promise<boolean> {
  const isOver = run.ended.then(() => true);
  while (!run.isUp) if (await Promise.race([isOver, sleep(25, false)])) return false;
  return true;
}

async function end(run: Run, deadline: number): Promise<void> {
  run.process.kill('SIGTERM');
  const isEnded = await Promise.race([
    run.ended.then(() => true),
    sleep(Math.max(0, deadline - Date.now()), false, { ref: false }),
  ]);
  if (!isEnded) run.process.kill('SIGKILL');
  await run.ended;
}
