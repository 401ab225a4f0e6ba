// The thread in which view copies are made; `frame-copier.ts` starts it and talks to it.
import { constants, setPriority } from 'node:os';
import { copyFrame } from './copy-frame.ts';
import { answerJobs } from './job-threads.ts';

// Linux keeps a priority for each thread; elsewhere this would be the whole program's. A tenth of the usual weight: the
// lowest there is would never have its turn where others are always busy.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

answerJobs(copyFrame);
