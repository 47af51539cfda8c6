// The file of credentials: who may call, by the hash of a bearer token or by the name in a client's certificate. It
// never holds a token itself, so reading it gives nobody access. (A token's hash: printf %s "$TOKEN" | sha256sum)
//
//   {"tokens": [{"name": "team-a", "sha256": "9f86d0…", "roles": ["infer"], "tenant": "a", "priorities": [2, 1]},
//               {"name": "router", "certificate": "router.weft", "roles": ["executor"]}]}
//
// The first priority is the one of a call that asks for none. Without a tenant the name is the tenant.
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
      .array(
        z
          .int()
          .min(0)
          .max(2 ** 32 - 1),
      )
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
  const repeated = findRepeated(tokens);
  if (repeated !== undefined) throw tokenFileError(path, `${repeated}: another entry has the same`, undefined);
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

/** The field of the first entry whose name, hash or certificate an earlier entry has already. */
function findRepeated(entries: readonly TokenEntry[]): string | undefined {
  const seen = new Set<string>();
  for (const [index, { name, sha256, certificate }] of entries.entries()) {
    for (const [field, value] of Object.entries({ name, sha256: sha256?.toString('hex'), certificate })) {
      if (value === undefined) continue;
      if (seen.has(`${field} ${value}`)) return `tokens[${index}].${field}`;
      seen.add(`${field} ${value}`);
    }
  }
  return undefined;
}

export function tokenFileError(path: string, problem: string, cause: unknown): WeftError {
  return new WeftError('FAILED_PRECONDITION', `token file ${path}: ${problem}`, { cause });
}
