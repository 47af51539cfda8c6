// Finds a cycle in a directed graph, as the chain of its nodes.

/** `edges(node)` lists what a node points to. The chain's first and last node are the same; undefined without a cycle. */
export function findCycle(nodes, edges) {
  const finished = new Set();
  const path = [];
  const visit = (node) => {
    if (finished.has(node)) return undefined;
    const start = path.indexOf(node);
    if (start !== -1) return [...path.slice(start), node];
    path.push(node);
    for (const next of edges(node)) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(node);
    return undefined;
  };
  for (const node of nodes) {
    const cycle = visit(node);
    if (cycle) return cycle;
  }
  return undefined;
}
