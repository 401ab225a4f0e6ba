import { readFileSync } from 'node:fs';
import { statement } from '../../adapters/postgres/database.ts';
import { publishLists } from '../../adapters/postgres/lists.ts';
import { raiser } from '../../kernel/fault.ts';
import type { ListDocument } from '../../recognition/index.ts';
import { readListDocument } from '../list-document-reader.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = 'catalogue list|publish FILE… [--by NAME] [--reason TEXT] [--json]';

const VERSIONS = statement(
  'catalogue.versions',
  `select kind, code, version, status, jurisdiction, effective_from, effective_to, content_hash, published_at, published_by
   from list_versions order by kind, code, version`,
);

interface VersionRow {
  readonly kind: string;
  readonly code: string;
  readonly version: string;
  readonly status: string;
  readonly jurisdiction: string;
  readonly effective_from: string;
  readonly effective_to: string | null;
  readonly content_hash: string;
  readonly published_by: string;
}

/** Reads list documents from JSON files; one file holds one document or an array of them. */
const readDocuments = (paths: readonly string[]): ListDocument[] =>
  paths.flatMap((path) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw raiser(CLI_FAULTS)('FILE_UNREADABLE', { place: path, cause });
    }
    return (Array.isArray(parsed) ? parsed : [parsed]).map((document, index) =>
      readListDocument(document, Array.isArray(parsed) ? `${path}[${index}]` : path),
    );
  });

/** `huren catalogue`: shows and publishes list versions. */
export const catalogueCommand: Command = {
  usage: USAGE,
  summaryZh: '查看已发布的清单版本；发布清单文件（JSON）',
  summaryEn: 'shows the published list versions; publishes list documents (JSON files)',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { by: { type: 'string' }, reason: { type: 'string' }, json: { type: 'boolean' } },
      USAGE,
      { min: 1, max: 10_000 },
    );
    const [verb, ...paths] = positionals;
    if (verb === 'list')
      return withInstallation(context, async ({ database }) => {
        const rows = await database.run<VersionRow>(VERSIONS);
        if (values.json) context.out(JSON.stringify(rows));
        else
          for (const row of rows)
            context.out(
              `${row.kind}\t${row.code}\t${row.version}\t${row.status}\t${row.effective_from} – ${row.effective_to ?? ''}\t${row.content_hash.slice(0, 12)}`,
            );
        return EXIT.done;
      });
    if (verb !== 'publish' || paths.length === 0)
      throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    const documents = readDocuments(paths);
    return withInstallation(context, async ({ database, clock }) => {
      const published = await publishLists(database, documents, {
        by: values.by ?? 'console',
        at: clock(),
        reason: values.reason ?? 'huren catalogue publish',
      });
      context.out(
        values.json
          ? JSON.stringify({ ...published, documents: documents.length })
          : `已发布 ${documents.length} 份清单，第 ${published.epoch} 期，快照 ${published.snapshotId}`,
      );
      return EXIT.done;
    });
  },
};
