/** Reason of an A-ABORT whose source is the service provider (PS3.8 §9.3.8). */
export const ABORT_REASON = {
  notSpecified: 0,
  unrecognizedPdu: 1,
  unexpectedPdu: 2,
  unrecognizedParameter: 4,
  unexpectedParameter: 5,
  invalidParameter: 6,
} as const;

/** One of `ABORT_REASON`. */
export type AbortReason = (typeof ABORT_REASON)[keyof typeof ABORT_REASON];

/** How a peer broke the upper layer protocol or a bound of ours. The association is aborted with the reason. */
export interface Violation {
  readonly reason: AbortReason;
  /** Which rule, in one stable word, for the log and the metrics. */
  readonly rule:
    | 'pdu-type'
    | 'pdu-length'
    | 'pdu-unexpected'
    | 'pdv-length'
    | 'item-length'
    | 'item-missing'
    | 'item-value'
    | 'context-count'
    | 'context-id'
    | 'context-unknown'
    | 'context-mixed'
    | 'data-before-command'
    | 'data-missing'
    | 'command-length'
    | 'command-set'
    | 'object-size'
    | 'identifier-size'
    | 'response-unasked'
    | 'association-timeout'
    | 'idle-timeout';
}

/** Makes a violation. */
export const violation = (
  rule: Violation['rule'],
  reason: AbortReason = ABORT_REASON.invalidParameter,
): Violation => ({ rule, reason });
