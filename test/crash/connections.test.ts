import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMllp } from '../../src/adapters/hl7v2/mllp-client.ts';
import { frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { type Lanes, makeLanes, readAnswer } from './lanes.ts';
import { numberedReport } from './numbered-reports.ts';
import { type Program, startProgram } from './program.ts';
import { newSite, queryRows, type Site, until } from './site.ts';
import { wrongOf } from './stored.ts';

const IDLE = 500;
const PDF_BYTES = 20 * 1024 * 1024;

let site: Site;
let lanes: Lanes;
let program: Program;
const sockets: Socket[] = [];

beforeAll(async () => {
  site = await newSite();
  lanes = makeLanes(2, site.preparedAt);
  program = await startProgram(site);
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await lanes?.stop();
  await program?.kill();
  await site?.remove();
});

const openSocket = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: program.mllpPort });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      sockets.push(socket);
      resolve(socket);
    });
  });

const report = (serial: number) =>
  numberedReport({
    serial,
    lines: 2,
    reportNumber: `X${serial}`,
    version: 1,
    person: serial,
    now: site.preparedAt,
  });

describe('Many connections', () => {
  it(`of which ${IDLE} are idle or stuck half-way leave the busy ones their work`, {
    timeout: 120_000,
  }, async () => {
    for (let index = 0; index < IDLE; index++) {
      const socket = await openSocket();
      // A third of them stops in the middle of a frame, a third never reads.
      if (index % 3 === 1) socket.write(frameMessage(report(900_000 + index).bytes).subarray(0, 200));
      if (index % 3 === 2) socket.pause();
    }
    lanes.start(program.mllpPort);
    await until('the busy ones are served', () => lanes.acknowledgedCount() >= 100);
    await lanes.stop();
    // A peer that vanishes in the middle of a frame leaves a record of what arrived.
    for (const socket of sockets.splice(0)) socket.destroy();
    await until('the broken frames are on record', async () => {
      const [row] = await queryRows<{ arrivals: string }>(
        site,
        `select coalesce(sum(arrivals), 0) as arrivals from quarantined_messages
         where reason_code = 'MLLP_FRAME_UNFINISHED'`,
      );
      return Number(row?.arrivals) === Math.floor((IDLE + 1) / 3);
    });
    await lanes.settle(program.mllpPort);
    expect(await wrongOf(site, lanes.sent)).toEqual([]);
    expect(lanes.refused).toEqual([]);
  });

  it('a report with a PDF of 20 MB is accepted while the others go on being answered', {
    timeout: 120_000,
  }, async () => {
    const pdf = Buffer.alloc(PDF_BYTES);
    pdf.write('%PDF-1.4\n');
    for (let at = 16; at < pdf.length; at += 7) pdf[at] = (at * 2_654_435_761) & 0xff;
    const planned = report(950_001);
    const base = { ...planned, bytes: Buffer.from(planned.bytes) };
    // Before the specimen: an OBX behind SPM would be about the specimen.
    const specimenAt = base.bytes.indexOf('SPM|');
    const attached = Buffer.concat([
      base.bytes.subarray(0, specimenAt),
      Buffer.from(`OBX|9|ED|PDF^报告||^AP^PDF^Base64^${pdf.toString('base64')}||||||F\r`),
      base.bytes.subarray(specimenAt),
    ]);
    const client = await connectMllp({ host: '127.0.0.1', port: program.mllpPort });
    lanes.start(program.mllpPort);
    const before = lanes.acknowledgedCount();
    const answer = readAnswer(await client.send(attached));
    await until('the others are served', () => lanes.acknowledgedCount() > before + 10);
    await lanes.stop();
    await client.close();
    expect([answer.code, answer.controlId]).toEqual(['AA', base.controlId]);
    const [row] = await queryRows<{ results: number; attached: number; objects: number }>(
      site,
      `select (select count(*)::integer from results t join reports r using (person_id, report_id)
         where r.report_number = $1) as results,
         (select count(*)::integer from report_versions v join reports r using (person_id, report_id)
           where r.report_number = $1 and v.content like '%application/pdf%') as attached,
         (select count(*)::integer from messages where control_id = $2 and body_object is not null) as objects`,
      [base.reportNumber, base.controlId],
    );
    expect(row).toEqual({ results: 3, attached: 1, objects: 1 });
    expect(await program.stop()).toBe(0);
  });
});
