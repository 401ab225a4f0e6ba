import { STAFF_ROLES } from '../organisation/index.ts';
import type { Holder } from './holder.ts';
import type { AccessPurpose } from './purpose.ts';

/**
 * How far a right reaches. own-check: the one order check a token names. own-institution: what the holder's institution
 * made, received or asked for. patient-in-care: any person the holder's institution treats or is about to order for; what
 * is shown of other institutions is then a matter of consent. self: the person's own data and those of whom they act for.
 * opened-case: what a case names that was opened, approved and is recorded. counts: numbers, nobody identified. platform:
 * technical data of the installation, no results. own-session: only that one is signed in.
 */
export const REACHES = [
  'own-session',
  'own-check',
  'own-institution',
  'patient-in-care',
  'self',
  'opened-case',
  'counts',
  'platform',
] as const;

/** One of `REACHES`. */
export type Reach = (typeof REACHES)[number];

/** One line of the policy: who may do what to what, for which purpose, and how far that reaches. */
export interface Grant {
  readonly to: readonly Holder[];
  readonly purpose: AccessPurpose;
  readonly reach: Reach;
}

const DOCTOR = ['doctor'] as const;
const CARE = ['doctor', 'client'] as const;
/** Those who treat, and the registration desk, where a patient is identified and asked before a doctor sees him. */
const DESK = [...CARE, 'registrar'] as const;
/** Those who treat, and apps: of a patient they read that patient's own data, and the log says so. */
const FHIR_READERS = ['doctor', 'client', 'application'] as const;
const ENGINEERS = ['institution-it'] as const;
const OPERATOR = ['operator'] as const;
const REGULATOR = ['regulator'] as const;

/**
 * The whole policy: resource and action, then who holds that right. What is not here is refused. A holder stands under one
 * right once, so that the purpose written into the audit row is never a guess. Operators read no result; a regulator
 * sees counts only, and persons in an opened case (穿透式监管).
 */
export const POLICY = {
  'session:hold': [
    {
      to: STAFF_ROLES,
      purpose: 'operations',
      reach: 'own-session',
    },
    { to: ['patient'], purpose: 'own-data', reach: 'own-session' },
  ],
  'own-sign-in:manage': [
    { to: STAFF_ROLES, purpose: 'operations', reach: 'own-session' },
    { to: ['patient'], purpose: 'own-data', reach: 'own-session' },
  ],
  'clinician-app:open': [{ to: ['doctor', 'medical-affairs'], purpose: 'treatment', reach: 'own-session' }],
  'institution-app:open': [{ to: [...ENGINEERS, ...OPERATOR], purpose: 'operations', reach: 'own-session' }],

  'order-check:create': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'order-check:answer': [{ to: CARE, purpose: 'treatment', reach: 'own-institution' }],
  'order-check:fulfil': [{ to: ['client'], purpose: 'treatment', reach: 'own-institution' }],
  'order-check:read': [
    { to: CARE, purpose: 'treatment', reach: 'own-institution' },
    { to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'application:approve': [
    { to: DOCTOR, purpose: 'treatment', reach: 'patient-in-care' },
    { to: ['patient'], purpose: 'own-data', reach: 'self' },
  ],
  'application:launch': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'card:use': [{ to: ['launched'], purpose: 'treatment', reach: 'own-check' }],
  'card:launch': [{ to: ['client'], purpose: 'treatment', reach: 'own-institution' }],
  'cds-service:call': [{ to: ['client'], purpose: 'treatment', reach: 'patient-in-care' }],
  'soap:call': [{ to: ['client'], purpose: 'treatment', reach: 'patient-in-care' }],

  'person:search': [{ to: DESK, purpose: 'treatment', reach: 'patient-in-care' }],
  'person:read': [
    { to: DESK, purpose: 'treatment', reach: 'patient-in-care' },
    { to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'report:read': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'image:read': [
    { to: FHIR_READERS, purpose: 'treatment', reach: 'patient-in-care' },
    { to: ['patient'], purpose: 'own-data', reach: 'self' },
  ],
  'study-match:work': [
    { to: ['registrar', 'medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'image-hold:work': [
    {
      to: ['registrar', 'medical-affairs', 'institution-it'],
      purpose: 'quality',
      reach: 'own-institution',
    },
  ],
  // Figures and proofs that name no patient.
  'image-keeping:read': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'image:store': [{ to: ['client'], purpose: 'treatment', reach: 'own-institution' }],
  'consultation-opinion:add': [{ to: DOCTOR, purpose: 'treatment', reach: 'patient-in-care' }],
  // One's own, whether or not the patient is still in one's care: what is wrong must not have to stay.
  'consultation-opinion:withdraw': [{ to: DOCTOR, purpose: 'treatment', reach: 'own-institution' }],
  'result-history:read': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'fhir-patient:read': [{ to: FHIR_READERS, purpose: 'treatment', reach: 'patient-in-care' }],
  'fhir-result:read': [{ to: FHIR_READERS, purpose: 'treatment', reach: 'patient-in-care' }],
  'patient-supplied:record': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'patient-supplied:read': [{ to: CARE, purpose: 'treatment', reach: 'patient-in-care' }],
  'emergency-access:open': [{ to: DOCTOR, purpose: 'treatment', reach: 'patient-in-care' }],
  'consent:record': [{ to: DESK, purpose: 'treatment', reach: 'patient-in-care' }],
  'consent:read': [{ to: DESK, purpose: 'treatment', reach: 'patient-in-care' }],
  'own-consent:record': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-consent:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],

  'orderable:list': [{ to: CARE, purpose: 'treatment', reach: 'own-institution' }],
  'order-page:open': [{ to: DOCTOR, purpose: 'treatment', reach: 'patient-in-care' }],

  'notice:make': [{ to: CARE, purpose: 'treatment', reach: 'own-institution' }],
  'notice:read': [
    { to: CARE, purpose: 'treatment', reach: 'own-institution' },
    { to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],

  'recognition:review': [
    { to: DOCTOR, purpose: 'treatment', reach: 'own-institution' },
    { to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'repeat:count': [{ to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' }],
  'department-work:read': [{ to: ['medical-affairs'], purpose: 'quality', reach: 'own-institution' }],

  'correction:submit': [
    { to: CARE, purpose: 'treatment', reach: 'patient-in-care' },
    { to: ['institution-it', 'medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'correction:follow': [
    { to: [...CARE, 'registrar'], purpose: 'treatment', reach: 'own-institution' },
    { to: ['institution-it', 'medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'correction:submit-on-behalf': [{ to: ['registrar'], purpose: 'treatment', reach: 'patient-in-care' }],
  'correction:read': [
    { to: [...CARE, 'registrar'], purpose: 'treatment', reach: 'own-institution' },
    { to: ['institution-it', 'medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],
  'correction-desk:work': [
    { to: ['institution-it', 'medical-affairs'], purpose: 'quality', reach: 'own-institution' },
  ],

  // The request and the course of a case name nobody; only what an approved one shows does.
  'oversight-case:open': [{ to: REGULATOR, purpose: 'oversight', reach: 'counts' }],
  'oversight-case:list': [{ to: REGULATOR, purpose: 'oversight', reach: 'counts' }],
  'oversight-case:decide': [{ to: REGULATOR, purpose: 'oversight', reach: 'counts' }],
  'oversight-case:close': [{ to: REGULATOR, purpose: 'oversight', reach: 'counts' }],
  'oversight-case:read': [{ to: REGULATOR, purpose: 'oversight', reach: 'opened-case' }],

  'own-correction:submit': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-correction:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],

  'console:read': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: OPERATOR, purpose: 'operations', reach: 'platform' },
  ],
  'unknown-sender:read': [{ to: OPERATOR, purpose: 'operations', reach: 'platform' }],
  'message:read': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: OPERATOR, purpose: 'operations', reach: 'platform' },
  ],
  'message:mend': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: OPERATOR, purpose: 'operations', reach: 'platform' },
  ],
  'code-map:read': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: OPERATOR, purpose: 'operations', reach: 'platform' },
  ],
  'code-map:change': [
    { to: ENGINEERS, purpose: 'operations', reach: 'own-institution' },
    { to: OPERATOR, purpose: 'operations', reach: 'platform' },
  ],
  'patient-app:open': [{ to: ['patient'], purpose: 'own-data', reach: 'own-session' }],
  'own-account:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-results:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-notification:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-report:share': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'own-representation:end': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],

  'privacy-case:work': [{ to: ['privacy-officer'], purpose: 'quality', reach: 'own-institution' }],
  'access-log:search': [{ to: ['privacy-officer'], purpose: 'quality', reach: 'own-institution' }],
  'watched-person:keep': [{ to: ['privacy-officer'], purpose: 'quality', reach: 'own-institution' }],
  'access-log:read': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'audit-event:read': [
    { to: ['patient'], purpose: 'own-data', reach: 'self' },
    { to: ['privacy-officer'], purpose: 'quality', reach: 'own-institution' },
  ],
  'access-log:report': [{ to: ['patient'], purpose: 'own-data', reach: 'self' }],
  'desk:open': [{ to: ['registrar'], purpose: 'own-data', reach: 'own-session' }],
  // The institution's own record of a patient at its desk; what is read during it is the patient's own.
  'desk-visit:hold': [{ to: ['registrar'], purpose: 'own-data', reach: 'own-institution' }],

  'metrics:read': [{ to: ['operator', 'client'], purpose: 'operations', reach: 'platform' }],
} as const satisfies Readonly<Record<string, readonly Grant[]>>;

/** Resource and action, as the policy names them. */
export type Right = keyof typeof POLICY;

/** Every right of the policy. */
export const RIGHTS = Object.keys(POLICY) as readonly Right[];

/** The grant by which a holder has a right; null when it is refused. */
export const grantOf = (holder: Holder, right: Right): Grant | null =>
  (POLICY[right] as readonly Grant[]).find(({ to }) => to.includes(holder)) ?? null;

/** Those who hold a right, in the order of the policy. */
export const holdersOf = (right: Right): readonly Holder[] =>
  (POLICY[right] as readonly Grant[]).flatMap(({ to }) => to);

/** What a right may be used for, each purpose once, in the order of the policy. */
export const purposesOf = (right: Right): readonly AccessPurpose[] => [
  ...new Set((POLICY[right] as readonly Grant[]).map(({ purpose }) => purpose)),
];
