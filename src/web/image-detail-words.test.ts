import { describe, expect, it } from 'vitest';
import { axialStack, header } from '../../test/example-headers.ts';
import {
  describeStudy,
  type InstanceHeader,
  type SeriesUid,
  type SopInstanceUid,
  studyFacts,
} from '../imaging/index.ts';
import { imageDetails, inChinese } from './image-detail-words.ts';
import type { StudyDescriptionAnswer } from './wire/order-check-answer.ts';

/** What a doctor reads of a study with these headers. */
const read = (headers: readonly InstanceHeader[]): Record<string, string> =>
  Object.fromEntries(
    imageDetails(describeStudy(studyFacts(headers)) as unknown as StudyDescriptionAnswer, inChinese).map(
      ({ label, text }) => [label, text],
    ),
  );

const report = header({
  modality: 'SR',
  seriesUid: '2.25.1.9' as SeriesUid,
  sopInstanceUid: '2.25.1.9.1' as SopInstanceUid,
  acquisition: { doseLengthMGyCm: 412.5, ctdiVolMGy: 8.2 },
});

describe('what a doctor reads of images', () => {
  it('of a CT in two phases with its dose report', () => {
    const equipment = { manufacturer: '联影', modelName: 'uCT 760', stationName: 'CT1' };
    const acquisition = { convolutionKernel: 'B70f' };
    const series = (number: number, thicknessMm: number, words: string) =>
      axialStack(40, thicknessMm, { equipment, acquisition, descriptions: { series: words } }, number);
    expect(read([...series(1, 5, '平扫'), ...series(2, 1.25, '动脉期'), report])).toEqual({
      图像: 'CT 81 幅，层间未见缺幅',
      层厚: '1.25、5 mm',
      矩阵: '512',
      期相: '动脉期 1.25 mm、平扫 5 mm',
      重建核: 'B70f',
      设备: '联影 uCT 760',
      剂量: 'CTDIvol 8.2 mGy，DLP 412.5 mGy·cm',
      压缩: '无损',
    });
  });

  it('of a CT whose headers state nothing says so', () => {
    const bare = axialStack(10, 5, { geometry: { sliceThicknessMm: null } });
    expect(read(bare)).toMatchObject({ 层厚: '未注明', 期相: '未注明', 设备: '未注明', 剂量: '未注明' });
  });

  it('says that no slice lacks only where slices say where they lie, and tells the coarsest matrix', () => {
    const unplaced = axialStack(10, 5, { geometry: { imagePositionPatientMm: null } });
    expect(read(unplaced)['图像']).toBe('CT 10 幅');
    const coarse = axialStack(10, 1, { pixels: { rows: 64, columns: 64 } }, 2);
    expect(read([...axialStack(10, 5), ...coarse])['矩阵']).toBe('64');
  });

  it('of a projection asks for its view, and for no slices', () => {
    const image = header({ modality: 'DX', acquisition: { areaDoseProductDGyCm2: 1.2 } });
    const details = read([image]);
    expect(details).toMatchObject({ 体位: '未注明', 剂量: 'DAP 1.2 dGy·cm²' });
    expect(Object.keys(details)).not.toContain('层厚');
    expect(details['图像']).toBe('DX 1 幅');
  });

  it.each([
    ['1.2.840.10008.1.2.4.50', [], '有损，压缩比未注明'],
    ['1.2.840.10008.1.2.4.50', [10], '有损 10:1'],
    ['1.2.840.10008.1.2.4.91', [], '是否有损未注明'],
  ])('of a compression %s %j: %s', (transferSyntaxUid, lossyRatios, text) => {
    expect(read(axialStack(3, 5, { transferSyntaxUid, pixels: { lossyRatios } }))['压缩']).toBe(text);
  });

  it('counts what is missing', () => {
    expect(read(axialStack(30, 5).toSpliced(10, 3))['图像']).toBe('CT 27 幅，缺 3 幅');
  });
});
