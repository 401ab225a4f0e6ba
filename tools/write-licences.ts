import { writeFileSync } from 'node:fs';
import { licencesDocument, readPackages } from './licences.ts';

writeFileSync(new URL('../docs/licences.md', import.meta.url), licencesDocument(readPackages()));
