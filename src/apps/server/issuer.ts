import type { EmbeddedIssuer, IssuerDependencies } from '../../adapters/issuer/embedded-issuer.ts';
import { embeddedIssuer } from '../../adapters/issuer/embedded-issuer.ts';
import { html } from '../../web/html.ts';
import { layout } from '../../web/layout.ts';
import { FHIR_PATH } from './application-tokens.ts';
import { askPath } from './routes/applications.ts';

/** The page for an error of an app's request that cannot be sent back to the app, e.g. an address it did not register. */
const errorPage = (code: string): string =>
  layout({
    title: '应用请求未被接受',
    viewer: null,
    formToken: '',
    content: html`<section class="narrow">
<h1>应用请求未被接受</h1>
<p class="alert" role="alert">打开本页的应用发来的请求有误，未做任何授权。请从应用重新打开；仍然如此时，请把下面的代码告诉应用的提供者。</p>
<dl class="facts"><dt>代码</dt><dd>${code}</dd></dl>
<p><a href="/">返回首页</a></p>
</section>`,
  }).text;

/** The embedded issuer with the paths and pages of this server. */
export const ownIssuer = (
  dependencies: Omit<IssuerDependencies, 'askPath' | 'errorPage' | 'fhirPath'>,
): EmbeddedIssuer => embeddedIssuer({ ...dependencies, fhirPath: FHIR_PATH, askPath, errorPage });
