import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandSet, readCommandSet, writeCommandSet } from './command-set.ts';

const element = (number: number, value: Uint8Array, length = value.length, group = 0): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, value]);
};
const us = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const FIELD = element(0x0100, us(0x30));
const NO_DATA = element(0x0800, us(0x0101));

describe('A command set', () => {
  it('is read as it was written, with group length first', () => {
    const number = fc.option(fc.nat({ max: 0xffff }), { nil: undefined });
    const uid = fc.option(fc.stringMatching(/^1(\.[0-9]{1,5}){1,8}$/), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          affectedSopClassUid: uid,
          affectedSopInstanceUid: uid,
          messageId: number,
          status: number,
          remainingSubOperations: number,
        }),
        fc.boolean(),
        (values, hasDataSet) => {
          const present = Object.fromEntries(
            Object.entries(values).filter(([, value]) => value !== undefined),
          );
          const command: CommandSet = { ...present, commandField: 1, moveDestination: 'WS1' };
          const bytes = writeCommandSet(command, hasDataSet);
          expect(bytes.readUInt32LE(8)).toBe(bytes.length - 12);
          expect(readCommandSet(bytes)).toMatchObject({ ok: true, value: { ...command, hasDataSet } });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('skips retired elements and takes any order', () => {
    const bytes = Buffer.concat([
      NO_DATA,
      element(0x5010, Buffer.from('xx')),
      FIELD,
      element(0x0001, Buffer.alloc(4)),
    ]);
    expect(readCommandSet(bytes)).toMatchObject({
      ok: true,
      value: { commandField: 0x30, hasDataSet: false },
    });
  });

  it('is a violation with odd or overlong lengths, another group, or without command field', () => {
    const whole = Buffer.concat([FIELD, NO_DATA]);
    for (const bytes of [
      Buffer.alloc(0),
      FIELD,
      NO_DATA,
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole, element(0x1000, Buffer.from('1.2'), 3)]),
      Buffer.concat([whole, element(0x1000, Buffer.from('1.'), 4)]),
      Buffer.concat([whole, element(0x1000, Buffer.alloc(0), 0xffffffff)]),
      Buffer.concat([whole, element(0x0010, Buffer.from('1.'), 2, 8)]),
      Buffer.concat([whole, element(0x0110, Buffer.alloc(4))]),
    ])
      expect(readCommandSet(bytes)).toEqual({ ok: false, reason: { rule: 'command-set', reason: 6 } });
  });
});
