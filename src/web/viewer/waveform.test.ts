import { describe, expect, it } from 'vitest';
import { leadName, paperOf, pathOf, sheetsOf, waveformOf, type WaveformChannel } from './waveform.ts';

const channel = (change: Partial<WaveformChannel> = {}): WaveformChannel => ({
  source: 'Lead II',
  sensitivity: 2.5,
  correction: 1,
  baseline: 0,
  unit: 'uV',
  ...change,
});

const TWELVE = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];

describe('a waveform', () => {
  it('is read in millivolts, channel by channel', () => {
    const samples = Int16Array.from([400, -400, 0, 40]);
    const read = waveformOf({
      samplesPerSecond: 500,
      channels: [channel(), channel({ source: 'Lead aVR', unit: 'mV', sensitivity: 0.01 })],
      samples,
    });
    expect(read?.leads.map(({ name }) => name)).toEqual(['II', 'aVR']);
    expect([...(read?.leads[0]?.millivolts ?? [])]).toEqual([1, 0]);
    expect(read?.leads[1]?.millivolts[0]).toBeCloseTo(-4);
    expect(read?.leads[1]?.millivolts[1]).toBeCloseTo(0.4);
  });

  it.each([channel({ sensitivity: null }), channel({ unit: null }), channel({ unit: 'mm[Hg]' })])(
    'without a scale that is known is not drawn',
    (odd) => {
      expect(waveformOf({ samplesPerSecond: 500, channels: [odd], samples: new Int16Array(10) })).toBeNull();
    },
  );

  it('names leads as paper does', () => {
    expect(
      ['Lead I (Einthoven)', 'lead avr, augmented', 'V5', 'MDC_ECG_LEAD_AVL', 'Lead III'].map((source) =>
        leadName(source),
      ),
    ).toEqual(['I', 'aVR', 'V5', 'aVL', 'III']);
  });
});

describe('the paper', () => {
  const waveform = (names: readonly string[]) => ({
    samplesPerSecond: 500,
    leads: names.map((name) => ({ name, millivolts: new Float32Array(5_000) })),
  });

  it('has four columns of 2.5 s and lead II for the whole time', () => {
    const paper = paperOf(waveform(TWELVE));
    expect(paper.rows).toBe(4);
    expect(paper.widthMm).toBe(250);
    expect(paper.pieces).toHaveLength(13);
    const v1 = paper.pieces.find(({ lead }) => lead.name === 'V1');
    expect(v1).toMatchObject({ row: 0, leftMm: 125, fromSecond: 5, toSecond: 7.5 });
  });

  it('stacks other leads', () => {
    expect(paperOf(waveform(['X', 'Y', 'Z']))).toMatchObject({ rows: 3, widthMm: 250 });
  });

  it('takes as many sheets as the recording is long, the last to its end', () => {
    const of = (seconds: number) => ({
      samplesPerSecond: 500,
      leads: TWELVE.map((name) => ({ name, millivolts: new Float32Array(seconds * 500) })),
    });
    expect(sheetsOf(of(10))).toEqual([0]);
    expect(sheetsOf(of(30))).toEqual([0, 10, 20]);
    expect(sheetsOf(of(25))).toEqual([0, 10, 15]);
    expect(sheetsOf(of(1.2))).toEqual([0]);
    const { pieces } = paperOf(of(25), 15);
    expect(pieces).toHaveLength(13);
    expect(pieces[1]).toMatchObject({ leftMm: 62.5, fromSecond: 17.5, toSecond: 20 });
    expect(pieces.at(-1)).toMatchObject({ leftMm: 0, fromSecond: 15, toSecond: 25 });
  });

  it('draws one millivolt ten millimetres high and one second 25 wide', () => {
    const lead = { name: 'I', millivolts: Float32Array.from([0, 1, -0.5]) };
    const path = pathOf({ lead, row: 0, leftMm: 10, fromSecond: 0, toSecond: 3 }, 1, 20);
    expect(path).toBe('M10.00 20.00L35.00 10.00L60.00 25.00');
  });
});
