export interface PageInput {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

const MAX_PAGE = 500;

/** A Relay connection whose cursors are ids. A cursor that is gone leaves nothing out. */
export function toConnection<Node extends { id: string }, View>(nodes: readonly Node[], page: PageInput, view: (node: Node) => View): object {
  const after = page.after == null ? -1 : nodes.findIndex(({ id }) => id === page.after);
  const found = page.before == null ? -1 : nodes.findIndex(({ id }) => id === page.before);
  const before = found < 0 ? nodes.length : found;
  const window = nodes.slice(after + 1, before);
  const size = Math.min(page.first ?? page.last ?? MAX_PAGE, MAX_PAGE);
  const fromEnd = page.first == null && page.last != null;
  const chosen = fromEnd ? window.slice(Math.max(0, window.length - size)) : window.slice(0, Math.max(0, size));
  return {
    edges: chosen.map((node) => ({ cursor: node.id, node: view(node) })),
    pageInfo: {
      startCursor: chosen[0]?.id ?? null,
      endCursor: chosen.at(-1)?.id ?? null,
      hasNextPage: fromEnd ? before < nodes.length : after + 1 + chosen.length < before,
      hasPreviousPage: fromEnd ? chosen.length < window.length : after >= 0,
    },
  };
}
