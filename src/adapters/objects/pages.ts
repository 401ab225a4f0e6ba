import { constants } from 'node:fs';

/** What is written past the cache of the file system is written in whole pages, to places where pages begin. */
export const PAGE_BYTES = 4096;

/** Bytes that are missing to a whole page. */
export const paddingBehind = (bytes: number): number => (PAGE_BYTES - (bytes % PAGE_BYTES)) % PAGE_BYTES;

/** Opens a file past the cache; nothing where the system knows no such thing. */
export const DIRECT: number = constants.O_DIRECT ?? 0;
