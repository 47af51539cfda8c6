// One line per step, with its time, so that a long install or build never looks like a hang.
//
// On a terminal the line of the running step counts its seconds; elsewhere (CI logs) a step that takes longer than a
// moment is announced with a line of its own, and nothing is ever rewritten.

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const nameColumns = 12;
const momentMs = 1_000;

export const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * `step(name, work, {announce})` runs `work` and resolves with what it returns. A string that `work` returns is shown
 * as the step's result. `announce` says, where nothing can be animated, what is about to take long.
 */
export function createStepLog(stream) {
  const startAnimation = (label, startMs) => {
    let frame = 0;
    const draw = () => {
      stream.write(
        `\r\x1b[2K${frames[frame % frames.length]} ${label} ${Math.floor((performance.now() - startMs) / 1000)} s`,
      );
      frame += 1;
    };
    draw();
    const timer = setInterval(draw, 120);
    return () => {
      clearInterval(timer);
      stream.write('\r\x1b[2K');
    };
  };

  return async function step(name, work, { announce } = {}) {
    const startMs = performance.now();
    const label = name.padEnd(nameColumns);
    let stopAnimation = () => {};
    if (stream.isTTY) stopAnimation = startAnimation(announce ? `${label} ${announce}` : label, startMs);
    else if (announce) {
      const timer = setTimeout(() => stream.write(`  ${label} ${announce} ...\n`), momentMs);
      stopAnimation = () => clearTimeout(timer);
    }
    try {
      const result = await work();
      stopAnimation();
      stream.write(`  ${label} ${typeof result === 'string' ? result : 'ok'} (${seconds(startMs)})\n`);
      return result;
    } catch (error) {
      stopAnimation();
      stream.write(`✗ ${label} failed (${seconds(startMs)})\n`);
      throw error;
    }
  };
}
