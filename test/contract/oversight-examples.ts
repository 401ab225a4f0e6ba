import { type FormBrowser, signedInBrowser } from '../system/http-server.ts';
import type { REGULATORS } from '../system/real-system.ts';
import type { Example } from './openapi-papers.ts';

const REASON = '患者投诉同一项目在两家医院重复检查，核实当时依据';

/** What a regulator asks for about one order check. */
export const caseAbout = (check: string) => ({
  subject: { kind: 'order-check', reference: check },
  legalBasis: 'complaint',
  reason: REASON,
});

/** Cases that the first of two regulators asked for; the second approved those that are to be read and closed. */
export interface OversightSubject {
  /** The second regulator's, signed in. */
  readonly browser: FormBrowser;
  readonly check: string;
  readonly requested: readonly [string, string];
  readonly approved: readonly [string, string, string];
}

/** Signs both in and asks for the cases. */
export const oversightSubject = async (
  url: string,
  regulators: typeof REGULATORS,
  check: string,
): Promise<OversightSubject> => {
  const first = await signedInBrowser(url, regulators[0]);
  const second = await signedInBrowser(url, regulators[1]);
  const opened = async (): Promise<string> => {
    const answer = await first.postJson('/api/oversight-cases', caseAbout(check));
    return ((await answer.json()) as { readonly id: string }).id;
  };
  const approved = async (): Promise<string> => {
    const id = await opened();
    await second.postJson(`/api/oversight-cases/${id}/decisions`, { approved: true });
    return id;
  };
  return {
    browser: second,
    check,
    requested: [await opened(), await opened()],
    approved: [await approved(), await approved(), await approved()],
  };
};

/** How each operation of the cases is driven by the second regulator. */
export const oversightExamples = ({ check, requested, approved }: OversightSubject) => {
  const as = 'regulator';
  const [open, toClose, toCloseByForm] = approved;
  return {
    openOversightCase: { as, json: caseAbout(check), status: 200 },
    listOversightCases: { as, status: 200 },
    readOversightCase: { as, id: open, status: 200 },
    decideOversightCase: { as, id: requested[0], json: { approved: true, text: '同意' }, status: 200 },
    readOversightCaseSubject: {
      as,
      address: `/api/oversight-cases/${open}/subjects/1`,
      status: 200,
    },
    closeOversightCase: {
      as,
      id: toClose,
      json: { outcome: 'no-fault', text: '当时依据充分，未发现问题' },
      status: 200,
    },
    oversightCasesPage: { as, status: 200 },
    openOversightCasePage: {
      as,
      body: {
        kind: 'order-check',
        reference: check,
        legalBasis: 'complaint',
        reason: REASON,
        days: '3',
      },
      status: 303,
    },
    oversightCasePage: { as, id: open, status: 200 },
    decideOversightCasePage: { as, id: requested[1], body: { approved: 'false', text: '' }, status: 303 },
    oversightCaseSubjectPage: { as, address: `/oversight/cases/${open}/subjects/1`, status: 200 },
    closeOversightCasePage: {
      as,
      id: toCloseByForm,
      body: { outcome: 'rectification', text: '责令该机构整改并限期复查' },
      status: 303,
    },
  } as const satisfies Readonly<Record<string, Example>>;
};
