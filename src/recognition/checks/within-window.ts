import { windowState } from '../../catalogue/index.ts';
import { defineCheck, found, windowData, type ZoneFacts } from './check.ts';

/**
 * Is the reference window (参考时限) of the zone's list still open? It runs from collection or examination; from the
 * receipt in the laboratory only where the list allows it; never from the report. Where only the day of collection is
 * known, the window must hold for its first moment. An item without a window is never proposed by itself.
 */
export const withinWindow = defineCheck({
  code: 'within-window',
  findings: {
    'in-window': 'pass',
    'in-window-by-receipt': 'pass',
    'window-passed': 'fail',
    'no-window': 'fail',
    'window-undecided': 'unknown',
    'collection-time-missing': 'unknown',
    'collected-in-the-future': 'unknown',
  },
  look: ({ candidate, listed, anchor, at }: ZoneFacts) => {
    const { row, citation } = listed;
    if (row.window === null) return found('no-window', undefined, citation);
    const window = windowData(row.window);
    if (anchor === null)
      return found('collection-time-missing', { window, receivedAt: candidate.receivedAt }, citation);
    const { state, until } = windowState(row.window, anchor.at, anchor.precision, at);
    const data = { window, anchoredAt: anchor.at, precision: anchor.precision, basis: anchor.basis, until };
    switch (state) {
      case 'within':
        return anchor.basis === 'received'
          ? found('in-window-by-receipt', data, citation)
          : found('in-window', data, citation);
      case 'passed':
        return found('window-passed', data, citation);
      case 'undecided':
        return found('window-undecided', data, citation);
      case 'not-begun':
        return found('collected-in-the-future', data, citation);
    }
  },
});
