import { writeFileSync } from 'node:fs';
import { errorsDocument, readFaultTables } from './fault-tables.ts';

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsDocument(await readFaultTables()));
