/** Lists of a person's page. */
export const LISTS = ['laboratory', 'imaging', 'electrocardiogram', 'pathology', 'other', 'brought'] as const;

/** What the address of a person's page holds: choices and opaque ids, never a name or a number of a patient. */
export interface PersonView {
  readonly list?: (typeof LISTS)[number] | undefined;
  /** Report open in the drawer. */
  readonly report?: string | undefined;
  /** Item whose large chart is open. */
  readonly item?: string | undefined;
  /** Order check that the doctor comes from: for "only what I am ordering". */
  readonly check?: string | undefined;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= 100 ? value : undefined;

/** Reads it out of an address; what is not understood is left out. */
export const personView = (search: Record<string, unknown>): PersonView => {
  const list = LISTS.find((each) => each === search['list']);
  const given = { report: text(search['report']), item: text(search['item']), check: text(search['check']) };
  return {
    ...(list ? { list } : {}),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
};
