// The .proto files of the wire contract as reflection hands them out: each with its encoded descriptor, found by its name, by any
// name that it declares, or by an extension. The descriptors are passed on as the compiler made them.
import { descriptors } from '../gen/descriptors.ts';
import { FieldReader } from '../wire/read.ts';

interface ProtoFile {
  readonly name: string;
  readonly encoded: Buffer;
  readonly imports: readonly string[];
}

export interface FileIndex {
  readonly byName: ReadonlyMap<string, ProtoFile>;
  /** By full name of what it declares: message, field, enum, value, service, method, extension. */
  readonly bySymbol: ReadonlyMap<string, ProtoFile>;
  /** Full name of a message → number of an extension → who declares it. */
  readonly byExtension: ReadonlyMap<string, ReadonlyMap<number, ProtoFile>>;
}

/** Made at the first use. */
export function fileIndex(): FileIndex {
  index ??= readIndex(Buffer.from(descriptors, 'base64'));
  return index;
}

let index: FileIndex | undefined;

/** A file and all that it imports, directly or not. */
export function withImports({ byName }: FileIndex, file: ProtoFile): ProtoFile[] {
  const found = new Set([file]);
  for (const one of found) {
    for (const name of one.imports) {
      const imported = byName.get(name);
      if (imported !== undefined) found.add(imported);
    }
  }
  return [...found];
}

function readIndex(set: Buffer): FileIndex {
  const byName = new Map<string, ProtoFile>();
  const bySymbol = new Map<string, ProtoFile>();
  const byExtension = new Map<string, Map<number, ProtoFile>>();
  for (const encoded of children(set, 1)) {
    const file = { name: text(encoded, 1), encoded, imports: children(encoded, 3).map(String) };
    byName.set(file.name, file);
    const declare = (scope: string, declared: readonly Buffer[]): string[] =>
      declared.map((one) => {
        const symbol = scope === '' ? text(one, 1) : `${scope}.${text(one, 1)}`;
        bySymbol.set(symbol, file);
        return symbol;
      });
    const declareExtensions = (scope: string, extensions: readonly Buffer[]): void => {
      declare(scope, extensions);
      for (const extension of extensions) {
        const extended = text(extension, 2).replace(/^\./, '');
        const numbers = byExtension.get(extended) ?? new Map<number, ProtoFile>();
        byExtension.set(extended, numbers.set(number(extension, 3), file));
      }
    };
    const declareEnums = (scope: string, enums: readonly Buffer[]): void => {
      declare(scope, enums);
      // The values of an enum stand beside it, not in it.
      for (const one of enums) declare(scope, children(one, 2));
    };
    const declareMessages = (scope: string, messages: readonly Buffer[]): void => {
      for (const [at, symbol] of declare(scope, messages).entries()) {
        const message = messages[at] as Buffer;
        declare(symbol, children(message, 2));
        declare(symbol, children(message, 8));
        declareMessages(symbol, children(message, 3));
        declareEnums(symbol, children(message, 4));
        declareExtensions(symbol, children(message, 6));
      }
    };
    const scope = text(encoded, 2);
    declareMessages(scope, children(encoded, 4));
    declareEnums(scope, children(encoded, 5));
    const services = children(encoded, 6);
    for (const [at, symbol] of declare(scope, services).entries()) declare(symbol, children(services[at] as Buffer, 2));
    declareExtensions(scope, children(encoded, 7));
  }
  return { byName, bySymbol, byExtension };
}

/** The contents of a repeated field of strings or messages. */
function children(message: Buffer, field: number): Buffer[] {
  const reader = new FieldReader(message);
  const found: Buffer[] = [];
  while (reader.next()) if (reader.field === field) found.push(reader.content());
  return found;
}

function text(message: Buffer, field: number): string {
  return String(children(message, field).at(-1) ?? '');
}

function number(message: Buffer, field: number): number {
  const reader = new FieldReader(message);
  let value = 0;
  while (reader.next()) if (reader.field === field) value = reader.varint;
  return value;
}
