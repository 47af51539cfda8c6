// One line on stderr that says what is going on, for as long as it goes on and only where a person sees it.
import type { Shell } from './shell.ts';

export interface Progress {
  update(text: string): void;
  /** Removes the line. */
  done(): void;
}

const eraseLine = '\r\u001b[2K';

export function startProgress(shell: Shell, text: string): Progress {
  if (!shell.errIsTerminal) return { update() {}, done() {} };
  const started = performance.now();
  let current = text;
  let isDone = false;
  const draw = () => {
    const seconds = Math.floor((performance.now() - started) / 1000);
    shell.err(`${eraseLine}${current}${seconds > 0 ? ` (${seconds} s)` : ' …'}`);
  };
  draw();
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    update(next) {
      current = next;
      draw();
    },
    done() {
      // What stands on the line after the first time is not ours.
      if (isDone) return;
      isDone = true;
      clearInterval(timer);
      shell.err(eraseLine);
    },
  };
}
