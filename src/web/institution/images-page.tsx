import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { useSession } from '../kit/frame.tsx';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { ImageFigures } from '../wire/image-keeping.ts';
import type { ImageReception } from '../wire/image-reception.ts';
import { useInstitution } from './console-frame.tsx';
import { FigureTable } from './figure-table.tsx';
import { LiveBar, useLive } from './live.tsx';
import { queryText } from './search.ts';
import { timeText, useAgo, useItemName } from './wording.ts';

/** `512 kB`, `1.4 GB`: decimal, as sellers of disks count. */
const bytesText = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
};

const Waiting = ({ reception }: { readonly reception: ImageReception }) => {
  const { t } = useTranslation();
  const session = useSession();
  const words = {
    'other-content': t('同一影像编号，内容不同'),
    'other-series': t('同一影像编号，出现在另一序列或另一项检查'),
    'two-patients': t('同一检查中出现两位患者'),
    unreadable: t('文件无法读取'),
    'wrong-side': t('侧别与报告不一致'),
    'side-not-ordered': t('侧别与申请单不一致'),
  };
  const of = (...reasons: ImageReception['holds'][number]['reason'][]) =>
    reception.holds.filter(({ reason }) => reasons.includes(reason));
  const number = (label: string, holds: ImageReception['holds']) => (
    <div>
      <dt>{label}</dt>
      <dd>
        {session.institution ? (
          <a href="/image-holds">{holds.reduce((sum, { cases }) => sum + cases, 0)}</a>
        ) : (
          holds.reduce((sum, { cases }) => sum + cases, 0)
        )}
      </dd>
      <dd className="note">
        {holds.length === 0
          ? t('没有')
          : holds
              .map(({ reason, instances }) =>
                instances === 0
                  ? words[reason]
                  : t('{what}（{n} 个影像）', { what: words[reason], n: instances }),
              )
              .join('；')}
      </dd>
    </div>
  );
  return (
    <dl className="numbers">
      {number(t('已隔离（待答复）'), of('unreadable'))}
      {number(
        t('互相矛盾（待答复）'),
        of('other-content', 'other-series', 'two-patients', 'wrong-side', 'side-not-ordered'),
      )}
      <div>
        <dt>{t('待归属的检查')}</dt>
        <dd>{reception.unmatched}</dd>
        <dd className="note">{t('由登记处在“待归属影像”中处理')}</dd>
      </div>
      <div>
        <dt>{t('未传完的检查')}</dt>
        <dd>{reception.uploads.length}</dd>
        <dd className="note">{t('近 30 天内开始，最多列出 50 个')}</dd>
      </div>
    </dl>
  );
};

const Devices = ({ reception }: { readonly reception: ImageReception }) => {
  const { t } = useTranslation();
  const ago = useAgo();
  return (
    <section>
      <h2 id="devices">{t('设备与系统')}</h2>
      {reception.devices.length === 0 ? (
        <Nothing
          what={t('没有登记的影像设备，近 14 天也没有收到影像')}
          whatToDo={t('请由平台运维人员用 huren ae add 登记设备的 AE 名称与地址。')}
        />
      ) : (
        <FigureTable
          labelledBy="devices"
          rows={reception.devices}
          keyOf={({ sender }) => sender}
          columns={[
            {
              name: t('设备或系统'),
              kind: 'code',
              of: ({ sender, registered }) => (
                <>
                  {sender}
                  {!registered && <div className="note">{t('现已不在登记之列')}</div>}
                </>
              ),
            },
            {
              name: t('最近一次影像'),
              of: ({ lastAt }) =>
                lastAt === null ? (
                  t('近 14 天没有')
                ) : (
                  <>
                    {timeText(lastAt)}
                    <div className="note">{ago(lastAt, reception.asOf)}</div>
                  </>
                ),
            },
            { name: t('今日影像'), kind: 'number', of: ({ today }) => today.instances },
            { name: t('14 天检查'), kind: 'number', of: ({ studies }) => studies },
            { name: t('14 天影像'), kind: 'number', of: ({ instances }) => instances },
            { name: t('14 天数据量'), kind: 'number', of: ({ bytes }) => bytesText(bytes) },
          ]}
        />
      )}
    </section>
  );
};

const Uploads = ({ reception }: { readonly reception: ImageReception }) => {
  const { t } = useTranslation();
  const ago = useAgo();
  return (
    <section>
      <h2 id="uploads">{t('影像上传中')}</h2>
      {reception.uploads.length === 0 ? (
        <Nothing what={t('没有未传完的检查')} />
      ) : (
        <FigureTable
          labelledBy="uploads"
          rows={reception.uploads}
          keyOf={({ study }) => study}
          columns={[
            {
              name: t('检查'),
              of: ({ modalities, description }) =>
                [modalities.join(' '), description ?? ''].join(' ').trim() || t('未注明'),
            },
            {
              name: t('已收 / 应收'),
              kind: 'number',
              of: ({ received, announced }) => `${received} / ${announced ?? t('未告知')}`,
            },
            { name: t('开始'), of: ({ firstAt }) => timeText(firstAt) },
            {
              name: t('最近一次影像'),
              of: ({ lastAt }) => (
                <>
                  {timeText(lastAt)}
                  <div className="note">{ago(lastAt, reception.asOf)}</div>
                </>
              ),
            },
          ]}
        />
      )}
    </section>
  );
};

/** What a refusal means to who connects a device; the code stays beside it. */
const useRefusalWords = (): ((reason: string) => string) => {
  const { t } = useTranslation();
  const words: Readonly<Record<string, string>> = {
    callingAeTitle: t('AE 名称、来源地址或证书未登记'),
    calledAeTitle: t('设备呼叫了别的 AE 名称'),
    localLimit: t('连接数超过上限，设备可重试'),
    temporaryCongestion: t('平台暂时无法核对登记，设备可重试'),
  };
  return (reason) => words[reason] ?? t('违反 DICOM 通信规则，连接已中止');
};

const Refused = ({ reception }: { readonly reception: ImageReception }) => {
  const { t } = useTranslation();
  const words = useRefusalWords();
  return (
    <section>
      <h2 id="refused">{t('被拒绝或中止的连接（近 7 天）')}</h2>
      {reception.refused.length === 0 ? (
        <Nothing what={t('没有')} />
      ) : (
        <FigureTable
          labelledBy="refused"
          rows={reception.refused}
          keyOf={({ callingAeTitle, remoteAddress, reason }) =>
            `${callingAeTitle}|${remoteAddress}|${reason}`
          }
          columns={[
            {
              name: t('呼叫方 AE 名称'),
              kind: 'code',
              of: ({ callingAeTitle }) => callingAeTitle || t('未注明'),
            },
            {
              name: t('来源地址'),
              kind: 'code',
              of: ({ remoteAddress }) => remoteAddress || t('未注明'),
            },
            {
              name: t('原因'),
              of: ({ reason }) => (
                <>
                  {words(reason)}
                  <div className="note code">{reason}</div>
                </>
              ),
            },
            { name: t('次数'), kind: 'number', of: ({ count }) => count },
            { name: t('最近一次'), of: ({ lastAt }) => timeText(lastAt) },
          ]}
        />
      )}
    </section>
  );
};

const Days = ({ reception }: { readonly reception: ImageReception }) => {
  const { t } = useTranslation();
  return (
    <section>
      <h2 id="days">{t('每日收到')}</h2>
      <p className="note">{t('检查按开始接收的日期计入')}</p>
      <FigureTable
        labelledBy="days"
        rows={reception.days}
        keyOf={({ day }) => day}
        columns={[
          { name: t('日期'), of: ({ day }) => day },
          { name: t('检查'), kind: 'number', of: ({ studies }) => studies },
          { name: t('影像'), kind: 'number', of: ({ instances }) => instances },
          { name: t('数据量'), kind: 'number', of: ({ bytes }) => bytesText(bytes) },
        ]}
      />
    </section>
  );
};

const MONTHS_SHOWN = 13;

/** What the institution's images take up, and what moved: for the institution itself, whose figures they are. */
const Kept = () => {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['image-figures'],
    queryFn: ({ signal }) => call<ImageFigures>('/api/institution/images/figures', { signal }),
  });
  return (
    <section>
      <h2 id="kept">{t('存储与流量')}</h2>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在统计')} />}
      {data && (
        <>
          <p>
            {t(
              '现存检查 {studies} 项，影像 {instances} 个，{bytes}；可打开证明：完好 {sound}，有问题 {findings}，待证明 {waiting}',
              {
                studies: data.kept.studies,
                instances: data.kept.instances,
                bytes: bytesText(data.kept.bytes),
                sound: data.proofs.sound,
                findings: data.proofs.withFindings,
                waiting: data.proofs.waiting,
              },
            )}
          </p>
          <FigureTable
            labelledBy="kept"
            rows={data.months.slice(0, MONTHS_SHOWN)}
            keyOf={({ month }) => month}
            columns={[
              { name: t('月份'), of: ({ month }) => month },
              { name: t('检查'), kind: 'number', of: ({ studies }) => studies },
              { name: t('影像'), kind: 'number', of: ({ instances }) => instances },
              { name: t('存储'), kind: 'number', of: ({ storedBytes }) => bytesText(storedBytes) },
              { name: t('收到'), kind: 'number', of: ({ receivedBytes }) => bytesText(receivedBytes) },
              { name: t('本机构调阅'), kind: 'number', of: ({ sentBytes }) => bytesText(sentBytes.own) },
              {
                name: t('其他机构调阅'),
                kind: 'number',
                of: ({ sentBytes }) => bytesText(sentBytes.elsewhere),
              },
              {
                name: t('患者及其分享'),
                kind: 'number',
                of: ({ sentBytes }) => bytesText(sentBytes.patient),
              },
            ]}
          />
        </>
      )}
    </section>
  );
};

/** How images come in: by day and device, what waits for somebody, what is incomplete, who was refused. Names nobody. */
export const ImagesPage = () => {
  const { t } = useTranslation();
  const nameOf = useItemName();
  const session = useSession();
  const institution = useInstitution();
  const live = useLive();
  const { data, error, refetch } = useQuery({
    queryKey: ['image-reception', institution],
    queryFn: ({ signal }) =>
      call<ImageReception>(`/api/console/images${queryText({ institution })}`, { signal }),
    refetchInterval: live.interval,
  });
  return (
    <>
      <div className="title">
        <h1>{data ? `${t('影像')} · ${nameOf(data.institution)}` : t('影像')}</h1>
        <LiveBar live={live} asOf={data?.asOf} />
      </div>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在统计')} />}
      {data && (
        <>
          <Waiting reception={data} />
          <Devices reception={data} />
          <div className="columns">
            <Uploads reception={data} />
            <Days reception={data} />
          </div>
          <Refused reception={data} />
          {session.institution && <Kept />}
        </>
      )}
    </>
  );
};
