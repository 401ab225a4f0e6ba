import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Right, ScopedInteraction, ScopedResource } from '../../access/index.ts';
import type { Bilingual } from '../../kernel/bilingual.ts';
import type { Fault, FaultDefinition } from '../../kernel/fault.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Html } from '../../web/html.ts';
import type {
  Actor,
  ApplicationActor,
  CallOrigin,
  ClientActor,
  LaunchedActor,
  PatientActor,
  StaffActor,
} from './flows-port.ts';

/** Who may call. Everything that is not public needs an actor; a route without this does not compile. */
export type Access =
  | { readonly kind: 'public' }
  /** Whoever holds this right of the policy (`src/access/policy.ts`); pages are for people only, not for systems. */
  | { readonly kind: 'right'; readonly right: Right }
  /** A patient for own data and those of persons they act for; staff and systems never. */
  | { readonly kind: 'own'; readonly right: Right }
  /** Whoever is signed in and holds this right, staff or patient; no system. */
  | { readonly kind: 'signed-in'; readonly right: Right }
  /** Whoever holds this right, staff, systems and patients alike, apps where it names a scope: what is theirs to see is for the flow to say. */
  | { readonly kind: 'holder'; readonly right: Right }
  /** Only whoever brings a card token in the path parameter `token`: the doctor whom a client let into one check. */
  | { readonly kind: 'card' }
  /** Only an address that a client signed for one launch: the client is the actor. */
  | { readonly kind: 'launch' };

/** How much and how often. */
export interface Limits {
  readonly bodyBytes: number;
  /** Calls a minute for one actor, or one address where there is no actor. */
  readonly perMinute: number;
}

/**
 * Where a route belongs: `api` speaks JSON, `page` HTML with forms, `soap` XML whose bytes its own adapter reads,
 * `fhir` FHIR R4 with searches as forms, `plain` none of them (style sheet, metrics).
 */
export type Surface = 'api' | 'fhir' | 'page' | 'soap' | 'plain';

/** A body that the route's own adapter reads: nothing of it is decoded before. */
export interface RawBody {
  readonly mediaTypes: readonly string[];
  /** For the published document. */
  readonly description: string;
  /** True where it is read while it comes in: `rawStream` of the call instead of `rawBody`. */
  readonly isStream?: true;
}

/** Bytes with the media type they travel under. */
export interface WordedBytes {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One answer a route can give, for the published document. Problems are added by the document itself. */
export interface AnswerShape {
  readonly status: number;
  readonly description: string;
  readonly mediaType:
    | 'application/json'
    | 'application/fhir+json'
    | 'application/jwk-set+json'
    | 'text/html'
    | 'text/css'
    | 'text/csv'
    | 'image/svg+xml'
    | 'text/javascript'
    | 'text/plain'
    | 'text/xml'
    | 'application/pdf'
    | 'application/octet-stream'
    | 'application/dicom'
    | 'application/dicom+json'
    | 'application/zip'
    | 'multipart/related'
    | 'image/jpeg'
    | 'image/dicom-rle'
    | 'image/jls'
    | 'image/jp2'
    | 'image/jphc'
    | 'image/png'
    | 'video/mp4'
    | 'none';
  readonly schema?: z.ZodType;
}

/** What a handler answers. */
export type Answer = (
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'page'; readonly status: number; readonly page: Html }
  | { readonly kind: 'text'; readonly status: number; readonly mediaType: string; readonly text: string }
  | {
      readonly kind: 'bytes';
      readonly status: number;
      readonly mediaType: string;
      readonly bytes: Uint8Array;
      /** ASCII; offered when somebody saves it. Names nobody. */
      readonly fileName?: string;
    }
  | {
      readonly kind: 'stream';
      readonly status: number;
      readonly mediaType: string;
      /** Read while it is sent; an error in the middle cuts the answer off. */
      readonly pieces: AsyncIterable<Uint8Array>;
      /** In bytes, where it is known before. */
      readonly length: number | null;
    }
  | {
      /** Bytes that are in memory, one behind the other. They are the answer's alone, and given back when they were sent. */
      readonly kind: 'parts';
      readonly status: number;
      readonly mediaType: string;
      readonly parts: readonly Uint8Array[];
    }
  | { readonly kind: 'go'; readonly to: string }
) & {
  /** Headers of this answer; one that `security-headers.ts` also sets counts instead of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Opens or ends the browser's session; only the gate in `actor.ts` turns it into cookies. */
  readonly session?:
    | { readonly kind: 'begin'; readonly token: string; readonly expiresAt: Instant }
    | { readonly kind: 'end' };
  /** What went wrong behind an answer that could still be given: logged like a failure, never sent. */
  readonly failed?: Fault;
};

/** What every handler is given. No handler sees the request itself, so none can read a cookie or a header. */
export interface Call<Params, Query, Headers, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  /** The bytes of a `rawBody`; empty where the route takes none. */
  readonly rawBody: Uint8Array;
  /** The body of a streamed `rawBody` while it comes in, with its media type and parameters; null for every other. */
  readonly rawStream: { readonly mediaType: string; readonly pieces: AsyncIterable<Uint8Array> } | null;
  /** Scheme and authority by which the caller reached us, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly origin: CallOrigin;
  /** Whether only the headers of the answer will be sent. */
  readonly isHead: boolean;
  /** The token that every form of the page must carry. */
  readonly formToken: string;
  /** Opaque handle of the browser's present session, for renewing or ending it. */
  readonly sessionToken: string | null;
  /** The request of an app that was begun in this browser, for the page that asks the person; null for none. */
  readonly askedFor: string | null;
}

type Shape = z.ZodType | undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** Input shapes of a route; an absent one must not be sent. */
export interface InputShapes<P extends Shape, Q extends Shape, H extends Shape, B extends Shape> {
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly body?: B;
}

/** What the caller of a failed route is told with status 200 instead of a problem, in the language it asks for. */
export type FailureAnswer = (acceptLanguage: string | undefined) => unknown;

interface Declaration<P extends Shape, Q extends Shape, H extends Shape, B extends Shape> {
  readonly operationId: string;
  readonly method: 'GET' | 'POST';
  /** Path with parameters as `{name}`. */
  readonly path: string;
  readonly surface: Surface;
  readonly summary: Bilingual;
  readonly limits: Limits;
  /**
   * What a caller proves itself by. Absent: a client's key or a session. `signed-token`: a JWT of CDS Hooks; a public
   * route takes calls without one, but refuses a wrong one.
   */
  readonly credential?: 'signed-token';
  /**
   * What a SMART app must have been granted to call this; absent: no app may call it. Beside the right, which the holder
   * `application` needs too.
   */
  readonly scope?: { readonly resource: ScopedResource; readonly interaction: ScopedInteraction };
  /** True when browsers may call it from the origins that clients registered. */
  readonly crossOrigin?: true;
  /**
   * True where a HEAD is answered like the GET, without its body (RFC 9110 §9.3.2): judged, limited and kept in the access log as
   * one, because a status and a length tell something too. Public routes always are.
   */
  readonly answersHead?: true;
  /**
   * Answers on the raw connection instead of `handle`, for the endpoints of the embedded issuer: a library reads and writes
   * them whole. Limits, address and headers are ours all the same.
   */
  readonly passThrough?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly input: InputShapes<P, Q, H, B>;
  /** Instead of `input.body`: the body as bytes. */
  readonly rawBody?: RawBody;
  /** How the callers of this route are told of a refusal; absent: a page, or a problem document. */
  readonly refusal?: (fault: Fault, requestId: string) => WordedBytes;
  readonly answers: readonly AnswerShape[];
  /**
   * True where the body may be `multipart/form-data` with one file: pages with a photo take nothing else, the API takes
   * JSON too. `limits.bodyBytes` then bounds the file.
   */
  readonly upload?: true;
  /** What a caller is told when the route fails by no fault of the caller: "not checked" is never "nothing found". */
  readonly failure?: { readonly code: string; readonly definition: FaultDefinition };
  /** Longest wait before `failure` is answered, in milliseconds, from the arrival of the request. */
  readonly deadlineMs?: number;
  /** Where the caller shows answers to a doctor and problems to nobody: what it shows when the route fails. */
  readonly failureAnswer?: FailureAnswer;
}

type TypedCall<P extends Shape, Q extends Shape, H extends Shape, B extends Shape> = Call<
  Output<P>,
  Output<Q>,
  Output<H>,
  Output<B>
>;

/** A route as the table holds it, its types erased. */
export interface Route extends Declaration<Shape, Shape, Shape, Shape> {
  readonly access: Access;
  readonly handle: (call: Call<never, never, never, never> & { readonly actor: Actor }) => Promise<Answer>;
}

/**
 * Declares a route; what a handler is given is typed by the shapes declared beside it.
 *
 * @typeParam Asked what this kind of route declares beside the rest
 * @typeParam Given what its handler is given beside the input
 */
type Declare<Asked, Given> = <
  P extends Shape = undefined,
  Q extends Shape = undefined,
  H extends Shape = undefined,
  B extends Shape = undefined,
>(
  declaration: Declaration<P, Q, H, B> &
    Asked & { readonly handle: (call: TypedCall<P, Q, H, B> & Given) => Promise<Answer> },
) => Route;

interface AskedOf<Kind extends Access['kind']> {
  readonly access: Extract<Access, { kind: Kind }>;
}

interface GivenTo<Who> {
  readonly actor: Who;
}

const asDeclared = (declaration: unknown): Route => declaration as Route;

const underAccess =
  (access: Access) =>
  (declaration: object): Route =>
    ({ ...declaration, access }) as Route;

/** Declares a route that needs an actor. */
export const route: Declare<AskedOf<'right'>, GivenTo<Actor>> = asDeclared;

/** Declares a route that SMART apps may call too, with the scope they need. */
export const scopedRoute: Declare<
  AskedOf<'right'> & Required<Pick<Route, 'scope'>>,
  GivenTo<Actor | ApplicationActor>
> = asDeclared;

/** Declares a route for whoever is signed in, staff or patient. */
export const signedInRoute: Declare<AskedOf<'signed-in'>, GivenTo<StaffActor | PatientActor>> = asDeclared;

/** Declares a route for every holder of a right, patients included. */
export const holderRoute: Declare<AskedOf<'holder'>, GivenTo<Actor | PatientActor>> = asDeclared;

/** Declares a route for every holder of a right that SMART apps may call too, with the scope they need. */
export const scopedHolderRoute: Declare<
  AskedOf<'holder'> & Required<Pick<Route, 'scope'>>,
  GivenTo<Actor | PatientActor | ApplicationActor>
> = asDeclared;

/** Declares a route of the card. Its actor is the doctor whom the token in the path names. */
export const cardRoute: Declare<object, GivenTo<LaunchedActor>> = underAccess({ kind: 'card' });

/** Declares a route of the patient's own data. Its actor is the patient signed in, and it is for nobody else. */
export const patientRoute: Declare<AskedOf<'own'>, GivenTo<PatientActor>> = asDeclared;

/** Declares the route of signed launch addresses. Its actor is the client that signed. */
export const launchRoute: Declare<object, GivenTo<ClientActor>> = underAccess({ kind: 'launch' });

/** Declares a route for everybody: health, static files, sign-in. Its handler has no actor to ask. */
export const publicRoute: Declare<object, object> = underAccess({ kind: 'public' });

/** Declares a route that a library answers on the raw connection. */
export const passThroughRoute = (
  declaration: Omit<Declaration<undefined, undefined, undefined, undefined>, 'input' | 'surface'> & {
    readonly passThrough: NonNullable<Route['passThrough']>;
  },
): Route => ({
  ...declaration,
  input: {},
  surface: 'plain',
  access: { kind: 'public' },
  handle: () => Promise.reject(new Error('answered on the raw connection')),
});

/** Methods under which a route answers. */
export const methodsOf = ({
  method,
  access,
  answersHead,
}: Pick<Route, 'method' | 'access' | 'answersHead'>): readonly string[] =>
  method === 'GET' && (answersHead || access.kind === 'public') ? ['GET', 'HEAD'] : [method];

/** JSON with status 200 (or another). */
export const json = (body: unknown, status = 200): Answer => ({ kind: 'json', status, body });

/** A page with status 200 (or another). */
export const page = (content: Html, status = 200): Answer => ({ kind: 'page', status, page: content });

/** A file to show or save. */
export const file = (mediaType: string, bytes: Uint8Array, fileName: string): Answer => ({
  kind: 'bytes',
  status: 200,
  mediaType,
  bytes,
  fileName,
});

/** Sends the browser on by GET (303), so that reloading repeats nothing. */
export const goTo = (to: string): Answer => ({ kind: 'go', to });
