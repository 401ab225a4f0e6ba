import { Alert, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AcknowledgementAnswer, AnnotatedAnswer } from '../wire/console.ts';
import { FieldState } from './state-tag.tsx';
import { useItemName, useWords } from './wording.ts';

type Segment = AnnotatedAnswer['segments'][number];
type Field = Segment['fields'][number];

/** The element of a place, so that a reason can lead to it. */
const anchorOf = (place: string): string => `at-${place.replace(/[^\w-]/g, '_')}`;
const wholeField = (place: string): string => place.replace(/[(.].*$/, '');

/** Why it is refused, each with its place and what to mend. */
export const Refusals = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  const words = useWords();
  if (annotated.refusals.length === 0) return null;
  return (
    <Alert
      type="error"
      showIcon
      title={t('未受理的原因')}
      description={
        <ol className="refusals">
          {annotated.refusals.map(({ code, place, detail, text }) => (
            <li key={`${code} ${place}`}>
              <span className="code">{code}</span>{' '}
              {place !== '' && <a href={`#${anchorOf(wholeField(place))}`}>{place}</a>}{' '}
              {detail !== '' && <span className="note">{detail}</span>}
              <div>{words(text)}</div>
            </li>
          ))}
        </ol>
      }
    />
  );
};

const Value = ({ field }: { readonly field: Field }) => {
  const { repetitions, raw } = field;
  const isPlain = repetitions.length <= 1 && (repetitions[0]?.length ?? 0) <= 1;
  if (isPlain) return <span className="code">{repetitions[0]?.[0]?.text ?? raw}</span>;
  return (
    <>
      <span className="code">{raw}</span>
      {repetitions.map((components, index) => (
        <div key={index} className="components">
          {components.map(({ number, text }) => (
            <span key={number}>
              <span className="note">.{number}</span> <span className="code">{text}</span>
            </span>
          ))}
        </div>
      ))}
    </>
  );
};

const FieldRow = ({ field }: { readonly field: Field }) => {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <tr id={anchorOf(field.place)} className={`field-${field.state}`}>
      <th scope="row">
        <span className="code">{field.place}</span> {field.name && words(field.name)}
        {field.clause && <div className="note">{field.clause}</div>}
      </th>
      <td className="sent" data-label={t('原文')}>
        <Value field={field} />
      </td>
      <td data-label={t('平台的理解')}>
        {field.reading && words(field.reading)}
        {field.remarks.map(({ code, text, detail }) => (
          <div key={code} className="remark">
            {words(text)} {detail !== '' && <span className="note">{detail}</span>}
          </div>
        ))}
      </td>
      <td className="nowrap" data-label={t('状态')}>
        <FieldState state={field.state} />
      </td>
    </tr>
  );
};

const SegmentRows = ({ segment, all }: { readonly segment: Segment; readonly all: boolean }) => {
  const words = useWords();
  const fields = all ? segment.fields : segment.fields.filter(({ state }) => state !== 'unused');
  return (
    <tbody>
      <tr id={anchorOf(segment.place)} className="segment">
        <th scope="rowgroup" colSpan={3}>
          <span className="code">{segment.place}</span> {segment.name && words(segment.name)}{' '}
          {segment.clause && <span className="note">{segment.clause}</span>}
        </th>
        <td>
          <FieldState state={segment.state} />
        </td>
      </tr>
      {fields.map((field) => (
        <FieldRow key={field.place} field={field} />
      ))}
    </tbody>
  );
};

/** Field by field: what was sent, and what we understood. */
const Fields = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (annotated.segments.length === 0) return <p>{t('消息不能分段，只能看原文。')}</p>;
  return (
    <>
      <p>
        <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
          {t('也显示未使用的字段')}
        </Checkbox>
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label={t('逐字段对照')}>
        <table className="grid fields cards">
          <thead>
            <tr>
              <th scope="col">{t('位置')}</th>
              <th scope="col">{t('原文')}</th>
              <th scope="col">{t('平台的理解')}</th>
              <th scope="col">{t('状态')}</th>
            </tr>
          </thead>
          {annotated.segments.map((segment) => (
            <SegmentRows key={segment.place} segment={segment} all={all} />
          ))}
        </table>
      </div>
    </>
  );
};

/** The bytes in the sender's character set; bytes without a character stand as numbers in their place. */
const RawBytes = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  return (
    <>
      <p className="note">
        {t('字符集')} {annotated.charset}
        {annotated.undecodable > 0 &&
          ` · ${t('{n} 个字节不属于该字符集，以十六进制显示', { n: annotated.undecodable })}`}
        {annotated.cut && ` · ${t('只显示开头部分')}`}
      </p>
      <ol className="raw scroll" tabIndex={0} aria-label={t('原文')}>
        {annotated.lines.map((line, index) => (
          <li key={index}>
            {line.map((piece, at) =>
              'hex' in piece ? (
                <mark key={at} title={`0x${piece.hex}`}>
                  {piece.hex}
                </mark>
              ) : (
                <span key={at}>{piece.text}</span>
              ),
            )}
          </li>
        ))}
      </ol>
    </>
  );
};

/** The answer that the sender got, or would get. */
export const Acknowledgement = ({ answer }: { readonly answer: AcknowledgementAnswer }) => {
  const { t } = useTranslation();
  if (answer.code === null) return <p>{t('按发送方的确认条件（MSH-15、MSH-16），不发送回执。')}</p>;
  return (
    <>
      <p>
        <strong>{answer.code}</strong>{' '}
        {!answer.kept && <span className="note">{t('按原因重写；当时回执自己的 MSH-10 未保存')}</span>}
      </p>
      <ol className="raw scroll" tabIndex={0} aria-label={t('回执')}>
        {answer.segments.map((segment) => (
          <li key={segment}>{segment}</li>
        ))}
      </ol>
    </>
  );
};

/** The results as they are counted. */
export const Results = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  const words = useWords();
  const nameOf = useItemName();
  const flags: Readonly<Record<string, string>> = {
    normal: '',
    abnormal: t('异常'),
    high: t('高 ↑'),
    low: t('低 ↓'),
    positive: t('阳性'),
    critical: t('危急值'),
    'critical-high': t('危急值 ↑'),
    'critical-low': t('危急值 ↓'),
  };
  return annotated.reports.map((report) => (
    <section key={report.place} aria-label={report.place}>
      <h3>
        {report.title} <span className="code">{report.reportNumber}</span>
      </h3>
      <p className="note">
        {t('采样时间')} {report.collectedAt ?? t('未注明')} · {t('报告时间')}{' '}
        {report.reportedAt ?? t('未注明')}
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label={`${t('结果')} ${report.place}`}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('院内代码')}</th>
              <th scope="col">{t('目录项目')}</th>
              <th scope="col" className="number">
                {t('结果')}
              </th>
              <th scope="col">{t('提示')}</th>
              <th scope="col">{t('单位')} → UCUM</th>
              <th scope="col">{t('参考区间')}</th>
              <th scope="col">{t('标本')}</th>
              <th scope="col">{t('方法')}</th>
            </tr>
          </thead>
          <tbody>
            {report.lines.map((line) => (
              <tr key={line.place}>
                <th scope="row">
                  <span className="code">{line.localCode}</span> {line.localName}
                  {line.remarks.map(({ code, text }) => (
                    <div key={code} className="remark">
                      {words(text)}
                    </div>
                  ))}
                </th>
                <td>
                  {line.item ? (
                    <>
                      {nameOf(line.item)} <span className="code">{line.item.code}</span>
                    </>
                  ) : (
                    <span className="state state-warning">{t('△ 未对码')}</span>
                  )}
                </td>
                <td className={line.valueKind === 'numeric' ? 'number' : 'words'}>{line.valueText}</td>
                <td className="nowrap">{line.flag === null ? '' : (flags[line.flag] ?? line.flag)}</td>
                <td className="nowrap">
                  {line.unitText} → {line.unit === null ? t('无法识别') : line.unit || '—'}
                </td>
                <td className="nowrap">{line.referenceText}</td>
                <td>{line.specimen ? words(line.specimen) : '—'}</td>
                <td>{line.method ?? '—'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  ));
};

/** What the message does well, and what would make its results easier to recognise. */
export const Hints = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <ul className="hints">
      {annotated.hints.map(({ code, state, text }) => (
        <li key={code}>
          <span className={`state state-${state === 'met' ? 'ok' : 'warning'}`}>
            {state === 'met' ? t('✓ 做到') : t('△ 建议')}
          </span>{' '}
          {words(text)}
        </li>
      ))}
    </ul>
  );
};

/** What was decided about the patient; says nothing of any other record. */
export const PersonDecision = ({
  person,
}: {
  readonly person: 'known' | 'new' | 'linked' | 'queued' | null;
}) => {
  const { t } = useTranslation();
  const texts = {
    known: t('本机构已有该患者的记录'),
    new: t('新建患者记录'),
    linked: t('新建记录，并与同一人的其他记录关联'),
    queued: t('是否同一人有待人工核对，目前不关联'),
  };
  return <>{person === null ? t('未涉及') : texts[person]}</>;
};

/** The fields beside the bytes they were read from; on a narrow screen one below the other. */
export const FieldsBesideBytes = ({ annotated }: { readonly annotated: AnnotatedAnswer }) => {
  const { t } = useTranslation();
  return (
    <div className="beside">
      <section>
        <h2>{t('逐字段对照')}</h2>
        <Fields annotated={annotated} />
      </section>
      <section className="bytes">
        <h2>{t('原文')}</h2>
        <RawBytes annotated={annotated} />
      </section>
    </div>
  );
};
