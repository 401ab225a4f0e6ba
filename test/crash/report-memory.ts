// Loaded before the program (`--import`) with --expose-gc: at SIGUSR2 it collects what is garbage and says what is left.

process.on('SIGUSR2', () => {
  const collect = (globalThis as { gc?: () => void }).gc;
  // What the first collection finalises, the second frees.
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`memory after collection: ${heapUsed + external} bytes\n`);
});

export {};
