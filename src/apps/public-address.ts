import type { Configuration } from './configuration.ts';

/** The platform's own address in links that leave it. */
export interface PublicAddress {
  /** Without a slash at the end. */
  url(): string;
  /** Tells where the HTTP role really listens, which a port of 0 leaves open until then. */
  listensAt(url: string): void;
}

/** `HUREN_PUBLIC_URL`, else where the HTTP role listens; a process without that role goes by the settings. */
export const publicAddress = ({
  publicUrl,
  host,
  httpPort,
  tls,
}: Pick<Configuration, 'publicUrl' | 'host' | 'httpPort' | 'tls'>): PublicAddress => {
  let listening = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${httpPort}`;
  return {
    url: () => publicUrl ?? listening,
    listensAt(url) {
      listening = url;
    },
  };
};
