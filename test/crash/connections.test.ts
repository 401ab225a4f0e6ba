import { randomBytes } from 'node:crypto';
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
/** Messages of the others that must be acknowledged between the first byte of a large one and its answer. */
const OTHERS_MEANWHILE = 10;
const PDF_BYTES = 20 * 1024 * 1024;
/** What report-memory.ts writes into the program's log. */
const MEMORY_LINE = /^memory after collection: (\d+) bytes$/gm;
const REPORT_MEMORY = new URL('./report-memory.ts', import.meta.url).href;

let site: Site;
let lanes: Lanes;
let program: Program;
const sockets: Socket[] = [];

beforeAll(async () => {
  site = await newSite();
  lanes = makeLanes(2, site.preparedAt);
  program = await startProgram(site, ['--expose-gc', '--import', REPORT_MEMORY]);
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

/** A PDF as far as its first bytes tell, that no compression makes small; different for every serial. */
const pdfOf = (serial: number): Buffer => {
  const pdf = Buffer.alloc(PDF_BYTES, randomBytes(1024 * 1024));
  pdf.write(`%PDF-1.4\n${serial}\n`);
  return pdf;
};

/** Sends a report with a large PDF and tells how many of the others' messages were acknowledged when its own answer came. */
const sendLarge = async (serial: number) => {
  const planned = report(serial);
  const bytes = Buffer.from(planned.bytes);
  // Before the specimen: an OBX behind SPM would be about the specimen.
  const specimenAt = bytes.indexOf('SPM|');
  const attached = Buffer.concat([
    bytes.subarray(0, specimenAt),
    Buffer.from(`OBX|9|ED|PDF^报告||^AP^PDF^Base64^${pdfOf(serial).toString('base64')}||||||F\r`),
    bytes.subarray(specimenAt),
  ]);
  const client = await connectMllp({ host: '127.0.0.1', port: program.mllpPort });
  const answer = readAnswer(await client.send(attached));
  const acknowledgedAtAnswer = lanes.acknowledgedCount();
  await client.close();
  return { report: planned, answer, acknowledgedAtAnswer };
};

/** Heap and external memory that the program still holds once its garbage is collected. */
const heldBytes = async (): Promise<number> => {
  const reports = () => [...program.log().matchAll(MEMORY_LINE)];
  const known = reports().length;
  process.kill(program.pid, 'SIGUSR2');
  await until('the program reports its memory', () => reports().length > known);
  return Number(reports().at(-1)?.[1]);
};

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

  it('reports with a PDF of 20 MB are accepted, the others go on being answered meanwhile, and the memory returns', {
    timeout: 240_000,
  }, async () => {
    await sendLarge(950_000);
    const before = await heldBytes();
    lanes.start(program.mllpPort);
    for (let serial = 950_001; serial <= 950_002; serial++) {
      const acknowledged = lanes.acknowledgedCount();
      const { report: sent, answer, acknowledgedAtAnswer } = await sendLarge(serial);
      expect([answer.code, answer.controlId]).toEqual(['AA', sent.controlId]);
      expect(acknowledgedAtAnswer - acknowledged).toBeGreaterThanOrEqual(OTHERS_MEANWHILE);
      const [row] = await queryRows<{ results: number; attached: number; messages: number }>(
        site,
        `select (select count(*)::integer from results t join reports r using (person_id, report_id)
           where r.report_number = $1) as results,
           (select count(*)::integer from report_versions v join reports r using (person_id, report_id)
             where r.report_number = $1 and v.content like '%application/pdf%') as attached,
           (select count(*)::integer from messages where control_id = $2 and body_size > $3
             and length(body) < 10000) as messages`,
        [sent.reportNumber, sent.controlId, PDF_BYTES],
      );
      // The document is no result; it lies in the object store, and the message around it in its row.
      expect(row).toEqual({ results: 2, attached: 1, messages: 1 });
    }
    await lanes.stop();
    expect(lanes.refused).toEqual([]);
    // Less than a single one of the large messages.
    await until('the memory returns', async () => (await heldBytes()) - before < PDF_BYTES / 2);
    expect(await program.stop()).toBe(0);
  });
});
