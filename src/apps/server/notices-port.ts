import type { Fault } from '../../kernel/fault.ts';
import type { Result } from '../../kernel/result.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { NoticePaper, PublicNotice } from '../../web/notice-pages.ts';
import type { NoticeAnswer, NoticeDraft, NoticeList, NoticeRequest } from '../../web/wire/notice.ts';
import type { Actor, CallOrigin } from './flows-port.ts';

/** Notices to patients: 检查检验结果未予互认告知单. */
export interface NoticeFlows {
  /** What the notice about a line would say, with the blanks that the doctor confirms. */
  draft(actor: Actor, check: PublicId, line: number, origin: CallOrigin): Promise<Result<NoticeDraft, Fault>>;
  /** Makes a notice. The same asked again is the same notice; other words make another version. */
  make(
    actor: Actor,
    check: PublicId,
    request: NoticeRequest,
    origin: CallOrigin,
  ): Promise<Result<NoticeAnswer, Fault>>;
  ofCheck(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<NoticeList, Fault>>;
  read(actor: Actor, notice: PublicId, origin: CallOrigin): Promise<Result<NoticeAnswer, Fault>>;
  /** The paper as it will be, on a screen: nothing is counted, and it says that it is none. */
  preview(actor: Actor, notice: PublicId, origin: CallOrigin): Promise<Result<NoticePaper, Fault>>;
  /** One more paper, counted: the original first, then copies. */
  print(actor: Actor, notice: PublicId, origin: CallOrigin): Promise<Result<NoticePaper, Fault>>;
  /** One more paper as a PDF, counted as well. */
  pdf(actor: Actor, notice: PublicId, origin: CallOrigin): Promise<Result<Uint8Array, Fault>>;
  /** For whoever holds the paper: whether it is genuine, and what it says. null when no notice has this token. */
  byToken(token: string, view: 'verify' | 'read', origin: CallOrigin): Promise<PublicNotice | null>;
}
