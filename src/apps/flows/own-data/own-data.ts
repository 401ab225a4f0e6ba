import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { OwnDataFlows } from '../../server/routes/own-data-port.ts';
import { flowFault } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { markOwnNotification, readOwnNotifications } from './notifications.ts';
import { ownReader, type OwnDependencies } from './own-reader.ts';
import { readOwnRepeats } from './own-repeats.ts';
import { readOwnAttachment, readOwnReport, readOwnResults } from './own-results.ts';
import { endOwnRepresentation, readRepresentations } from './representations.ts';
import { lookAtShare, openShare } from './open-share.ts';
import { readOwnShares, revokeOwnShare, shareOwnReport, shareOwnStudy } from './shares.ts';

/** A patient's own data and those of persons the patient acts for, as the server calls for them. */
export const ownDataFlows = (dependencies: OwnDependencies): OwnDataFlows => ({
  async account(actor) {
    const reader = await ownReader(dependencies, actor);
    const [summary, relations, { snapshot }] = await Promise.all([
      readPersonSummary(dependencies.database, dependencies.keys, actor.person),
      readRepresentations(dependencies, reader.members),
      dependencies.snapshots.current(),
    ]);
    if (!summary) return fail(flowFault('PERSON_NOT_FOUND'));
    const { drill } = snapshot.rulesAt(dependencies.clock());
    return ok({ person: personAnswer(summary), ...relations, drill, share: dependencies.share });
  },
  async results(actor, { person, restricted }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return ok(await readOwnResults(dependencies, reader, restricted, origin));
  },
  async report(actor, report, { person, restricted }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return readOwnReport(dependencies, reader, report, restricted, origin);
  },
  async attachment(actor, wanted, { person, restricted }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return readOwnAttachment(dependencies, reader, { ...wanted, asked: restricted }, origin);
  },
  async repeats(actor, { person, restricted }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return ok(await readOwnRepeats(dependencies, reader, restricted, origin));
  },
  async notifications(actor, { person }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return ok(await readOwnNotifications(dependencies, reader, origin));
  },
  async openNotification(actor, notification, { person }, origin) {
    const reader = await ownReader(dependencies, actor, person);
    return markOwnNotification(dependencies, reader, notification, origin);
  },
  async endRepresentation(actor, representation, origin) {
    return endOwnRepresentation(dependencies, await ownReader(dependencies, actor), representation, origin);
  },
  async share(actor, request, origin) {
    const reader = await ownReader(dependencies, actor, request.person as PublicId | undefined);
    return 'study' in request
      ? shareOwnStudy(dependencies, reader, request, origin)
      : shareOwnReport(dependencies, reader, request, origin);
  },
  async shares(actor, { person }) {
    return ok(await readOwnShares(dependencies, await ownReader(dependencies, actor, person)));
  },
  async revokeShare(actor, share, { person }, origin) {
    return revokeOwnShare(dependencies, await ownReader(dependencies, actor, person), share, origin);
  },
  lookAtShare: (token) => lookAtShare(dependencies, token),
  openShare: (token, opener, origin) => openShare(dependencies, token, opener, origin),
});
