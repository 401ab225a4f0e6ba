// 100,000 mutated instances through the header reader: `node test/fuzz/dicom-instances.ts [COUNT] [SEED]`. Ends with code 1 on
// a finding, which it names with the instance.
import { readMutations } from './dicom-mutations.ts';

const [count = '100000', seed = '1'] = process.argv.slice(2);
const run = await readMutations(Number(count), Number(seed));
process.stdout.write(`${JSON.stringify({ count: Number(count), seed: Number(seed), ...run })}\n`);
