export * from './uids.ts';
export type * from './instance.ts';
export * from './belonging.ts';
export { studyFacts } from './study-facts.ts';
export type * from './study-facts.ts';
export { imageFacts, judgeImages } from './fitness.ts';
export type * from './fitness.ts';
export * from './manifest.ts';
export * from './view-copy.ts';
