import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type {
  InstitutionsAnswer,
  ItemsAnswer,
  MapCodesRequest,
  MappingPreviewAnswer,
  MappingPreviewRequest,
  MessageAnswer,
  MessagesAnswer,
  MessagesQuery,
  MessageTestAnswer,
  MessageTestRequest,
  OverviewAnswer,
  PublishedMapAnswer,
  ReplayRequest,
  ReplayResult,
  RestoreMapRequest,
  UnknownSendersAnswer,
  UnmappedAnswer,
} from '../../../web/wire/console.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/**
 * What the server calls for the institution console (issue of messages, mapping, tests). Everything is about one
 * institution: the actor's own, or for those who operate the platform the one that is named.
 */
export interface ConsoleFlows {
  /** Institutions whose traffic the actor may see. */
  institutions(actor: Actor): Promise<InstitutionsAnswer>;
  overview(
    actor: Actor,
    institution: string | undefined,
    span: 'hour' | 'day' | 'week',
  ): Promise<OverviewAnswer>;
  messages(actor: Actor, query: MessagesQuery): Promise<MessagesAnswer>;
  /** Who sends and is not registered. For those who operate the platform: such a sender belongs to no institution. */
  unknownSenders(): Promise<UnknownSendersAnswer>;
  /** One message with its reading. That it was opened is on record before it is shown. */
  message(actor: Actor, id: string, origin: CallOrigin): Promise<Result<MessageAnswer, Fault>>;
  replay(
    actor: Actor,
    id: string,
    request: ReplayRequest,
    origin: CallOrigin,
  ): Promise<Result<ReplayResult, Fault>>;
  discard(
    actor: Actor,
    id: string,
    reason: string,
    origin: CallOrigin,
  ): Promise<Result<MessageAnswer, Fault>>;
  /** What a message would come to. Nothing of it is kept but that a test was made. */
  test(actor: Actor, request: MessageTestRequest, origin: CallOrigin): Promise<MessageTestAnswer>;
  unmapped(actor: Actor, institution: string | undefined): Promise<UnmappedAnswer>;
  items(search: string): Promise<ItemsAnswer>;
  previewMapping(actor: Actor, request: MappingPreviewRequest): Promise<Result<MappingPreviewAnswer, Fault>>;
  /** Publishes a new version of the institution's code map and gives waiting results their items. */
  mapCodes(
    actor: Actor,
    request: MapCodesRequest,
    origin: CallOrigin,
  ): Promise<Result<PublishedMapAnswer, Fault>>;
  /** Publishes the content of the version before again, under a new name. */
  restoreMap(
    actor: Actor,
    request: RestoreMapRequest,
    origin: CallOrigin,
  ): Promise<Result<PublishedMapAnswer, Fault>>;
}
