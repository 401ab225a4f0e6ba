import { Html, html } from './html.ts';
import { opinionList } from './report-page.ts';
import { hang, kindOf } from './viewer/display.ts';
import { namedFrameAddress, previewAddress, thumbnailAddress } from './viewer/addresses.ts';
import type { DicomJson } from './viewer/dicom-json.ts';
import { imagesOf } from './viewer/image.ts';
import { isVideo } from './viewer/video.ts';
import type { ViewedSeries, ViewedStudy } from './wire/viewed-study.ts';
import { imagesText, STANDING_WORDS, timeText, WORDS } from './words.ts';

/** Files of the viewer's app, as the build names them. */
export interface ViewerFiles {
  /** The script that shows the first picture, with what it imports. */
  readonly opening: readonly string[];
  /** The script that starts the app when the first picture is there, with the app and what both import. */
  readonly entry: readonly string[];
  readonly styles: readonly string[];
  /** What draws: large, and wanted when the first picture has come. */
  readonly later: readonly string[];
}

/** JSON within a page: nothing in it can end the element it stands in, and nothing runs it. */
const jsonBlock = (value: unknown): Html => new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));

const SEX_WORDS = { male: '男', female: '女', unknown: '性别不明', 'not-stated': '' } as const;

const seriesEntry = (study: ViewedStudy, series: ViewedSeries): Html =>
  html`<li><span class="series">${
    kindOf(series) === 'pictures'
      ? html`<img src="${thumbnailAddress(study, series.seriesUid)}" alt="" width="64" height="64">`
      : html`<span class="no-picture">${kindOf(series) === 'waveform' ? '心电' : '文档'}</span>`
  }<span class="series-words"><b>${series.description ?? series.bodyPart ?? series.modality ?? '未命名序列'}</b><span>${series.modality}　${series.instances} 幅</span></span></span></li>`;

/** Of a video the server draws no preview. */
const opensWithVideo = ({ opening }: ViewedStudy): boolean =>
  opening !== null && isVideo(opening.header as DicomJson);

/** What stands there until the script has come, and where no script runs: the tree of the study and one picture. */
const beforeScript = (study: ViewedStudy): Html => {
  const { patient, institution, report } = study;
  const [first] = hang(study.series, true).series;
  const shown = study.series.find(({ seriesUid }) => seriesUid === first);
  return html`<div class="viewer with-report before-script">
<header class="heading"><h1>${patient ? (patient.name ?? '未登记姓名') : '影像'}${patient && html`<span>${SEX_WORDS[patient.sex]} ${patient.birthDate}</span>`}</h1>
<p class="facts"><b>${study.description ?? study.modalities.join('、')}</b><span>${study.audience === 'staff' && (institution.own ? '本院' : '外院')} ${institution.nameZh}</span><span>${study.studiedAt ?? '检查时间未注明'}</span></p>
${study.state !== 'complete' && html`<p class="coming">${imagesText(study)}</p>`}${study.downloadHref && html`<p class="take"><a href="${study.downloadHref}">下载影像</a></p>`}</header>
<main id="main" class="panes panes-1" tabindex="-1">${
    shown && kindOf(shown) === 'pictures' && !opensWithVideo(study)
      ? html`<section class="pane" aria-label="预览"><div class="preview" data-first="原始图像" data-tools="正在载入阅片工具…"><img src="${previewAddress(study, shown.seriesUid)}" alt="预览图像" fetchpriority="high"><p><b>预览</b>　正在载入原始图像…</p></div></section>`
      : html`<p class="plain">${shown ? '正在载入…' : study.state === 'receiving' ? '影像上传中，还没有收到图像。' : '这次检查没有收到图像。'}</p>`
  }</main>
<div class="strips"><section class="strip" aria-label="序列"><h2>序列</h2><ul>${study.series.map((series) => seriesEntry(study, series))}</ul></section></div>
${
  report &&
  html`<section class="report-beside" aria-label="报告"><h2>${report.title} <span class="standing">${STANDING_WORDS[report.standing]}</span></h2>
<h3>检查所见</h3><p class="body">${report.findings ?? '未提供'}</p><h3>诊断意见</h3><p class="body">${report.impression ?? '未提供'}</p>${report.opinions.length > 0 && html`<h3>会诊意见</h3>${opinionList(report, null)}`}</section>`
}
<p class="not-calibrated" role="note">本显示未经诊断校准，${study.audience === 'staff' ? '仅供调阅；诊断请用经校准的显示器。' : '仅供查看，不能用于诊断；结果的含义请咨询医生。'}<span class="watermark">${study.watermark.viewer}　${study.watermark.purpose}　${timeText(study.watermark.at)}</span></p>
</div>`;
};

/** A frame that is named to the browser: a larger one would keep everything else from the line for seconds. */
const NAMED_PIXELS_MAX = 1024 * 1024;

/** Names to the browser what it is to have first: the preview, and the frame that the series opens with. */
const firstAsked = (study: ViewedStudy): Html => {
  const [uid] = hang(study.series, true).series;
  const shown = study.series.find(({ seriesUid }) => seriesUid === uid);
  if (!shown || kindOf(shown) !== 'pictures' || opensWithVideo(study)) return html``;
  const [image] = study.opening ? imagesOf(study.opening.header as DicomJson, '') : [];
  const isNamed = image !== undefined && image.rows * image.columns <= NAMED_PIXELS_MAX;
  return html`<link rel="preload" as="image" href="${previewAddress(study, shown.seriesUid)}" fetchpriority="high">
${isNamed && html`<link rel="preload" as="fetch" crossorigin href="${namedFrameAddress(study, { ...image, seriesUid: shown.seriesUid })}">`}`;
};

/**
 * The page of the viewer. What can be read and a preview are there before any script: on a phone the code of the viewer is
 * a second away. Its title names nobody.
 *
 * @param nonce of the style elements that the app may make
 */
export const viewerPage = (view: {
  readonly study: ViewedStudy;
  readonly files: ViewerFiles;
  readonly nonce: string;
}): Html => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="style-nonce" content="${view.nonce}">
<title>影像 · ${WORDS.product}</title>
<link rel="icon" href="/assets/huren.svg">
${firstAsked(view.study)}
${view.files.styles.map((file) => html`<link rel="stylesheet" href="/assets/app/${file}">`)}
${[...view.files.opening, ...view.files.entry].map((file) => html`<link rel="modulepreload" href="/assets/app/${file}">`)}
<script type="application/json" id="viewed-study" data-later="${view.files.later.join(' ')}">${jsonBlock(view.study)}</script>
<script type="module" async src="/assets/app/${view.files.opening[0]}"></script>
</head>
<body>
<div id="app">${beforeScript(view.study)}</div>
<noscript>看原始图像需要启用脚本；上面是预览和报告。</noscript>
<script type="module" src="/assets/app/${view.files.entry[0]}"></script>
</body>
</html>
`;
