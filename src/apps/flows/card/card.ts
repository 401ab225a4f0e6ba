import { answerSignature } from '../../../adapters/launch/signature.ts';
import {
  type LaunchedCheck,
  latestCheck,
  type StoredOrderLine,
  storedOrderLines,
} from '../../../adapters/postgres/launched-checks.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { readFacts } from '../../../recognition/index.ts';
import { type OrderCheckRequest, orderCheckRequestShape } from '../../../web/wire/order-check-request.ts';
import type { CallOrigin, CheckFlows, ClientActor } from '../../server/flows-port.ts';
import type { CardFlows } from '../../server/routes/card-port.ts';
import type { CardLinks } from './card-link.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import type { LaunchDesk, LaunchQuery } from './launch-desk.ts';

/** What the flows of the card work with. */
export interface CardFlowDependencies extends Pick<FlowDependencies, 'database' | 'clock' | 'snapshots'> {
  readonly flows: CheckFlows;
  readonly cardLinks: CardLinks;
  readonly launchDesk: LaunchDesk;
}

/** The one value that all lines share, else undefined. */
const shared = <Value>(values: readonly Value[]): Value | undefined =>
  values.every((value) => value === values[0]) ? values[0] : undefined;

/** An order check for lines that came in by message; undefined where they do not belong together. */
const requestOf = (lines: readonly StoredOrderLine[], launch: LaunchQuery): OrderCheckRequest | undefined => {
  const person = shared(lines.map((line) => line.person));
  if (person === undefined) return undefined;
  const encounterClass = shared(lines.map((line) => line.encounterClass)) ?? 'outpatient';
  const encounterNumber = launch.encounter ?? shared(lines.map((line) => line.encounterNumber));
  const requestNumber = launch.order ?? shared(lines.map(({ placerNumber }) => placerNumber));
  const codes = [...new Map(lines.map((line) => [line.localCode, line])).values()];
  const request = orderCheckRequestShape.safeParse({
    patient: { person },
    encounter: { class: encounterClass, ...(encounterNumber ? { number: encounterNumber } : {}) },
    ...(requestNumber ? { request: { number: requestNumber } } : {}),
    doctor: { staffNumber: launch.staff },
    ...(launch.department ? { department: { name: launch.department } } : {}),
    ...(launch.campus ? { campus: launch.campus } : {}),
    diagnoses: [...new Set(lines.flatMap(({ diagnoses }) => diagnoses))].map((code) => ({ code })),
    items: codes.map(({ localCode, localName }, index) => ({
      line: index + 1,
      code: localCode,
      ...(localName ? { name: localName } : {}),
    })),
  });
  return request.success ? request.data : undefined;
};

/** By how much the clock of an ordering system may be behind ours. */
const CLOCK_BEHIND_MS = 10 * 60_000;

/**
 * What to check now: everything where nobody has checked; beside a check the lines that came after it and are not on it,
 * with those that are. Empty where the check has them all: its card is the one to open. A number given out again, for
 * another patient, has lines of a person whom the check was not about.
 */
const linesToCheck = (
  latest: LaunchedCheck | undefined,
  lines: readonly StoredOrderLine[],
): readonly StoredOrderLine[] => {
  const newest = lines.at(-1);
  if (!latest || !newest) return lines;
  const facts = readFacts(latest.facts);
  if ('erased' in facts) return lines;
  const codes = new Set(facts.session.lines.map(({ localCode }) => localCode));
  const isOn = ({ person, localCode }: StoredOrderLine): boolean =>
    person === latest.person && codes.has(localCode);
  const isNew = (line: StoredOrderLine): boolean =>
    !isOn(line) && line.statedAt > latest.checkedAt - CLOCK_BEHIND_MS;
  return lines.some(isNew) ? lines.filter((line) => isNew(line) || isOn(line)) : [];
};

/** Signed launches, and the return of answers through the doctor's browser. */
export const cardFlows = (dependencies: CardFlowDependencies): CardFlows => {
  const { database, clock, snapshots, flows, cardLinks, launchDesk } = dependencies;

  /** The check that a launch is about; what came in by message and nobody checked is checked now. */
  const checkOf = async (
    actor: ClientActor,
    launch: LaunchQuery,
    origin: CallOrigin,
  ): Promise<Result<PublicId, Fault>> => {
    const { registry } = await snapshots.current();
    const institutionKey = registry.institutionKey(actor.institution);
    if (institutionKey === undefined) return fail(flowFault('LAUNCH_NOTHING_ORDERED'));
    const names = { order: launch.order ?? null, encounter: launch.encounter ?? null };
    const [latest, stored] = await Promise.all([
      latestCheck(database, institutionKey, names),
      storedOrderLines(database, institutionKey, names),
    ]);
    const lines = linesToCheck(latest, stored);
    if (latest && lines.length === 0) return ok(latest.check);
    if (lines.length === 0) return fail(flowFault('LAUNCH_NOTHING_ORDERED'));
    const request = requestOf(lines, launch);
    if (!request) return fail(flowFault('LAUNCH_NOT_CHECKED'));
    const checked = await flows.check(actor, request, origin);
    if (!checked.ok) return checked;
    // A check of nobody is not kept, so there is no card of it.
    return checked.value.person === null
      ? fail(flowFault('LAUNCH_NOT_CHECKED'))
      : ok(checked.value.id as PublicId);
  };

  return {
    async open(actor, launch, origin) {
      const check = await checkOf(actor, launch, origin);
      if (!check.ok) return check;
      return ok(
        cardLinks.tokenOf({
          check: check.value,
          institution: actor.institution,
          client: actor.code,
          staffNumber: launch.staff,
          department: launch.department ?? null,
        }),
      );
    },
    async returnOf({ client }) {
      const launch = await launchDesk.of(client);
      return { byForm: launch?.way === 'form-post' };
    },
    async handOver(actor, origin) {
      const launch = await launchDesk.of(actor.client);
      if (launch?.way !== 'form-post' || launch.answerUrl === null || launch.answerSecret === null)
        return null;
      const given = await flows.answers(actor, actor.check, origin);
      if (!given.ok) throw given.reason;
      const answers = JSON.stringify(given.value);
      const timeSeconds = Math.floor(clock() / 1000);
      return {
        url: launch.answerUrl,
        answers,
        timeSeconds,
        signature: answerSignature(launch.answerSecret, launch.digest, timeSeconds, answers),
      };
    },
  };
};
