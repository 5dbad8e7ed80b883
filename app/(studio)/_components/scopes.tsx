/** What a key may do, in a cell: the one scope, or how many, and all of them on hover. */
export function Scopes({ of: scopes }: { of: readonly string[] }) {
  return <span title={scopes.join('\n')}>{scopes.length === 1 ? scopes[0] : `${scopes.length} scopes`}</span>;
}
