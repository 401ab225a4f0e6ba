import { fuzzListener, fuzzUpperLayer } from './dimse-fuzzer.ts';

// `node test/fuzz/dimse.ts [streams] [connections] [seed]`: by default a million streams and ten thousand connections. Ends
// with code 1 on a finding.
const streams = Number(process.argv[2] ?? '1000000');
const connections = Number(process.argv[3] ?? '10000');
const seed = Number(process.argv[4] ?? '1');
process.stdout.write(`${JSON.stringify(fuzzUpperLayer(streams, seed), null, 2)}\n`);
process.stdout.write(`${JSON.stringify(await fuzzListener(connections, seed), null, 2)}\n`);
