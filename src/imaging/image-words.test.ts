import { describe, expect, it } from 'vitest';
import { bodyRegionsIn } from '../catalogue/index.ts';
import {
  agentStatement,
  namesLocaliser,
  phaseIn,
  phaseInProtocol,
  sequencesIn,
  viewsIn,
} from './image-words.ts';

describe('the words that devices send', () => {
  it.each([
    ['PA', ['frontal']],
    ['胸部正侧位', ['frontal', 'lateral']],
    ['侧位', ['lateral']],
    ['LL', ['lateral']],
    ['W033 胸部 PA', ['frontal']],
    ['LAO', ['oblique']],
    ['L-MLO', ['mediolateral-oblique']],
    ['MEDIO-LATERAL OBLIQUE', ['mediolateral-oblique']],
    ['RCC', []],
    ['R CC', ['cranio-caudal']],
    ['PATIENT', []],
  ] as const)('%s names the views %j', (text, views) => {
    expect(viewsIn(text)).toEqual(views);
  });

  it.each([
    ['平扫 5mm', 'plain'],
    ['增强 动脉期', 'arterial'],
    ['门脉期 1.25', 'venous'],
    ['DELAYED 3min', 'delayed'],
    ['CHEST C+', 'enhanced'],
    ['CT ABD C+ AP', 'arterial'],
    ['ART PHASE', 'arterial'],
    ['AP PHASE', 'arterial'],
    ['AP期', 'arterial'],
    ['T1 POST GD', 'enhanced'],
    ['NON CONTRAST', 'plain'],
    ['NON-CONTRAST', 'plain'],
    ['Chest_non_contrast 1.25', 'plain'],
    ['NONCONTRAST', 'plain'],
    ['WITHOUT CONTRAST', 'plain'],
    ['W/O CONTRAST', 'plain'],
    ['CT HEAD WO CONTRAST', 'plain'],
    ['UNENHANCED', 'plain'],
    ['PRE-CONTRAST', 'plain'],
    ['未增强', 'plain'],
    ['增强前', 'plain'],
    ['增强（未做）', 'plain'],
    ['NON/CONTRAST', 'plain'],
    ['CONTRAST AGENT: NO', 'plain'],
    ['T2 CONTRAST', null],
    ['增强后', 'enhanced'],
    ['WITH CONTRAST', 'enhanced'],
    ['W/WO CONTRAST', null],
    ['WITH AND WITHOUT CONTRAST', null],
    ['NON CONTRAST ARTERIAL', null],
    ['PHASE CONTRAST FLOW', null],
    ['CHEST AP', null],
    ['ABD AP', null],
    ['Hip AP', null],
    ['VP SHUNT', null],
    ['POST OP', null],
    ['POST-OP KNEE', null],
    ['Lung 1.0', null],
    ['CTA 0.6', null],
    // Denials, in the words of technicians.
    ['NON-CE', 'plain'],
    ['NON CE CHEST', 'plain'],
    ['Chest w/o CE', 'plain'],
    ['without CE', 'plain'],
    ['PRE-CE', 'plain'],
    ['CE-', 'plain'],
    ['Pre C+', 'plain'],
    ['胸部平扫(未增强)', 'plain'],
    ['造影前', 'plain'],
    ['打药前', 'plain'],
    ['增强扫描前', 'plain'],
    ['Enhanced-NO', null],
    ['CE=NO', null],
    ['CE OFF', null],
    ['C+ 前', null],
    ['增强取消', null],
    ['增强 取消', null],
    ['拒绝增强', null],
    ['胸部 患者拒绝增强', null],
    ['胸部(增强未完成)', null],
    ['未完成增强', null],
    ['不含增强', null],
    ['拟增强', null],
    ['建议增强', null],
    // Plain and enhanced at once: one of two series, and nobody knows which.
    ['平扫+增强', null],
    ['增强检查-平扫', null],
    ['CT增强-平扫期', null],
    ['胸部平扫(增强未完成)', null],
    ['胸部平扫 拒绝增强', null],
    // Filters of the picture.
    ['edge enhanced', null],
    ['EDGE-ENHANCED 1.0', null],
    ['边缘增强', null],
    ['图像增强', null],
    ['lung enhanced', null],
    ['Lung Contrast', null],
    ['high contrast', null],
    ['Low-dose enhanced recon', null],
    // Words that hold a denial and deny nothing.
    ['前列腺增强', 'enhanced'],
    ['前臂增强 动脉期', 'arterial'],
    ['术前增强', 'enhanced'],
    ['胸部增强', 'enhanced'],
    ['Chest CE 1.0', 'enhanced'],
    ['CONTRAST ENHANCED', 'enhanced'],
  ] as const)('%s alone names the phase %s', (text, phase) => {
    expect(phaseIn(text, false)).toBe(phase);
  });

  it.each([
    ['ABD AP', 'arterial'],
    ['ABD VP', 'venous'],
    ['T1 POST', 'enhanced'],
    ['CTA 0.6 B26f', 'arterial'],
    ['CTA 平扫 5.0', 'plain'],
    ['平扫+增强', null],
    ['lung enhanced', 'enhanced'],
    ['NON-CE', 'plain'],
    ['拒绝增强', null],
    ['VP SHUNT', null],
    ['POST OP', null],
    ['WITHOUT CONTRAST', 'plain'],
  ] as const)('%s beside a stated agent names the phase %s', (text, phase) => {
    expect(phaseIn(text, true)).toBe(phase);
  });

  it.each([
    ['碘海醇 350', null, 'given'],
    ['OMNIPAQUE 350', 'IV', 'given'],
    ['非离子型碘对比剂', null, 'given'],
    ['碘海醇+生理盐水', null, 'given'],
    ['APPLIED', null, 'given'],
    ['Oral & IV', null, 'given'],
    ['碘海醇', '口服', 'elsewhere'],
    ['ORAL', null, 'elsewhere'],
    ['NONE', null, 'denied'],
    ['NONE GIVEN', null, 'denied'],
    ['None,None', null, 'denied'],
    ['APPLIED: NO', null, 'denied'],
    ['No contrast', null, 'denied'],
    ['FALSE', null, 'denied'],
    ['未使用对比剂', null, 'denied'],
    ['不使用', null, 'denied'],
    ['无增强', null, 'denied'],
    ['非增强', null, 'denied'],
    ['平扫无', null, 'denied'],
    ['患者拒绝', null, 'denied'],
    ['甘露醇', null, 'denied'],
    ['WATER', null, 'denied'],
    ['/', null, 'not-stated'],
    ['*', null, 'not-stated'],
    ['370', null, 'not-stated'],
    [null, null, 'not-stated'],
  ] as const)('the agent %s by the route %s: %s', (agent, route, statement) => {
    expect(agentStatement(agent, route)).toBe(statement);
  });

  it('of a protocol name no phase by the name of the whole examination', () => {
    expect(phaseInProtocol('CTA Head', true)).toBeNull();
    expect(phaseInProtocol('CTA 动脉期', true)).toBe('arterial');
  });

  it.each([
    ['ep2d_diff_b1000_ADC', ['dwi']],
    ['DWI 弥散', ['dwi']],
    ['Ax T2 FLAIR', ['flair', 't2']],
    ['t1_tse_sag', ['t1']],
    ['3D_TOF MRA', ['angio']],
    ['SWI_Images', ['swi']],
    ['Sag', []],
    ['STATE', []],
  ] as const)('%s names the sequences %j', (text, sequences) => {
    expect([...sequencesIn(text)].toSorted()).toEqual(sequences);
  });

  it('tell a localiser from an image to read', () => {
    expect(['Scout', '定位像', 'Topogram  0.6'].every(namesLocaliser)).toBe(true);
    expect(['肺窗', 'LOCAL'].some(namesLocaliser)).toBe(false);
  });

  it.each([
    ['胸部CT平扫', ['chest']],
    ['CT Chest', ['chest']],
    ['腰椎MR平扫', ['abdomen', 'spine']],
    ['左膝关节MR平扫', ['lower-limb']],
    ['THORAX', ['chest']],
    ['随便什么', []],
  ] as const)('%s names regions %j of the body', (text, regions) => {
    expect([...bodyRegionsIn(text)].toSorted()).toEqual(regions);
  });
});
