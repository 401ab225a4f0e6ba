import type { ReactNode } from 'react';

/** A wide table that scrolls by itself; reachable by keyboard, so that its end can be read without a mouse. */
export const Scrolls = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <div className="scrolls" role="region" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
