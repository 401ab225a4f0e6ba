import { writeFileSync } from 'node:fs';
import { rightsDocument } from '../src/apps/server/rights-table.ts';
import { declaredRoutes } from './declared-routes.ts';

writeFileSync(new URL('../docs/rights.md', import.meta.url), rightsDocument(declaredRoutes()));
