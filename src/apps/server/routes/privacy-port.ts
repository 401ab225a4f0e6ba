import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type {
  FindingRequest,
  LogFound,
  LogSearch,
  PrivacyCase,
  PrivacyCaseDetail,
  PrivacyRules,
  WatchedPerson,
  WatchRequest,
} from '../../../web/wire/privacy.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/** The work of an institution's privacy officer. */
export interface PrivacyDesk {
  /** By what the own institution's review goes. */
  rules(actor: Actor): Promise<PrivacyRules>;
  /** Cases of the own institution: those to be looked into, or the closed ones. */
  queue(actor: Actor, closed: boolean): Promise<Result<readonly PrivacyCase[], Fault>>;
  read(actor: Actor, id: PublicId, origin: CallOrigin): Promise<Result<PrivacyCaseDetail, Fault>>;
  find(actor: Actor, id: PublicId, request: FindingRequest, origin: CallOrigin): Promise<Result<void, Fault>>;
  /** Looks through the log of the own institution; the search leaves rows of its own. */
  search(actor: Actor, request: LogSearch, origin: CallOrigin): Promise<Result<LogFound, Fault>>;
  watched(actor: Actor, origin: CallOrigin): Promise<Result<readonly WatchedPerson[], Fault>>;
  watch(actor: Actor, request: WatchRequest, origin: CallOrigin): Promise<Result<void, Fault>>;
  unwatch(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<void, Fault>>;
}
