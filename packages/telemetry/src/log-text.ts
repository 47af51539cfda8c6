// Log lines for people at a terminal: time, level, component, event, then name=value. Made from the JSON line, so that
// both forms always say the same. (pino-pretty does more, with eleven further packages.)
import { styleText } from 'node:util';
import type { LogDestination, LogFormat } from './log.ts';

const colourOfLevel: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};

/** A destination that writes lines as they are, or rewrites each as text for people; which of them may change. */
export function formattedDestination(target: LogDestination, format: LogFormat, colour: boolean): LogDestination {
  const destination = {
    format,
    write: (line: string) => target.write(destination.format === 'text' ? `${formatLine(line, colour)}\n` : line),
  };
  return destination;
}

interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly component?: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

function formatLine(line: string, colour: boolean): string {
  const { time, level, component, event, ...fields } = JSON.parse(line) as LogLine;
  const paint = (text: string) =>
    colour ? styleText(colourOfLevel[level] ?? 'white', text, { validateStream: false }) : text;
  const stacks: string[] = [];
  const words = Object.entries(fields).map(([name, value]) => {
    if (!isError(value)) return `${name}=${formatValue(value)}`;
    stacks.push(...stackChain(value));
    return `${name}=${formatValue(value.message)}`;
  });
  const clock = time.slice(11, 23);
  const head = [clock, paint(level.padEnd(5)), component, event, ...words].filter((word) => word !== undefined);
  return [head.join(' '), ...stacks].join('\n');
}

interface LoggedError {
  readonly message: string;
  readonly stack: string;
  readonly cause?: unknown;
}

function isError(value: unknown): value is LoggedError {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}

/** The stacks of an error and of all its causes, indented. */
function stackChain(error: LoggedError): readonly string[] {
  const causes = isError(error.cause) ? stackChain(error.cause) : [];
  const [first = '', ...rest] = causes;
  const indented = error.stack.replace(/^/gm, '    ');
  return causes.length === 0 ? [indented] : [indented, first.replace(/^ {4}/, '    caused by '), ...rest];
}

function formatValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
