import { execFile, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

/** What a test says that it leaves out where a program is not installed; undefined where it is. */
export const missingTool = (...names: readonly string[]): string | undefined => {
  const missing = names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`;
};

/** How a program ended. */
export interface ToolRun {
  readonly code: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal: string | null;
  /** Both its outputs. */
  readonly text: string;
}

/** Runs a program to its end. dcmtk without Nagle's algorithm, which would only make the tests wait. */
export const runTool = (name: string, args: readonly string[], folder?: string): Promise<ToolRun> =>
  new Promise((resolve) => {
    const env = { ...process.env, TCP_NODELAY: '1' };
    execFile(name, [...args], { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, signal: error?.signal ?? null, text: stdout + stderr });
    });
  });

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts a program that serves on a port; resolves when it accepts connections. */
export const startTool = async (
  name: string,
  args: readonly string[],
  port: number,
): Promise<{ stop(): Promise<void> }> => {
  const child = spawn(name, [...args], { env: { ...process.env, TCP_NODELAY: '1' }, stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { connect } = await import('node:net');
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  for (let tries = 0; tries < 200 && child.exitCode === null && !(await answers()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    async stop() {
      child.kill();
      await gone;
    },
  };
};
