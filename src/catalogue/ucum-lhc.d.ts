/** The part of @lhncbc/ucum-lhc 7 that the unit conversion uses; the package ships no types. */
declare module '@lhncbc/ucum-lhc' {
  interface UcumConversion {
    readonly status: 'succeeded' | 'failed' | 'error';
    readonly toVal: number | null;
  }
  interface UcumUnits {
    /** A molar mass goes in as `molecularWeight`; a positional one is silently ignored. */
    convertUnitTo(
      from: string,
      value: number,
      to: string,
      options: { readonly molecularWeight?: number },
    ): UcumConversion;
    validateUnitString(unit: string): {
      readonly status: 'valid' | 'invalid' | 'error';
      readonly ucumCode: string | null;
    };
  }
  const ucum: { readonly UcumLhcUtils: { getInstance(): UcumUnits } };
  export default ucum;
}
