import type { OrderCheckCandidate } from '../wire/order-check-answer.ts';

type Flag = NonNullable<NonNullable<OrderCheckCandidate['value']>['flag']>;

const FLAG_CLASS: Readonly<Record<Flag, string>> = {
  high: 'high',
  low: 'low',
  abnormal: 'high',
  positive: 'high',
  critical: 'critical',
  'critical-high': 'critical',
  'critical-low': 'critical',
  normal: '',
};

/** Class that repeats in colour and weight what the flag of a value says in words. */
export const flagClass = ({ flag }: { readonly flag: Flag | null }): string =>
  flag === null ? '' : FLAG_CLASS[flag];
