// The file of credentials: who may call, by the hash of a bearer token or by the name in a client's certificate. It
// never holds a token itself, so reading it gives nobody access.
import { WeftError } from '@weft/errors';
import { z } from 'zod';
import { roles } from './required-role.ts';

const entrySchema = z
  .strictObject({
    name: z.string().min(1, 'must not be empty'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, "must be the token's SHA-256 in 64 hex digits")
      .transform((digits) => Buffer.from(digits, 'hex'))
      .optional(),
    certificate: z.string().min(1, 'must not be empty').optional(),
    roles: z.array(z.enum(roles)).min(1, 'must name at least one role'),
    tenant: z.string().max(128).optional(),
    priorities: z
      .array(z.int().min(0).max(2 ** 32 - 1))
      .min(1, 'must name at least one priority')
      .optional(),
  })
  .refine(({ sha256, certificate }) => (sha256 === undefined) !== (certificate === undefined), {
    message: 'must have either sha256 or certificate',
  });

const fileSchema = z.strictObject({ tokens: z.array(entrySchema) });

export type TokenEntry = z.infer<typeof entrySchema>;

/** The entries of a token file's text. Throws FAILED_PRECONDITION naming the file and the field; never quotes a value. */
export function parseTokenFile(path: string, text: string): readonly TokenEntry[] {
  const { tokens } = check(path, parseJson(path, text));
  refuseRepeated(path, tokens, 'name', (entry) => entry.name);
  refuseRepeated(path, tokens, 'sha256', (entry) => entry.sha256?.toString('hex'));
  refuseRepeated(path, tokens, 'certificate', (entry) => entry.certificate);
  return tokens;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the text.
    throw tokenFileError(path, 'is not valid JSON', cause);
  }
}

function check(path: string, content: unknown): z.infer<typeof fileSchema> {
  const result = fileSchema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${fieldName(issue.path)}: ${issue.message}`);
  throw tokenFileError(path, problems.join('; '), undefined);
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return name === '' ? 'the file' : name.replace(/^\./, '');
}

function refuseRepeated(
  path: string,
  entries: readonly TokenEntry[],
  field: string,
  valueOf: (entry: TokenEntry) => string | undefined,
): void {
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const value = valueOf(entry);
    if (value === undefined) continue;
    if (seen.has(value)) throw tokenFileError(path, `tokens[${index}].${field}: another entry has the same`, undefined);
    seen.add(value);
  }
}

export function tokenFileError(path: string, problem: string, cause: unknown): WeftError {
  return new WeftError('FAILED_PRECONDITION', `token file ${path}: ${problem}`, { cause });
}
