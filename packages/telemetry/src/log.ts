// Structured logs on pino: one line of JSON each, the event's name apart from its fields, so that lines are counted and
// searched by event and not by wording. Credentials are blanked wherever a field carries them. All children of a log
// share one level, so that it can change while the process runs.
import { pino } from 'pino';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export type WrittenLevel = Exclude<LogLevel, 'silent'>;
/** One JSON document a line, or text for people. */
export type LogFormat = 'json' | 'text';

/** What is written, of a log, of its parent and of all its children alike. */
export interface LogControl {
  readonly levels: ReadonlySet<WrittenLevel>;
  writeLevels(levels: Iterable<WrittenLevel>): void;
  readonly format: LogFormat;
  writeAs(format: LogFormat): void;
}

export interface Log {
  readonly control: LogControl;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Whether lines of this level are written: ask before computing costly fields. */
  writes(level: WrittenLevel): boolean;
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log;
}

export interface LogDestination {
  /** Takes one line with its line break. */
  write(line: string): void;
  /** The form in which lines are written, where that can change; JSON without it. */
  format?: LogFormat;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Fields of every line. */
  readonly fields: LogFields;
  readonly destination: LogDestination;
}

export function createLog({ level, fields, destination }: LogOptions): Log {
  const writer = pino(
    {
      // Our own threshold decides, because a pino child keeps the level it was born with.
      level: 'debug',
      base: fields,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: serialiseErrors },
      redact: { paths: secretPaths, censor: '[redacted]' },
      hooks: { streamWrite: blankBearerTokens },
    },
    destination,
  );
  return logOn(writer, controlOf(destination, levelsFrom(level)));
}

/** A level and all above it. */
function levelsFrom(level: LogLevel): WrittenLevel[] {
  return logLevels.slice(logLevels.indexOf(level)).filter((one) => one !== 'silent');
}

function controlOf(destination: LogDestination, initial: Iterable<WrittenLevel>): LogControl {
  let levels: ReadonlySet<WrittenLevel> = new Set(initial);
  return {
    get levels() {
      return levels;
    },
    writeLevels(wanted) {
      levels = new Set(wanted);
    },
    get format() {
      return destination.format ?? 'json';
    },
    writeAs(format) {
      if (destination.format !== undefined) destination.format = format;
    },
  };
}

function logOn(writer: pino.Logger, control: LogControl): Log {
  const writes = (level: WrittenLevel) => control.levels.has(level);
  const write = (level: WrittenLevel) => (event: string, fields?: LogFields) => {
    if (writes(level)) writer[level](fields ?? {}, event);
  };
  return {
    control,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    writes,
    child: (fields) => logOn(writer.child(serialiseErrors(fields)), control),
  };
}

/** Errors as objects with their type, message, stack and chain of causes; JSON would show them as {}. */
function serialiseErrors(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? pino.stdSerializers.errWithCause(value) : value,
  ]);
  return Object.fromEntries(entries);
}

const secretNames = ['authorization', 'token', 'password', 'secret', 'privateKey', 'cookie'];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** The last guard: a token inside a text, such as an error message that quotes a header. */
function blankBearerTokens(line: string): string {
  return /bearer /i.test(line) ? line.replace(/(bearer )[\w.~+/=-]+/gi, '$1[redacted]') : line;
}
