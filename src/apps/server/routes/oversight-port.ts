import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type {
  CaseAnswer,
  CaseClosing,
  CaseDecision,
  CaseList,
  CaseRequest,
  CaseSubjectAnswer,
} from '../../../web/wire/oversight-case.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/** The authority's cases (穿透式监管): asked for, approved by a second person, read while open, closed with an outcome. */
export interface OversightFlows {
  /** Asks for a case. It names what its subject reaches now and never grows. */
  open(actor: Actor, request: CaseRequest, origin: CallOrigin): Promise<Result<CaseAnswer, Fault>>;
  /** The newest cases; nobody is named in them. */
  list(actor: Actor): Promise<Result<CaseList, Fault>>;
  /** One case without anybody's name. */
  read(actor: Actor, id: PublicId): Promise<Result<CaseAnswer, Fault>>;
  /** The second person approves or refuses. */
  decide(
    actor: Actor,
    id: PublicId,
    decision: CaseDecision,
    origin: CallOrigin,
  ): Promise<Result<CaseAnswer, Fault>>;
  /** One thing that an open case names, with the person: audited before it is shown. */
  subject(
    actor: Actor,
    id: PublicId,
    place: number,
    origin: CallOrigin,
  ): Promise<Result<CaseSubjectAnswer, Fault>>;
  close(
    actor: Actor,
    id: PublicId,
    closing: CaseClosing,
    origin: CallOrigin,
  ): Promise<Result<CaseAnswer, Fault>>;
}
