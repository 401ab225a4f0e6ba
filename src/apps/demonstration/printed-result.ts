/** One line of a laboratory report as the laboratory prints it. */
export interface PrintedResult {
  /** Catalogue item that it answers. */
  readonly item: string;
  /** HL7 value type of OBX-2. */
  readonly valueType: 'NM' | 'SN' | 'ST' | 'TX';
  readonly value: string;
  readonly unitText: string;
  readonly referenceText: string;
  /** OBX-8: `H`, `L`, `HH`, `LL`, `A` or empty. */
  readonly flag: string;
}
