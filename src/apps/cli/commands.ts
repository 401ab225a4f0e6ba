import type { Command } from './command.ts';

/**
 * Every command of `huren`, by its first word, in the order of the overview. Each is loaded when it is called: a process
 * that serves keeps nothing of the others in memory.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).startCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  ingest: async () => (await import('./ingest.ts')).ingestCommand,
  quarantine: async () => (await import('./quarantine.ts')).quarantineCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  check: async () => (await import('./decisions.ts')).checkCommand,
  explain: async () => (await import('./decisions.ts')).explainCommand,
  replay: async () => (await import('./decisions.ts')).replayCommand,
  answers: async () => (await import('./answers.ts')).answersCommand,
  correction: async () => (await import('./correction.ts')).correctionCommand,
  catalogue: async () => (await import('./catalogue.ts')).catalogueCommand,
  sender: async () => (await import('./maintenance.ts')).senderCommand,
  ae: async () => (await import('./application-entity.ts')).applicationEntityCommand,
  objects: async () => (await import('./objects.ts')).objectsCommand,
  images: async () => (await import('./images.ts')).imagesCommand,
  person: async () => (await import('./person.ts')).personCommand,
  account: async () => (await import('./account.ts')).accountCommand,
  client: async () => (await import('./account-client.ts')).clientCommand,
  application: async () => (await import('./application.ts')).applicationCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  migrate: async () => (await import('./maintenance.ts')).migrateCommand,
  schema: async () => (await import('./maintenance.ts')).schemaCommand,
  doctor: async () => (await import('./maintenance.ts')).doctorCommand,
};
