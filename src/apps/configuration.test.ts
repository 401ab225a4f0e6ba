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

  it('opens plain DICOM beyond loopback only when told so, under a title that devices can call', () => {
    expect(readConfiguration({}, 1000).dimse).toEqual({
      plainHost: undefined,
      port: 11112,
      tlsPort: 2762,
      aeTitle: 'HUREN',
      privateStorageRoots: [],
      maxAssociations: 64,
      maxAssociationsPerAe: 8,
    });
    const { dimse } = readConfiguration(
      { HUREN_DIMSE_HOST: '10.1.1.1', HUREN_DIMSE_PRIVATE_CLASSES: '1.3.12.2.1107.5.9.1, 1.2.392.200036.9.' },
      1000,
    );
    expect(dimse).toMatchObject({
      plainHost: '10.1.1.1',
      privateStorageRoots: ['1.3.12.2.1107.5.9.1', '1.2.392.200036.9.'],
    });
    expect(detailOf({ HUREN_DIMSE_AE_TITLE: 'LONGER-THAN-SIXTEEN' })).toContain('HUREN_DIMSE_AE_TITLE');
    expect(detailOf({ HUREN_DIMSE_PRIVATE_CLASSES: '*' })).toContain('HUREN_DIMSE_PRIVATE_CLASSES');
  });

  it('takes the address that browsers use without the slash at its end, and nothing but http and https', () => {
    const { publicUrl } = readConfiguration({ HUREN_PUBLIC_URL: 'https://huren.example/base/' });
    expect(publicUrl).toBe('https://huren.example/base');
    expect(detailOf({ HUREN_PUBLIC_URL: 'javascript:alert(1)' })).toContain('HUREN_PUBLIC_URL');
  });

  it('wants certificate and key together', () => {
    expect(detailOf({ HUREN_TLS_CERT: '/a.pem' })).toContain('HUREN_TLS_KEY');
  });

  it('listens in the clear on this machine alone, unless a proxy ends TLS before it', () => {
    for (const host of ['127.0.0.1', '127.0.0.53', 'localhost', '::1'])
      expect(readConfiguration({ HUREN_HOST: host }).host).toBe(host);
    for (const host of ['0.0.0.0', '::', '192.168.1.4', 'huren.example', '127.evil.example', '128.0.0.1'])
      expect(detailOf({ HUREN_HOST: host })).toContain('without TLS');
    const secure = { HUREN_TLS_CERT: '/a.pem', HUREN_TLS_KEY: '/b.pem' };
    expect(readConfiguration({ HUREN_HOST: '0.0.0.0', ...secure }).host).toBe('0.0.0.0');
    const behind = {
      HUREN_HOST: '0.0.0.0',
      HUREN_TRUSTED_PROXY: '10.1.0.0/16, ::1',
      HUREN_PUBLIC_URL: 'https://h.example',
    };
    expect(readConfiguration(behind).trustedProxies).toEqual(['10.1.0.0/16', '::1']);
    expect(detailOf({ ...behind, HUREN_PUBLIC_URL: 'http://h.example' })).toContain('https address');
  });

  it('trusts no proxy by a name, and never everybody', () => {
    for (const proxy of [
      'proxy.example',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '::/0',
      '10.0.0.1,',
      'true',
      '10.0.0.1/8/8',
    ])
      expect(
        detailOf({ HUREN_TRUSTED_PROXY: proxy, HUREN_PUBLIC_URL: 'https://h.example' }),
        proxy,
      ).toContain('HUREN_TRUSTED_PROXY');
  });
});
