/** What a fault code means to the person who meets it. */
export interface FaultDefinition {
  /** HTTP status by which our own API reports it (RFC 9457 problem). */
  readonly status: number;
  /** One sentence in Chinese: what is wrong and what to do. Never contains patient data. */
  readonly zh: string;
  /** The same sentence in English, for integrators. */
  readonly en: string;
}

/**
 * Declares the fault codes of one folder. Every folder that can raise faults has one `faults.ts` that exports the
 * table; a test compares all tables with `docs/errors.md` in both directions.
 */
export const defineFaults = <const Table extends Readonly<Record<string, FaultDefinition>>>(
  table: Table,
): Table => table;

/** Extra, non-personal facts about a fault. Names, document numbers and phones never go in here. */
export interface FaultContext {
  /** Where: a field path, a segment position, a file and line. */
  readonly place?: string;
  /** What to add to the sentence: counts, codes, limits. */
  readonly detail?: string;
  /** What stays in our own logs and never leaves the process. */
  readonly internal?: string;
  readonly cause?: unknown;
}

/** An exceptional condition with a stable code. Expected outcomes are `Result` values, never faults. */
export class Fault extends Error {
  readonly code: string;
  readonly status: number;
  readonly zh: string;
  readonly en: string;
  readonly place: string | undefined;
  readonly detail: string | undefined;
  readonly internal: string | undefined;

  constructor(code: string, definition: FaultDefinition, context: FaultContext = {}) {
    super(
      `${code}${context.place ? ` at ${context.place}` : ''}${context.detail ? `: ${context.detail}` : ''}`,
      {
        cause: context.cause,
      },
    );
    this.name = 'Fault';
    this.code = code;
    this.status = definition.status;
    this.zh = definition.zh;
    this.en = definition.en;
    this.place = context.place;
    this.detail = context.detail;
    this.internal = context.internal;
  }
}

/** Makes the raising function of one table: `const raise = raiser(FAULTS); throw raise('X', {...})`. */
export const raiser =
  <Table extends Readonly<Record<string, FaultDefinition>>>(table: Table) =>
  (code: keyof Table & string, context: FaultContext = {}): Fault =>
    new Fault(code, table[code] as FaultDefinition, context);
