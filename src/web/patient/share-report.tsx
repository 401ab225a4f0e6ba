import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { ShareMade } from '../wire/own-data.ts';
import { timeText } from '../words.ts';
import { ownQuery, useAccount, useRestricted, useSubject } from './own.tsx';
import { CouldNotLoad } from './states.tsx';

const Code = ({ made, onRevoked }: { readonly made: ShareMade; readonly onRevoked: () => void }) => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      call(`/api/own/shares/${made.share.id}/revocation`, { body: person === undefined ? {} : { person } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['shares'] });
      onRevoked();
    },
  });
  return (
    <>
      <svg
        className="qr"
        viewBox={`0 0 ${made.qr.size} ${made.qr.size}`}
        role="img"
        aria-label={t('给医生扫的二维码')}
      >
        <rect width={made.qr.size} height={made.qr.size} fill="#fff" />
        <path d={made.qr.path} fill="#000" />
      </svg>
      <p>
        {t('请医生扫一扫。{at} 之前有效，可打开 {n} 次。', {
          at: timeText(made.share.expiresAt),
          n: made.share.openingsMax,
        })}
      </p>
      <p className="address">
        <code>{made.url}</code>
      </p>
      {revoke.error && <CouldNotLoad error={revoke.error} />}
      <p className="acts">
        <Button loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('撤回分享')}
        </Button>
        <Link className="button" to="/me/shares">
          {t('我的分享')}
        </Link>
      </p>
    </>
  );
};

/** What is sent to have something shared. */
type ShareBody =
  | {
      readonly report: string;
      readonly masked: boolean;
      readonly downloads: boolean;
      readonly restricted: boolean;
    }
  | { readonly study: string; readonly downloads: boolean };

const useMakeShare = () => {
  const { person } = useSubject();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ShareBody) =>
      call<ShareMade>('/api/own/shares', { body: { ...body, ...(person === undefined ? {} : { person }) } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['shares', ownQuery(person)] }),
  });
};

/** The code once it is made; before that what there is to choose, how far the code reaches, and the button that makes it. */
const MakeCode = ({
  make,
  body,
  limits,
  children,
}: {
  readonly make: ReturnType<typeof useMakeShare>;
  readonly body: ShareBody;
  /** Said beside the limits of the code. */
  readonly limits?: ReactNode;
  readonly children: ReactNode;
}) => {
  const { t } = useTranslation();
  const { share } = useAccount();
  return (
    <section className="card" aria-labelledby="share-title">
      <h2 id="share-title">{t('分享给医生')}</h2>
      {make.data ? (
        <Code made={make.data} onRevoked={() => make.reset()} />
      ) : (
        <>
          {children}
          <p className="soft">
            {t('二维码 {minutes} 分钟内有效，可打开 {n} 次；每次打开都会记入访问记录，可随时撤回。', {
              minutes: share.minutes,
              n: share.openings,
            })}
            {limits}
          </p>
          {make.error && <CouldNotLoad error={make.error} />}
          <Button block color="primary" loading={make.isPending} onClick={() => make.mutate(body)}>
            {t('生成二维码')}
          </Button>
        </>
      )}
    </section>
  );
};

const Downloads = ({
  checked,
  onChange,
}: {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) => {
  const { t } = useTranslation();
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      {t('允许对方下载影像（带姓名和号码，下载后无法撤回）')}
    </label>
  );
};

/** 分享给医生: one report by a code that is soon worth nothing. */
export const ShareReport = ({
  report,
  hasImages,
}: {
  readonly report: string;
  /** Whether its kind of report has images that could be taken along. */
  readonly hasImages: boolean;
}) => {
  const { t } = useTranslation();
  const [restricted] = useRestricted();
  const [masked, setMasked] = useState(true);
  const [downloads, setDownloads] = useState(false);
  const make = useMakeShare();
  return (
    <MakeCode
      make={make}
      body={{ report, masked, downloads: downloads && !masked, restricted: restricted === 'shown' }}
      limits={restricted === 'shown' && t('当前显示的敏感项目也会一并出示。')}
    >
      <fieldset>
        <legend>{t('对方看到的姓名')}</legend>
        <label>
          <input type="radio" name="masked" checked={masked} onChange={() => setMasked(true)} />
          {t('只显示姓氏，不显示号码')}
        </label>
        <label>
          <input type="radio" name="masked" checked={!masked} onChange={() => setMasked(false)} />
          {t('显示全名')}
        </label>
      </fieldset>
      {hasImages && masked && (
        <p className="note">
          {t('这样分享时，对方看不到影像：原始图像里带有姓名。要给对方看影像，请选“显示全名”。')}
        </p>
      )}
      {hasImages && !masked && <Downloads checked={downloads} onChange={setDownloads} />}
    </MakeCode>
  );
};

/** 分享给医生: the images of one study that has no report. They carry the name, so there is none to leave out. */
export const ShareStudy = ({ study }: { readonly study: string }) => {
  const { t } = useTranslation();
  const [downloads, setDownloads] = useState(false);
  const make = useMakeShare();
  return (
    <MakeCode make={make} body={{ study, downloads }}>
      <p>{t('只分享这次检查的影像；以后收到的报告不会随这次分享给对方看。')}</p>
      <p className="note">{t('原始图像里带有姓名：对方会看到全名、性别和出生日期。')}</p>
      <Downloads checked={downloads} onChange={setDownloads} />
    </MakeCode>
  );
};
