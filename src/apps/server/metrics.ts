import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What the process counts, in Prometheus form. Labels are routes and outcomes, never anything about a person. */
export interface Metrics {
  readonly requestDuration: Histogram<'method' | 'route' | 'status'>;
  /** Order checks by outcome: `checked`, `not-checked`, `refused`. */
  readonly orderChecks: Counter<'outcome'>;
  /** Messages received by outcome: `accepted`, `duplicate`, `quarantined`, `refused`. */
  readonly ingest: Counter<'outcome'>;
  /** DICOM associations by outcome: `accepted`, a rejection or a violation by its word, or how else they ended. */
  readonly associations: Counter<'outcome'>;
  /** Instances received by C-STORE, by status (hexadecimal). */
  readonly instances: Counter<'status'>;
  /** The exposition text. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** A fresh set of metrics with the process's own (memory, CPU, event loop). */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    requestDuration: new Histogram({
      name: 'huren_http_request_duration_seconds',
      help: 'Time from the request to the end of the answer, by declared route',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    orderChecks: new Counter({
      name: 'huren_order_checks_total',
      help: 'Order checks by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    ingest: new Counter({
      name: 'huren_messages_total',
      help: 'Messages received by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    associations: new Counter({
      name: 'huren_dicom_associations_total',
      help: 'DICOM associations by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    instances: new Counter({
      name: 'huren_dicom_instances_total',
      help: 'Instances received by C-STORE, by status',
      labelNames: ['status'],
      registers: [registry],
    }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
};
