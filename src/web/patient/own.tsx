import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import { call, CallFailed } from '../kit/calls.ts';
import { readHistory } from '../kit/history.ts';
import type { OwnAccount, OwnRepresentation, OwnResults, OwnStudies } from '../wire/own-data.ts';

/** Who is signed in. */
export const AccountContext = createContext<OwnAccount | null>(null);

/** Who is signed in. Only inside the frame, which shows nothing before it is known. */
export const useAccount = (): OwnAccount => {
  const account = useContext(AccountContext);
  if (!account) throw new Error('useAccount outside the frame');
  return account;
};

/** Whose data is on the screen: one's own, or that of somebody acted for. */
export interface Subject {
  /** null: one's own. */
  readonly acting: OwnRepresentation | null;
  readonly name: string;
  /** What calls of one's own data carry: the opaque id of the person, or nothing. */
  readonly person: string | undefined;
}

/** Whose data is on the screen, by the opaque id in the address. */
export const useSubject = (): Subject => {
  const account = useAccount();
  const { for: person } = useSearch({ strict: false });
  const acting = account.actingFor.find((each) => each.person.person === person) ?? null;
  return {
    acting,
    name: (acting?.person ?? account.person).name ?? '',
    person: acting?.person.person,
  };
};

/** A key under which an act is sent, so that sending it twice does it once. Also where the page came without TLS. */
export const requestKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The query of a call of one's own data. */
export const ownQuery = (
  person: string | undefined,
  more: Readonly<Record<string, string | undefined>> = {},
): string => {
  const entries = Object.entries({ person, ...more }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
};

/** The second tap: whether results of restricted classes were asked for, and of whom. */
export const RestrictedContext = createContext<{
  readonly askedOf: string | null | undefined;
  readonly ask: (person: string | null | undefined) => void;
}>({ askedOf: undefined, ask: () => undefined });

/** Whether results of restricted classes of the person on the screen were asked for, and how to ask or stop. */
export const useRestricted = (): readonly ['shown' | undefined, (asks: boolean) => void] => {
  const { person } = useSubject();
  const { askedOf, ask } = useContext(RestrictedContext);
  const asked = askedOf !== undefined && askedOf === (person ?? null);
  return [asked ? 'shown' : undefined, (asks) => ask(asks ? (person ?? null) : undefined)];
};

/** Images of the person on the screen beside which no report lies. */
export const useOwnStudies = () => {
  const { person } = useSubject();
  return useQuery({
    queryKey: ['studies', person ?? null],
    queryFn: ({ signal }) =>
      call<OwnStudies>(`/api/own/studies${ownQuery(person)}`, { signal }).catch(
        (error: unknown): OwnStudies => {
          // Where no images are kept there is no such address.
          if (error instanceof CallFailed && error.problem.status === 404) return { studies: [] };
          throw error;
        },
      ),
  });
};

/** All results of the person on the screen, as the pages read them. */
export const useOwnResults = () => {
  const { person } = useSubject();
  const [restricted] = useRestricted();
  return useQuery({
    queryKey: ['results', person ?? null, restricted ?? null],
    queryFn: async ({ signal }) => {
      const sent = await call<OwnResults>(`/api/own/results${ownQuery(person, { restricted })}`, { signal });
      return { history: readHistory(sent.history), restricted: sent.restricted };
    },
  });
};
