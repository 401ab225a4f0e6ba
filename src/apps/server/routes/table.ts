import type { Database } from '../../../adapters/postgres/database.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CardLinks } from '../../flows/card/card-link.ts';
import type { CheckFlows } from '../flows-port.ts';
import type { Metrics } from '../metrics.ts';
import type { Route } from '../route.ts';
import { correctionPageRoutes } from './correction-pages.ts';
import { type CorrectionFlows, correctionRoutes } from './corrections.ts';
import { fhirConsentRoutes } from './fhir-consents.ts';
import { consentPageRoutes } from './consent-pages.ts';
import { consentRoutes } from './consents.ts';
import { consultationOpinionRoutes, type OpinionFlows } from './consultation-opinions.ts';
import type { ConsentFlows } from './consents-port.ts';
import { ownCorrectionRoutes } from './own-corrections.ts';
import { type AnswerReview, answerReviewRoutes } from './answer-review.ts';
import { type CdsHooks, cdsHookRoutes } from './cds-hooks.ts';
import { consoleRoutes } from './console.ts';
import type { ConsoleFlows } from './console-port.ts';
import { cardRoutes } from './card.ts';
import { cardCorrectionRoutes } from './card-corrections.ts';
import type { CardFlows } from './card-port.ts';
import { dicomWebRoutes } from './dicom-web.ts';
import type { DicomWeb } from './dicom-web-port.ts';
import { imageHoldRoutes } from './image-holds.ts';
import type { ImageHolds } from './image-holds-port.ts';
import { imageKeepingRoutes } from './image-keeping.ts';
import type { ImageKeeping } from './image-keeping-port.ts';
import { imageReceptionRoutes } from './image-reception.ts';
import type { ImageReceptionFlow } from './image-reception-port.ts';
import { studyMatchRoutes } from './study-matches.ts';
import type { StudyMatches } from './study-matches-port.ts';
import { documentRoutes } from './document.ts';
import { type DepartmentWork, departmentWorkRoutes } from './department-work.ts';
import { type EmergencyFlows, emergencyRoutes } from './emergency-access.ts';
import { fhirRoutes } from './fhir.ts';
import type { FhirFlows } from './fhir-port.ts';
import { type ReadinessProbe, healthRoutes } from './health.ts';
import type { NoticeFlows } from '../notices-port.ts';
import { noticeRoutes } from './notices.ts';
import { type ApplicationPages, applicationRoutes } from './applications.ts';
import { orderCheckRoutes } from './order-checks.ts';
import { orderPageRoutes } from './order-pages.ts';
import { oversightRoutes } from './oversight.ts';
import type { OversightFlows } from './oversight-port.ts';
import { type PatientSuppliedFlows, patientSuppliedRoutes } from './patient-supplied.ts';
import { passedViewingRoutes } from './passed-viewing.ts';
import type { PassedViewing } from './passed-viewing-port.ts';
import { passedCarryRoutes, studyCarryRoutes } from './study-carry.ts';
import type { SignedInCarrying } from './study-carry-port.ts';
import { studyViewRoutes } from './study-view.ts';
import type { StudyViewing } from './study-view-port.ts';
import { ownDataRoutes } from './own-data.ts';
import { deskRoutes } from './desk.ts';
import type { DeskFlows } from './desk-port.ts';
import type { OwnDataFlows } from './own-data-port.ts';
import { shareRoutes } from './shares.ts';
import { type OwnAccessLog, ownAccessLogRoutes } from './own-access-log.ts';
import { patientPageRoutes } from './patient-pages.ts';
import { type AuditEvents, auditEventRoutes } from './audit-events.ts';
import { privacyRoutes } from './privacy.ts';
import type { PrivacyDesk } from './privacy-port.ts';
import { type HistoryFlows, resultHistoryRoutes } from './result-history.ts';
import { ownAccountRoutes } from './own-account.ts';
import type { OwnAccountFlows } from './own-account-port.ts';
import { type SignInPages, signInRoutes } from './sign-in.ts';
import { soapRoutes } from './soap.ts';
import { patientAppRoutes, webAppRoutes } from './web-apps.ts';

/** Everything the server calls. */
export type ServerFlows = CheckFlows & HistoryFlows;

/** What the routes work with. */
export interface RouteDependencies {
  readonly database: Database;
  readonly flows: ServerFlows;
  readonly cardLinks: CardLinks;
  readonly cards: CardFlows;
  readonly consents: ConsentFlows;
  readonly corrections: CorrectionFlows;
  readonly answerReview: AnswerReview;
  /** Work by department and doctor; absent where no checks are kept. */
  readonly departmentWork?: DepartmentWork;
  readonly cdsHooks: CdsHooks;
  readonly signIn: SignInPages['signIn'];
  readonly ownAccount: OwnAccountFlows;
  readonly issuers: SignInPages['issuers'];
  readonly outside: SignInPages['outside'];
  /** SMART apps; absent where none are let in. */
  readonly apps?: Omit<ApplicationPages, 'flows'>;
  /** The institution console; absent where no messages are taken. */
  readonly console?: ConsoleFlows;
  /** DICOMweb; absent where no images are kept. */
  readonly dicomWeb?: DicomWeb;
  /** The worklist of studies that belong to nobody; absent where no images are kept. */
  readonly studyMatches?: StudyMatches;
  /** Cases of images that are kept and not shown; absent where no images are kept. */
  readonly imageHolds?: ImageHolds;
  readonly imageKeeping?: ImageKeeping;
  /** How images come in; absent where none are kept. */
  readonly imageReception?: ImageReceptionFlow;
  /** The FHIR interface; absent where results are not read by programs. */
  readonly fhir?: FhirFlows;
  readonly notices: NoticeFlows;
  /** Opinions beside reports; absent where no reports are shown. */
  readonly opinions?: OpinionFlows;
  /** The authority's cases; absent where there is no authority to look into anything. */
  readonly oversight?: OversightFlows;
  readonly patientSupplied: PatientSuppliedFlows;
  /** Emergency access; absent where no results are shown. */
  readonly emergency?: EmergencyFlows;
  /** The privacy officer's work; absent where no results are shown. */
  readonly privacy?: PrivacyDesk;
  /** The access log by FHIR; absent where no results are shown. */
  readonly auditEvents?: AuditEvents;
  /** 谁看过我的结果; absent where no patient signs in. */
  readonly ownAccessLog?: OwnAccessLog;
  /** Patients' own data; absent where no patient signs in. */
  readonly ownData?: OwnDataFlows;
  /** Original images; absent where none are kept. */
  readonly studies?: StudyViewing;
  /** Downloads of studies; absent where no images are kept. */
  readonly carrying?: SignedInCarrying;
  /** Original images for those without a session; absent where none are kept. */
  readonly passedViewing?: PassedViewing;
  /** The desk for patients without a phone; absent where no patient's own data are served. */
  readonly desk?: DeskFlows;
  readonly clock: Clock;
  readonly newId: () => PublicId;
  readonly probes: readonly ReadinessProbe[];
  readonly metrics: Metrics;
  /** Address at which callers reach us where that is not the one we listen on, without a slash at the end. */
  readonly publicUrl?: string;
}

/** Every route of the HTTP role. There is no other way to answer a request. */
export const routeTable = (dependencies: RouteDependencies): readonly Route[] => {
  const { flows, cardLinks, metrics, clock } = dependencies;
  const routes: Route[] = [];
  routes.push(
    ...healthRoutes(dependencies),
    ...documentRoutes(() => routes),
    ...signInRoutes(dependencies),
    ...ownAccountRoutes(dependencies),
    ...(dependencies.apps ? applicationRoutes({ ...dependencies.apps, flows }) : []),
    ...webAppRoutes(flows),
    ...orderCheckRoutes(flows, metrics, cardLinks),
    ...(dependencies.opinions ? consultationOpinionRoutes(dependencies.opinions) : []),
    ...soapRoutes(dependencies),
    ...(dependencies.dicomWeb ? dicomWebRoutes(dependencies.dicomWeb) : []),
    ...(dependencies.studyMatches ? studyMatchRoutes(dependencies.studyMatches, clock) : []),
    ...(dependencies.imageHolds ? imageHoldRoutes(dependencies.imageHolds, clock) : []),
    ...(dependencies.imageKeeping ? imageKeepingRoutes(dependencies.imageKeeping) : []),
    ...(dependencies.imageReception ? imageReceptionRoutes(dependencies.imageReception) : []),
    ...(dependencies.fhir ? fhirRoutes(dependencies.fhir) : []),
    ...resultHistoryRoutes(flows),
    ...consentRoutes(dependencies.consents),
    ...fhirConsentRoutes(dependencies.consents),
    ...consentPageRoutes(dependencies.consents, flows, clock),
    ...answerReviewRoutes(dependencies.answerReview),
    ...(dependencies.departmentWork ? departmentWorkRoutes(dependencies.departmentWork, clock) : []),
    ...cdsHookRoutes(dependencies.cdsHooks, metrics),
    ...(dependencies.console ? consoleRoutes(dependencies.console) : []),
    ...(dependencies.ownData
      ? [
          ...patientAppRoutes(),
          ...ownDataRoutes(dependencies.ownData),
          ...shareRoutes(dependencies.ownData, dependencies.passedViewing),
          ...ownCorrectionRoutes(dependencies.corrections.patients),
        ]
      : []),
    ...(dependencies.studies ? studyViewRoutes(dependencies.studies) : []),
    ...(dependencies.passedViewing
      ? [
          ...passedViewingRoutes(dependencies.passedViewing, flows),
          ...passedCarryRoutes(dependencies.passedViewing),
        ]
      : []),
    ...(dependencies.carrying ? studyCarryRoutes(dependencies.carrying) : []),
    ...(dependencies.desk ? deskRoutes(dependencies.desk, flows, clock) : []),
    ...patientPageRoutes(flows, dependencies.corrections, clock),
    ...orderPageRoutes(flows, dependencies.consents, dependencies.emergency, metrics, clock),
    ...correctionRoutes(dependencies.corrections),
    ...correctionPageRoutes(dependencies.corrections, flows, clock),
    ...cardRoutes(flows, dependencies.cards, dependencies.consents, clock),
    ...cardCorrectionRoutes(flows, dependencies.corrections, clock),
    ...noticeRoutes(dependencies.notices, clock),
    ...(dependencies.oversight ? oversightRoutes(dependencies.oversight, clock) : []),
    ...(dependencies.emergency ? emergencyRoutes(dependencies.emergency, flows, clock) : []),
    ...(dependencies.privacy ? privacyRoutes(dependencies.privacy, clock) : []),
    ...(dependencies.auditEvents ? auditEventRoutes(dependencies.auditEvents) : []),
    ...(dependencies.ownAccessLog ? ownAccessLogRoutes(dependencies.ownAccessLog) : []),
    ...patientSuppliedRoutes(dependencies.patientSupplied, flows, clock),
  );
  return routes;
};
