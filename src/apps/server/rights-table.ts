import {
  type AccessPurpose,
  grantOf,
  HOLDERS,
  type Holder,
  POLICY,
  type Reach,
  type Right,
  RIGHTS,
} from '../../access/index.ts';
import { CLIENT_PURPOSES, type ClientPurpose } from '../../organisation/index.ts';
import { canKnock, rightOf } from './actor.ts';
import type { Route } from './route.ts';

/** Somebody who calls a route: nobody in particular, or a holder of the policy; systems by what they are registered for. */
export interface Caller {
  /** `nobody`, the holder, or `client:` and the purpose. */
  readonly name: string;
  readonly holder: Holder | null;
  /** null: of whom the policy asks no purpose of their own. */
  readonly registeredFor: ClientPurpose | null;
}

/** Everybody who can call a route. */
export const CALLERS: readonly Caller[] = [
  { name: 'nobody', holder: null, registeredFor: null },
  ...HOLDERS.flatMap((holder): readonly Caller[] =>
    holder === 'client'
      ? CLIENT_PURPOSES.map((purpose) => ({ name: `client:${purpose}`, holder, registeredFor: purpose }))
      : [{ name: holder, holder, registeredFor: null }],
  ),
];

/** How a caller may use a route: by everybody's right, by a grant, or not at all. */
export type Admission = { readonly purpose: AccessPurpose; readonly reach: Reach } | 'everybody' | null;

/** What the policy gives a caller on a route. */
export const admissionOf = ({ holder, registeredFor }: Caller, route: Route): Admission => {
  const right = rightOf(route);
  if (right === null) return 'everybody';
  if (holder === null || !canKnock(holder, route)) return null;
  const grant = grantOf(holder, right);
  if (!grant || (registeredFor !== null && registeredFor !== grant.purpose)) return null;
  return { purpose: grant.purpose, reach: grant.reach };
};

const LETTERS: Readonly<Record<AccessPurpose, string>> = {
  treatment: 'T',
  quality: 'Q',
  oversight: 'V',
  'own-data': 'D',
  operations: 'O',
};

const letterOf = (admission: Admission): string => {
  if (admission === null) return '';
  return admission === 'everybody' ? '✓' : LETTERS[admission.purpose];
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const addressOf = ({ method, path }: Route): string => `${path} ${method}`;

const routeRows = (routes: readonly Route[]): readonly string[] =>
  routes
    .toSorted((one, other) => (addressOf(one) < addressOf(other) ? -1 : 1))
    .map((route) =>
      row([
        `\`${route.method} ${route.path}\``,
        rightOf(route) ?? 'everybody',
        ...CALLERS.map((caller) => letterOf(admissionOf(caller, route))),
      ]),
    );

const policyRows = (): readonly string[] =>
  RIGHTS.flatMap((right: Right) =>
    POLICY[right].map(({ to, purpose, reach }) => row([right, to.join(', '), purpose, reach])),
  );

/** `docs/rights.md`: who may call which route, and the policy behind it. */
export const rightsDocument = (routes: readonly Route[]): string =>
  [
    '# Who may do what',
    '',
    'Written by `npm run rights` from the route table and `src/access/policy.ts`; one test compares it with both, another',
    'calls every route as everybody and compares what happens with this table (`test/system/rights.test.ts`).',
    '',
    '## Routes',
    '',
    'The letter is the purpose that the audit row of such a call names: `T` treatment, `Q` quality of the own',
    "institution's work, `V` oversight, `D` own data, `O` operations; `✓` everybody. An empty cell is refused: 401 where",
    'nobody is known, 403 otherwise. Being let in is not yet reaching what is asked for: how far a right reaches is below.',
    '',
    row(['route', 'right', ...CALLERS.map(({ name }) => name)]),
    row(['---', '---', ...CALLERS.map(() => '---')]),
    ...routeRows(routes),
    '',
    '## Policy',
    '',
    'What is not here is refused. `src/access/reach.ts` decides what a reach reaches.',
    '',
    row(['right', 'holders', 'purpose', 'reach']),
    row(['---', '---', '---', '---']),
    ...policyRows(),
    '',
  ].join('\n');
