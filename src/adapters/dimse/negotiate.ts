import type { AssociateRequest, ContextAnswer, ProposedContext, RoleSelection } from './associate.ts';
import type { AeService } from './ports.ts';
import {
  chooseForIdentifiers,
  chooseForRetrieval,
  chooseForStorage,
  isStorageClass,
  SOP_CLASS,
} from './syntaxes.ts';

/** What a context is for. */
export type ContextService = 'verify' | 'store' | 'commit' | 'find' | 'move' | 'get';

/** An accepted presentation context. */
export interface AcceptedContext {
  readonly id: number;
  readonly service: ContextService;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
  /** The requestor may send requests of this class. */
  readonly peerRequests: boolean;
  /** The requestor takes requests of this class from us: C-STORE of a C-GET. */
  readonly peerAnswers: boolean;
}

/** The answer to all proposals of an association. */
export interface Negotiated {
  readonly answers: readonly ContextAnswer[];
  readonly roles: readonly RoleSelection[];
  readonly accepted: ReadonlyMap<number, AcceptedContext>;
}

/** Results of a context's negotiation (PS3.8 table 9-18). */
const CONTEXT = { accepted: 0, userRejection: 1, abstractSyntax: 3, transferSyntaxes: 4 } as const;

const QUERY_SERVICES: Readonly<Record<string, ContextService>> = {
  [SOP_CLASS.patientRootFind]: 'find',
  [SOP_CLASS.studyRootFind]: 'find',
  [SOP_CLASS.patientRootMove]: 'move',
  [SOP_CLASS.studyRootMove]: 'move',
  [SOP_CLASS.patientRootGet]: 'get',
  [SOP_CLASS.studyRootGet]: 'get',
  [SOP_CLASS.storageCommitment]: 'commit',
  [SOP_CLASS.verification]: 'verify',
};

const serviceOf = (abstractSyntax: string, privateRoots: readonly string[]): ContextService | undefined =>
  QUERY_SERVICES[abstractSyntax] ?? (isStorageClass(abstractSyntax, privateRoots) ? 'store' : undefined);

/** Which right of an entity a service needs; everybody registered may verify. */
const RIGHT: Readonly<Record<ContextService, AeService | null>> = {
  verify: null,
  store: 'store',
  commit: 'commit',
  find: 'find',
  move: 'retrieve',
  get: 'retrieve',
};

/** What an entity may do, and which private storage classes the installation takes. */
export interface NegotiationTerms {
  readonly services: ReadonlySet<AeService>;
  readonly privateStorageRoots: readonly string[];
}

/** Answers every proposed context and role of a request: accepts what the entity may do and we can do, nothing else. */
export const negotiate = (
  request: Pick<AssociateRequest, 'contexts' | 'roles'>,
  { services, privateStorageRoots }: NegotiationTerms,
): Negotiated => {
  const proposedRoles = new Map(request.roles.map((role) => [role.sopClassUid, role]));
  const accepted = new Map<number, AcceptedContext>();
  const roles = new Map<string, RoleSelection>();
  const answer = ({ id, abstractSyntax, transferSyntaxes }: ProposedContext): number => {
    const service = serviceOf(abstractSyntax, privateStorageRoots);
    if (service === undefined) return CONTEXT.abstractSyntax;
    const right = RIGHT[service];
    const mayRequest = right === null || services.has(right);
    const role = service === 'store' ? proposedRoles.get(abstractSyntax) : undefined;
    const peerRequests = mayRequest && (role?.scu ?? true);
    const peerAnswers = (role?.scp ?? false) && services.has('retrieve');
    if (!peerRequests && !peerAnswers) return CONTEXT.userRejection;
    const chooseForInstances = peerRequests ? chooseForStorage : chooseForRetrieval;
    const choose = service === 'store' ? chooseForInstances : chooseForIdentifiers;
    const transferSyntax = choose(transferSyntaxes);
    if (transferSyntax === undefined) return CONTEXT.transferSyntaxes;
    if (role) roles.set(abstractSyntax, { sopClassUid: abstractSyntax, scu: peerRequests, scp: peerAnswers });
    accepted.set(id, { id, service, abstractSyntax, transferSyntax, peerRequests, peerAnswers });
    return CONTEXT.accepted;
  };
  const answers = request.contexts.map((context) => {
    const result = answer(context);
    // A refused context names a syntax that nobody looks at; its length must still be right.
    const transferSyntax =
      accepted.get(context.id)?.transferSyntax ?? (context.transferSyntaxes[0] as string);
    return { id: context.id, result, transferSyntax };
  });
  return { answers, roles: [...roles.values()], accepted };
};
