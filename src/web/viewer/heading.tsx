import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { imagesSentence, timeText } from '../words.ts';
import { RecallNotice } from './recall-notice.tsx';

const SEX_WORDS = { male: '男', female: '女', unknown: '性别不明', 'not-stated': '' } as const;

/** Whose examination it is, from where, how far it has come, what may stand beside it; and what this screen is not. */
export const Heading = ({
  study,
  hung,
  onPrior,
  openPrior,
  children,
}: {
  readonly study: ViewedStudy;
  /** Whose pictures are on the screen, where one pane shows all: on a phone a prior examination takes the whole of it. */
  readonly hung: ViewedStudy;
  readonly onPrior: (id: string) => void;
  readonly openPrior: string | null;
  /** What else is to be told above the pictures. */
  readonly children?: ReactNode;
}) => {
  const { t, i18n } = useTranslation();
  const { patient, priors, watermark } = study;
  const { institution } = hung;
  return (
    <>
      <header className="heading">
        <h1>
          {patient ? (patient.name ?? t('未登记姓名')) : t('影像')}
          {patient && (
            <span>
              {t(SEX_WORDS[patient.sex])} {patient.birthDate}
            </span>
          )}
        </h1>
        <p className="facts">
          {hung.id !== study.id && <b className="is-prior">{t('既往检查')}</b>}
          <b>{hung.description ?? hung.modalities.join('、')}</b>
          <span>
            {study.audience === 'staff' && (institution.own ? t('本院') : t('外院'))}{' '}
            {i18n.language === 'en' ? institution.nameEn : institution.nameZh}
          </span>
          <span>{hung.studiedAt ?? t('检查时间未注明')}</span>
        </p>
        {hung.state !== 'complete' && (
          <p className="coming" role="status">
            {t(imagesSentence(hung), { n: hung.received, m: hung.announced })}
          </p>
        )}
        <RecallNotice study={study} />
        {children}
        {study.downloadHref && (
          <p className="take">
            <a href={study.downloadHref}>{t('下载影像')}</a>
          </p>
        )}
        {priors.length > 0 && (
          <label className="prior">
            {t('对比')}
            <select
              value={openPrior ?? ''}
              onChange={({ target }) => target.value !== '' && onPrior(target.value)}
            >
              <option value="">{t('选择既往检查（{n}）', { n: priors.length })}</option>
              {priors.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.comparable ? '★ ' : ''}
                  {each.studiedAt?.slice(0, 10) ?? t('日期不详')}{' '}
                  {each.description ?? each.modalities.join('、')}{' '}
                  {i18n.language === 'en' ? each.institution.nameEn : each.institution.nameZh}
                </option>
              ))}
            </select>
          </label>
        )}
      </header>
      <p className="not-calibrated" role="note">
        {study.audience === 'staff'
          ? t('本显示未经诊断校准，仅供调阅；诊断请用经校准的显示器。')
          : t('本显示未经诊断校准，仅供查看，不能用于诊断；结果的含义请咨询医生。')}
        <span className="watermark">
          {watermark.viewer}　{watermark.purpose}　{timeText(watermark.at)}
        </span>
      </p>
      {study.drill && (
        <p className="drill" role="note">
          {t('演练数据：目录、机构与患者均为虚构')}
        </p>
      )}
    </>
  );
};
