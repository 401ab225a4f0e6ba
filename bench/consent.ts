import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishLists } from '../src/adapters/postgres/lists.ts';
import { lookupPerson } from '../src/adapters/postgres/person-lookup.ts';
import { senderDirectory } from '../src/adapters/postgres/senders.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { type CastMember, demonstrationCast } from '../src/apps/demonstration/cast.ts';
import { castMessages } from '../src/apps/demonstration/cast-messages.ts';
import { demonstrationLists } from '../src/apps/demonstration/lists.ts';
import { demonstrationSenders } from '../src/apps/demonstration/senders.ts';
import { checkFlows } from '../src/apps/flows/check-flows.ts';
import { consentFlows } from '../src/apps/flows/consent/consents.ts';
import { ingestMessage } from '../src/apps/flows/ingest/ingest.ts';
import { registerHl7Sender } from '../src/apps/flows/ingest/ingest-senders.ts';
import { openInstallation } from '../src/apps/installation.ts';
import type { ClientActor } from '../src/apps/server/flows-port.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { type OrderCheckRequest, orderCheckRequestShape } from '../src/web/wire/order-check-request.ts';
import { pairedDifferences } from './paired-differences.ts';
import { environmentOf } from './site.ts';

/*
 * Measures whether the time of a check tells that something is hidden. Two persons alike but for one thing, one has results
 * that may not be told and one has none, are checked in turns, in pairs whose order is turned round each time, so that
 * whatever else happens to the machine happens to both. Said are the median of the differences within the pairs and the share
 * of pairs in which the hidden one took longer, each with its 95 % interval, of the wall clock and of this process's
 * processor time. The control compares two persons who both have nothing: what it finds is what this machine cannot tell
 * from nothing at that hour.
 *
 * HUREN_BENCH_PAIRS: pairs of each comparison (3000).
 */

const PAIRS = Number(process.env['HUREN_BENCH_PAIRS'] ?? 3_000);
const WARM_UP_PAIRS = 200;

/** Weights and check characters of GB 11643-1999. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** A number of the same place and day as another, by its order of that day. */
const numberBeside = (nationalId: string, order: string): string => {
  const text = nationalId.slice(0, 14) + order;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(text[place]), 0);
  return text + '10X98765432'[sum % 11];
};

/** One check, timed. */
interface Timed {
  readonly wallMs: number;
  readonly processorMs: number;
}

const timed = async (work: () => Promise<unknown>): Promise<Timed> => {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wallMs, processorMs: (user + system) / 1_000 };
};

/**
 * What a hospital would send to register another person just like the one of a report: the same header and person, another
 * number, another record, no result.
 */
const registrationLike = (report: Uint8Array, number: string, other: string, serial: number): Uint8Array => {
  // Byte by byte, whatever character set the sender uses.
  const segments = Buffer.from(report).toString('latin1').split('\r');
  const header = (segments.find((each) => each.startsWith('MSH')) ?? '').split('|');
  header[8] = 'ADT^A08';
  header[9] = `BENCH${serial}`;
  const person = (segments.find((each) => each.startsWith('PID')) ?? '').split('|');
  person[3] = (person[3] ?? '')
    .split('~')
    .map((each) => (each.startsWith(number) ? each.replace(number, other) : `B${serial}${each}`))
    .join('~');
  const time = header[6] ?? '';
  return Buffer.from(
    [header.join('|'), `EVN||${time}`, person.join('|'), 'PV1|1|O', ''].join('\r'),
    'latin1',
  );
};

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? 0;

const microseconds = (milliseconds: number): string => `${(milliseconds * 1_000).toFixed(1)} µs`;

const folder = mkdtempSync(join(tmpdir(), 'consent-bench-'));
const installation = await openInstallation(readConfiguration(environmentOf(folder)));
try {
  const { database, clock } = installation;
  const now = clock();
  await publishLists(database, demonstrationLists(now), { by: 'bench', at: now, reason: 'bench' });
  for (const sender of demonstrationSenders())
    await registerHl7Sender(database, {
      ...sender,
      institution: sender.institution as string as InstitutionCode,
    });
  const ingest = { ...installation, senders: senderDirectory(database, clock) };
  const messages = castMessages(now);
  for (const { bytes } of messages) await ingestMessage(ingest, { bytes, peer: 'bench' });
  let registered = 0;
  /** Registers somebody with another number wherever a person is, so that the two have as many records. */
  const registerBeside = async (number: string, other: string): Promise<string> => {
    const facilities = new Set<string>();
    for (const { bytes } of messages) {
      const text = Buffer.from(bytes).toString('latin1');
      const facility = text.split('|', 4).join('|');
      if (!text.includes(number) || facilities.has(facility)) continue;
      facilities.add(facility);
      const taken = await ingestMessage(ingest, {
        bytes: registrationLike(bytes, number, other, ++registered),
        peer: 'bench',
      });
      if (taken.outcome !== 'accepted') throw new Error(`${facility} cannot register: ${taken.code}`);
    }
    return other;
  };
  const flows = checkFlows(installation);
  const consents = consentFlows({ ...installation, publicUrl: () => '' });
  const actor: ClientActor = {
    kind: 'client',
    name: 'client:bench',
    code: 'bench',
    institution: 'YX-COUNTY' as InstitutionCode,
    purposes: ['treatment'],
  };
  const origin = { requestId: 'bench', peer: 'bench', purpose: 'treatment' } as const;
  const cast = demonstrationCast(now);
  const codes = [
    ...(await installation.snapshots.current()).snapshot.rulesAt(now).codeMapOf('YX-COUNTY').values(),
  ];

  const requestOf = ({ person }: CastMember, number: string, items: readonly string[]): OrderCheckRequest =>
    orderCheckRequestShape.parse({
      patient: {
        identifiers: [{ type: 'national-id', number }],
        name: person.name,
        sex: person.sex,
        birthDate: person.birthDate.replace(/^(\d{4})-?(\d{2})-?(\d{2})$/, '$1-$2-$3'),
      },
      encounter: { class: 'outpatient' },
      items: codes
        .filter(({ item }) => items.includes(item))
        .map(({ localCode }, index) => ({ line: index + 1, code: localCode })),
    });
  const check = async (request: OrderCheckRequest) => {
    const checked = await flows.check(actor, request, origin);
    if (!checked.ok) throw checked.reason;
    return checked.value;
  };
  const refuse = async (request: OrderCheckRequest): Promise<void> => {
    const recorded = await consents.record(
      actor,
      (await check(request)).person as PublicId,
      { kind: 'denied', way: 'spoken', relation: 'parent', recipient: 'all' },
      null,
      origin,
    );
    if (!recorded.ok) throw recorded.reason;
  };

  const compare = async (
    name: string,
    first: OrderCheckRequest,
    second: OrderCheckRequest,
  ): Promise<void> => {
    const [left, right]: [Timed[], Timed[]] = [[], []];
    for (let pair = 0; pair < PAIRS + WARM_UP_PAIRS; pair++) {
      const isTurned = pair % 2 === 1;
      const one = await timed(() => check(isTurned ? second : first));
      const other = await timed(() => check(isTurned ? first : second));
      if (pair < WARM_UP_PAIRS) continue;
      left.push(isTurned ? other : one);
      right.push(isTurned ? one : other);
    }
    console.log(`\n${name}, ${PAIRS} pairs, load ${loadavg()[0]?.toFixed(2)}`);
    for (const [member, words] of [
      ['wallMs', 'wall clock    '],
      ['processorMs', 'processor time'],
    ] as const) {
      const values = [left, right].map((each) => each.map((one) => one[member])) as [number[], number[]];
      const { median, from, to, greaterShare, shareFrom, shareTo } = pairedDifferences(...values);
      console.log(
        `  ${words} p50 ${quantile(values[0], 0.5).toFixed(3)} and ${quantile(values[1], 0.5).toFixed(3)} ms, p99 ` +
          `${quantile(values[0], 0.99).toFixed(3)} and ${quantile(values[1], 0.99).toFixed(3)} ms; difference ` +
          `${microseconds(median)} (${microseconds(from)} to ${microseconds(to)}), longer in ` +
          `${greaterShare.toFixed(3)} (${shareFrom.toFixed(3)} to ${shareTo.toFixed(3)})`,
      );
    }
  };

  const memberOf = (key: string): CastMember & { readonly number: string } => {
    const member = cast.find((each) => each.key === key);
    if (!member?.person.nationalId) throw new Error(`the demonstration has ${key} with a number`);
    return { ...member, number: member.person.nationalId };
  };
  const beside = ({ number }: { readonly number: string }, order: string): Promise<string> =>
    registerBeside(number, numberBeside(number, order));
  const child = memberOf('child');
  const ordered = ['XR-CHEST-PA', 'LH-WBC', 'LC-K'];
  const refused = requestOf(child, child.number, ordered);
  const nobody = requestOf(child, await beside(child, '035'), ordered);
  const alsoNobody = requestOf(child, await beside(child, '057'), ordered);
  for (const request of [refused, nobody, alsoNobody]) await refuse(request);
  const woman = memberOf('pre-operative');
  const screening = ['LI-HIV', 'LI-TPAB'];
  const restricted = requestOf(woman, woman.number, screening);
  const unreported = requestOf(woman, await beside(woman, '046'), screening);

  for (const request of [refused, nobody, alsoNobody, restricted, unreported])
    if ((await check(request)).lines.some(({ outcome }) => outcome !== 'not-disclosed'))
      throw new Error('something is told');
  const recordsOf = async ({ patient }: OrderCheckRequest): Promise<number> => {
    const identifiers = patient.identifiers.map(({ number }) => ({
      type: 'national-id' as const,
      issuer: 'CN',
      number,
    }));
    return (await lookupPerson(database, installation.keys, { identifiers }))?.members.length ?? 0;
  };
  for (const [one, other] of [
    [refused, nobody],
    [nobody, alsoNobody],
    [restricted, unreported],
  ] as const)
    if ((await recordsOf(one)) !== (await recordsOf(other)))
      throw new Error('the two differ in more than that');

  console.log('difference: the first takes longer by so much; 0 within its interval: no difference found');
  await compare('control: nothing beside nothing, both refuse', nobody, alsoNobody);
  await compare('refused: results beside nothing, both refuse', refused, nobody);
  await compare('restricted classes: results beside nothing', restricted, unreported);
} finally {
  await installation.close();
  rmSync(folder, { recursive: true, force: true });
}
