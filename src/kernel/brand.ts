/**
 * A nominal type: the same bytes as `Base`, but not interchangeable with any other brand.
 * Swapping two identifiers is the accident this platform fears most (错配), so every id has its own brand.
 */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
