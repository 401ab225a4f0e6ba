import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzzSocket } from '../fuzz/socket-fuzzer.ts';
import { type Program, startProgram } from './program.ts';
import { newSite, type Site } from './site.ts';

let site: Site;
let program: Program;

beforeAll(async () => {
  site = await newSite();
  program = await startProgram(site);
});

afterAll(async () => {
  await program?.kill();
  await site?.remove();
});

describe('Fifteen hundred mutated messages through the socket with the database behind it', () => {
  it('are each stored once under the person they name, or refused with a code and kept; none is lost or crossed', {
    timeout: 600_000,
  }, async () => {
    const report = await fuzzSocket(site, program, { messages: 1500, seed: 1 });
    expect(report.wrong).toEqual([]);
    // A fuzzer that only ever meets the first check proves little.
    expect(report.storedMessages).toBeGreaterThan(400);
    expect(report.tracedResults).toBeGreaterThan(1500);
    expect(Object.keys(report.refused).length).toBeGreaterThan(15);
    expect(await program.stop()).toBe(0);
  });
});
