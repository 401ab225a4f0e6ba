import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishLists } from '../src/adapters/postgres/lists.ts';
import { senderDirectory } from '../src/adapters/postgres/senders.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { demonstrationCast } from '../src/apps/demonstration/cast.ts';
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
import { orderCheckRequestShape } from '../src/web/wire/order-check-request.ts';
import { environmentOf } from './site.ts';

/*
 * Measures whether the time of a check tells that something is hidden: the same order for a child who has results that are
 * refused and for one who has none, in turns. Prints both distributions and the chance that a check of the first takes
 * longer than one of the second (0.5: time tells nothing).
 */

const ROUNDS = 400;
const WARM_UP = 50;

const folder = mkdtempSync(join(tmpdir(), 'consent-bench-'));
mkdirSync(folder, { recursive: true });
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
  for (const { bytes } of castMessages(now)) await ingestMessage(ingest, { bytes, peer: 'bench' });
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
  const child = demonstrationCast(now).find(({ key }) => key === 'child')?.person;
  if (!child?.nationalId) throw new Error('the demonstration has a child with a number');
  const birthDate = child.birthDate.replace(/^(\d{4})-?(\d{2})-?(\d{2})$/, '$1-$2-$3');
  const rules = (await installation.snapshots.current()).snapshot.rulesAt(now);
  const items = [...rules.codeMapOf('YX-COUNTY').values()]
    .filter(({ item }) => ['XR-CHEST-PA', 'LH-WBC', 'LC-K'].includes(item))
    .map(({ localCode }, index) => ({ line: index + 1, code: localCode }));
  const requestOf = (number: string) =>
    orderCheckRequestShape.parse({
      patient: {
        identifiers: [{ type: 'national-id', number }],
        name: child.name,
        sex: child.sex,
        birthDate,
      },
      encounter: { class: 'outpatient' },
      items,
    });
  /** Another child of the same name and day, whose number only differs: nobody has reported on it. */
  const other = `${child.nationalId.slice(0, 14)}035`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, place) => total + weight * Number(other[place]), 0);
  const numbers = { hidden: child.nationalId, nothing: other + '10X98765432'[sum % 11] };
  for (const number of Object.values(numbers)) {
    const checked = await flows.check(actor, requestOf(number), origin);
    if (!checked.ok) throw checked.reason;
    const recorded = await consents.record(
      actor,
      checked.value.person as PublicId,
      { kind: 'denied', way: 'spoken', relation: 'parent', recipient: 'all' },
      null,
      origin,
    );
    if (!recorded.ok) throw recorded.reason;
  }
  const timesMs: Record<keyof typeof numbers, number[]> = { hidden: [], nothing: [] };
  for (let round = 0; round < ROUNDS + WARM_UP; round++)
    for (const kind of round % 2 === 0
      ? (['hidden', 'nothing'] as const)
      : (['nothing', 'hidden'] as const)) {
      const start = performance.now();
      await flows.check(actor, requestOf(numbers[kind]), origin);
      if (round >= WARM_UP) timesMs[kind].push(performance.now() - start);
    }
  const at = (values: readonly number[], share: number): string =>
    (values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? 0).toFixed(3);
  for (const [kind, values] of Object.entries(timesMs))
    console.log(
      `${kind.padEnd(8)} p50 ${at(values, 0.5)} ms  p90 ${at(values, 0.9)} ms  p99 ${at(values, 0.99)} ms`,
    );
  let longer = 0;
  for (const hidden of timesMs.hidden)
    for (const nothing of timesMs.nothing) longer += hidden > nothing ? 1 : hidden === nothing ? 0.5 : 0;
  console.log(
    `a check with something hidden takes longer: ${(longer / ROUNDS ** 2).toFixed(3)} (0.5: no difference)`,
  );
} finally {
  await installation.close();
  rmSync(folder, { recursive: true, force: true });
}
