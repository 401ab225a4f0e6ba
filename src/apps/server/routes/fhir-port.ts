import type { FhirResource } from '../../../adapters/fhir/result-resources.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { Actor, ApplicationActor, CallOrigin } from '../flows-port.ts';

/** Who may call the FHIR interface: a doctor, a hospital's system, or an app with a token. */
export type FhirActor = Actor | ApplicationActor;

/** A code with the system it is of; null: of any. */
export interface SearchedToken {
  readonly system: string | null;
  readonly code: string;
}

/** Moments that a search asks for: from the first on, before the second; null: open on that side. */
export interface SearchedSpan {
  readonly from: Instant | null;
  readonly before: Instant | null;
}

/** What a search for results asks for. */
export interface ResultSearch {
  readonly patient: string;
  /** Any of them; empty: all. */
  readonly categories: readonly string[];
  readonly codes: readonly SearchedToken[];
  /** By what results are ordered: collected, else received, else reported. All of them. */
  readonly spans: readonly SearchedSpan[];
  /** Of the last change. All of them. */
  readonly updated: readonly SearchedSpan[];
  /** Ids, any of them; null: all. */
  readonly ids: readonly string[] | null;
  readonly count: number;
  readonly offset: number;
  readonly includes: readonly string[];
  /** Address of the search without its cursor, for the links of the answer. */
  readonly address: string;
  /** Base address of the interface. */
  readonly base: string;
}

/** What a search for studies asks for. */
export interface StudySearch {
  /** null: the study UID alone says whose. */
  readonly patient: string | null;
  /** Any of them; empty: all. */
  readonly identifiers: readonly SearchedToken[];
  readonly statuses: readonly string[];
  readonly modalities: readonly string[];
  /** Of the beginning of the study. All of them. */
  readonly spans: readonly SearchedSpan[];
  readonly updated: readonly SearchedSpan[];
  /** Ids, any of them; null: all. */
  readonly ids: readonly string[] | null;
  readonly count: number;
  readonly offset: number;
  readonly includes: readonly string[];
  /** Address of the search without its cursor, and base address of the interface. */
  readonly address: string;
  readonly base: string;
}

/** What `$everything` of a person asks for. */
export interface EverythingSearch {
  readonly types: readonly ('Patient' | 'Observation' | 'DiagnosticReport' | 'ImagingStudy')[];
  readonly spans: readonly SearchedSpan[];
  readonly count: number;
  readonly offset: number;
  /** Address without its cursor, and base address of the interface. */
  readonly address: string;
  readonly base: string;
}

/** The FHIR R4 read interface. What is not the actor's to see is answered exactly like what is not there. */
export interface FhirFlows {
  readPatient(actor: FhirActor, id: string, origin: CallOrigin): Promise<Result<FhirResource, Fault>>;
  searchPatients(
    actor: FhirActor,
    identifier: SearchedToken,
    base: string,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
  read(
    actor: FhirActor,
    type: 'Observation' | 'DiagnosticReport',
    id: string,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
  search(
    actor: FhirActor,
    type: 'Observation' | 'DiagnosticReport',
    search: ResultSearch,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
  /** A study with all its instances. */
  readStudy(actor: FhirActor, id: string, origin: CallOrigin): Promise<Result<FhirResource, Fault>>;
  /** Where images are read. It is about nobody. @param base address of the interface */
  readEndpoint(id: string, base: string): Result<FhirResource, Fault>;
  /** Studies with the number of images in their series; their instances are told by reading one. */
  searchStudies(
    actor: FhirActor,
    search: StudySearch,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
  /** The person, and the studies, reports and results that the actor may see, page by page: those types an app has no scope for are left out. */
  everything(
    actor: FhirActor,
    id: string,
    search: EverythingSearch,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
}
