// The processes of one run of a bench: started by the name of their module, and stopped together, the last one first, so
// that a client goes before the router it calls and a router before the services behind it.
import type { ProcessQuestions } from './children/answer-parent.ts';
import { type ForkedChild, forkChild, type Questions } from './forked-child.ts';

export interface ChildGroup {
  /** Starts `children/<module>.ts`. `name` is for messages and profiles where one module runs in several processes. */
  start<Q extends Questions>(module: string, name?: string): ForkedChild<Q & ProcessQuestions>;
  /** Stops all that have been started so far. */
  stop(): Promise<void>;
}

export function createChildGroup(profileDirectory: string | undefined): ChildGroup {
  const children: { stop(): Promise<void> }[] = [];
  return {
    start(module, name = module) {
      const child = forkChild(new URL(`./children/${module}.js`, import.meta.url), { name, profileDirectory });
      children.unshift(child);
      return child as never;
    },
    async stop() {
      for (const child of children.splice(0)) await child.stop();
    },
  };
}
