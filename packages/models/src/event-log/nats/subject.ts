// Subjects of the event log. A name such as `model..1` or `a b` cannot stand in a subject, so names are written in base64url.
const prefix = 'weft.models.';

/** All subjects of the log; one with more parts is nobody's. */
export const allSubjects = `${prefix}*`;

export function subjectOf(model: string): string {
  return prefix + Buffer.from(model).toString('base64url');
}

/** Undefined for a subject that subjectOf never gives: somebody else has published there. */
export function modelOf(subject: string): string | undefined {
  const model = Buffer.from(subject.slice(prefix.length), 'base64url').toString();
  return model !== '' && subjectOf(model) === subject ? model : undefined;
}
