import type { Json } from './openapi-papers.ts';

/** One operation of the published document. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly 'x-right'?: string;
  readonly 'x-holders'?: readonly string[];
  readonly 'x-purposes'?: readonly string[];
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Json }[];
  readonly requestBody?: { readonly content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}

/** The published document, as far as the tests read it. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
}
