import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { readConfiguration } from './configuration.ts';

const detailOf = (environment: Record<string, string>): string => {
  try {
    readConfiguration(environment, 1000);
    return '';
  } catch (error) {
    return error instanceof Fault ? (error.detail ?? '') : String(error);
  }
};

describe('the configuration', () => {
  it('has the documented defaults, on loopback, outside the clone', () => {
    const { host, httpPort, mllpPort, mllpTlsPort, dataDirectory } = readConfiguration(
      { XDG_DATA_HOME: '/data' },
      1000,
    );
    expect({ host, httpPort, mllpPort, mllpTlsPort, dataDirectory }).toEqual({
      host: '127.0.0.1',
      httpPort: 8080,
      mllpPort: 2575,
      mllpTlsPort: 2576,
      dataDirectory: '/data/huren',
    });
    expect(readConfiguration({}, 0).dataDirectory).toBe('/var/lib/huren');
  });

  it('names every problem at once and refuses a misspelt name', () => {
    const detail = detailOf({ HUREN_HTTP_PORT: '99999', HUREN_MLPP_PORT: '2575', HUREN_NODE_CODE: 'x' });
    for (const name of ['HUREN_HTTP_PORT', 'HUREN_MLPP_PORT', 'HUREN_NODE_CODE'])
      expect(detail).toContain(name);
  });

  it('takes the address that browsers use without the slash at its end, and nothing but http and https', () => {
    const { publicUrl } = readConfiguration({ HUREN_PUBLIC_URL: 'https://huren.example/base/' });
    expect(publicUrl).toBe('https://huren.example/base');
    expect(detailOf({ HUREN_PUBLIC_URL: 'javascript:alert(1)' })).toContain('HUREN_PUBLIC_URL');
  });

  it('wants certificate and key together', () => {
    expect(detailOf({ HUREN_TLS_CERT: '/a.pem' })).toContain('HUREN_TLS_KEY');
  });
});
