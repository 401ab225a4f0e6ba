// The thread in which notices are printed; `notice-printer.ts` starts it and talks to it.
import { parentPort, workerData } from 'node:worker_threads';
import { chineseFonts } from './chinese-fonts.ts';
import { noticePdf } from './notice-pdf.ts';
import type { PrintJob, PrintOutcome } from './notice-printer.ts';

const { cjkFont } = workerData as { readonly cjkFont: string | undefined };
const fonts = chineseFonts(cjkFont);

parentPort?.on('message', ({ job, sheet }: PrintJob) => {
  const say = (outcome: PrintOutcome): void => parentPort?.postMessage(outcome);
  noticePdf(sheet, fonts).then(
    (pdf) => say({ job, pdf }),
    // The stack names our own lines; what the sheet says is in none of them.
    (error: unknown) => say({ job, failure: error instanceof Error ? error.name : 'unknown' }),
  );
});
