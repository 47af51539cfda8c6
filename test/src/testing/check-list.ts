// What an opt-in job shows, fact by fact: a line for each as it is known, one that fails does not end the others, and a count at the end.

export interface CheckList {
  /** Holds unless it throws. A string that it resolves with is told beside the fact. */
  check(fact: string, holds: () => Promise<unknown>): Promise<void>;
  /** Something else went wrong. */
  failed(error: Error): void;
  /** Prints the count; the exit code: 0 where all of them hold, and there are any. */
  end(): number;
}

export function createCheckList(print: (line: string) => void = console.log): CheckList {
  const results: boolean[] = [];
  const failed = (fact: string): void => {
    results.push(false);
    print(`FAIL ${fact}`);
  };
  return {
    async check(fact, holds) {
      try {
        const told = await holds();
        results.push(true);
        print(`ok   ${fact}${typeof told === 'string' ? `: ${told}` : ''}`);
      } catch (thrown) {
        failed(`${fact}\n     ${(thrown as Error).message}`);
      }
    },
    failed: (error) => failed(error.message),
    end() {
      const held = results.filter(Boolean).length;
      print(`${held} of ${results.length} checks hold`);
      return held === results.length && held > 0 ? 0 : 1;
    },
  };
}
