import { parentPort, Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { threadEnvironment } from '../../kernel/thread-environment.ts';

/** Does jobs in threads of their own, within limits of time and memory: code streams come from outside. */
export interface JobThreads<Task, Value, Problem> {
  /** `malformed`: the thread died of it. */
  run(task: Task): Promise<Result<Value, Problem | 'malformed' | 'too-slow'>>;
  /** Ends the threads that have nothing to do; the next job starts one again. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** How many threads there are and what each may use. */
export interface ThreadLimits {
  readonly threads: number;
  readonly timeMaxMs: number;
  readonly heapMaxMb: number;
}

/** What a thread is asked. */
interface Job<Task> {
  readonly job: number;
  readonly task: Task;
}

/** A thread's answer to one job. */
type Outcome<Value, Problem> = { readonly job: number } & (
  | { readonly value: Value }
  | { readonly problem: Problem }
);

interface Waiting<Task, Value, Problem> {
  readonly task: Task;
  resolve(done: Result<Value, Problem | 'malformed' | 'too-slow'>): void;
}

/**
 * Up to `threads` threads, each at one job at a time; one that stalls or dies is ended with the job it was at.
 *
 * @param script calls `answerJobs`
 */
export const jobThreads = <Task, Value, Problem>(
  script: URL,
  { threads, timeMaxMs, heapMaxMb }: ThreadLimits,
): JobThreads<Task, Value, Problem> => {
  const queue: Waiting<Task, Value, Problem>[] = [];
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let jobs = 0;
  let isClosed = false;

  const work = (thread: Worker, waiting: Waiting<Task, Value, Problem>): void => {
    const job = ++jobs;
    const settle = (done: Result<Value, Problem | 'malformed' | 'too-slow'>, isAlive: boolean): void => {
      clearTimeout(watch);
      thread.off('message', answer);
      thread.off('error', die);
      thread.off('exit', die);
      if (isAlive && !isClosed) {
        thread.unref();
        idle.push(thread);
      } else {
        all.delete(thread);
        void thread.terminate();
      }
      waiting.resolve(done);
      next();
    };
    const answer = (outcome: Outcome<Value, Problem>): void => {
      if (outcome.job !== job) return;
      settle('value' in outcome ? ok(outcome.value) : fail(outcome.problem), true);
    };
    const die = (): void => settle(fail('malformed'), false);
    const watch = setTimeout(() => settle(fail('too-slow'), false), timeMaxMs);
    thread.on('message', answer);
    thread.once('error', die);
    thread.once('exit', die);
    thread.ref();
    thread.postMessage({ job, task: waiting.task } satisfies Job<Task>);
  };
  const start = (): Worker => {
    const started = new Worker(script, {
      env: threadEnvironment(process.env),
      // Codecs talk; nobody listens.
      stdout: true,
      resourceLimits: { maxOldGenerationSizeMb: heapMaxMb },
    });
    started.stdout.resume();
    started.once('exit', () => {
      all.delete(started);
      const at = idle.indexOf(started);
      if (at >= 0) idle.splice(at, 1);
    });
    all.add(started);
    return started;
  };
  const next = (): void => {
    while (queue.length > 0 && !isClosed) {
      const thread = idle.pop() ?? (all.size < threads ? start() : undefined);
      if (!thread) return;
      work(thread, queue.shift() as Waiting<Task, Value, Problem>);
    }
  };
  return {
    run: (task) =>
      new Promise((resolve) => {
        if (isClosed) {
          resolve(fail('too-slow'));
          return;
        }
        queue.push({ task, resolve });
        next();
      }),
    async rest() {
      await Promise.all(idle.splice(0).map((thread) => thread.terminate()));
    },
    async close() {
      isClosed = true;
      for (const { resolve } of queue.splice(0)) resolve(fail('too-slow'));
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
};

/** The thread's side: does one job after the other. What throws was given something that is not what it says. */
export const answerJobs = <Task, Value, Problem>(
  work: (task: Task) => Promise<Result<Value, Problem>>,
): void => {
  parentPort?.on('message', ({ job, task }: Job<Task>) => {
    const say = (outcome: Outcome<Value, Problem | 'malformed'>): void => parentPort?.postMessage(outcome);
    work(task).then(
      (done) => say(done.ok ? { job, value: done.value } : { job, problem: done.reason }),
      () => say({ job, problem: 'malformed' }),
    );
  });
};
