import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import type { CarriedStudy } from './wire/carried-study.ts';

const MEGABYTE = 1_000_000;

const sizeWords = (bytes: number): string =>
  bytes < MEGABYTE ? '不到 1 MB' : `约 ${Math.round(bytes / MEGABYTE)} MB`;

/**
 * 下载影像: what can be taken along, what each is good for, and what it is not.
 *
 * @param base address under which the archives are
 * @param back address of the images on the screen
 */
export const carryPage = (view: {
  readonly study: CarriedStudy;
  readonly base: string;
  readonly back: string;
}): Html => {
  const { study, base, back } = view;
  return layout({
    title: '下载影像',
    viewer: null,
    formToken: '',
    drill: study.drill,
    content: html`<div class="phone">
<h1>下载影像</h1>
<p>${study.description}<br>${study.institutionZh}　${study.studiedAt ?? '检查时间未注明'}</p>
${study.isReceiving && html`<p class="note">影像仍在上传，现在下载可能不全。</p>`}
<section class="block" aria-labelledby="dicom"><h2 id="dicom">原始影像（DICOM 文件夹）</h2>
<p>给医院和医生看病用：${study.instances} 个影像文件，${sizeWords(study.bytes)}。压缩包里有目录文件和打开方法；手机上看不了，请存到电脑、U 盘或光盘。</p>
<form method="get" action="${base}/dicom.zip">
${
  study.needsCorrection &&
  html`<p class="choice"><label><input type="checkbox" name="patientModule" value="current"> 按当前登记更正文件头里的患者信息（图像不变）</label></p>`
}
<p class="acts"><button class="main" type="submit">下载原始影像</button></p></form></section>
${
  study.hasPictures &&
  html`<section class="block" aria-labelledby="pictures"><h2 id="pictures">图片</h2>
<p>手机上可以直接看。<strong>图片仅供查看，不能用于诊断。</strong></p>
<p class="acts"><a class="button" href="${base}/pictures.zip">下载全部图片</a>${
    study.hasKeyImages &&
    html`<a class="button" href="${base}/pictures.zip?only=key-images">只下载关键图像</a>`
  }</p></section>`
}
<p class="sub">影像里含有姓名、号码等个人信息，请妥善保管。每次下载都会记入访问记录。</p>
<p><a href="${back}">‹ 看影像</a></p></div>`,
  });
};
