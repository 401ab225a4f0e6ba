import { useTranslation } from 'react-i18next';
import type { HistoryPoint } from '../../kit/history.ts';
import { changeText } from '../words.ts';

/** Why a claim about variation is not yet to be relied on. */
const DRAFT_WORDS = '变异数据目录为草案，仅供参考';

/** True for a value of which it is claimed, by a draft, that its change is within or beyond variation. */
export const isDraftClaim = ({ change }: HistoryPoint): boolean =>
  change !== null && change.exceeds !== null && change.isDraft;

/** What the mark means, in a line of its own for whoever cannot point at it. */
export const DraftNote = () => {
  const { t } = useTranslation();
  return (
    <p className="sub">
      <small className="state">{t('草案')}</small> {t(DRAFT_WORDS)}
    </p>
  );
};

/** The change against the value before; a claim about variation bears the mark of a draft as long as its data is one. */
export const Change = ({ point, none = '' }: { readonly point: HistoryPoint; readonly none?: string }) => {
  const { t } = useTranslation();
  return (
    <>
      {changeText(t, point) || none}
      {isDraftClaim(point) && (
        <small className="state draft" title={t(DRAFT_WORDS)}>
          {t('草案')}
          <span className="unseen">：{t(DRAFT_WORDS)}</span>
        </small>
      )}
    </>
  );
};
