import type { ZodError, ZodType } from 'zod';
import { AppError, type FieldError } from './errors';

/** Parses input from outside; what is wrong comes back field by field with JSON pointers. */
export function parseInput<Shape>(schema: ZodType<Shape>, input: unknown): Shape {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error);
}

export function invalidInput(error: ZodError): AppError {
  const errors = firstOfEachField(error.issues.flatMap(toFieldErrors));
  const [first] = errors;
  const detail = errors.length === 1 && first !== undefined ? first.detail : `${errors.length} fields need attention.`;
  return new AppError('invalid_input', detail, { errors });
}

/** One message for a field is enough: the next one shows when the first is mended. */
function firstOfEachField(errors: readonly FieldError[]): FieldError[] {
  return errors.filter((error, index) => errors.findIndex(({ pointer }) => pointer === error.pointer) === index);
}

function toFieldErrors(issue: ZodError['issues'][number]): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: `The field ${key} is not known here. Remove it.` }));
  }
  const detail = issue.path.length === 0 && issue.code === 'invalid_type' ? 'The body must be a JSON object.' : issue.message;
  return [{ pointer: pointerTo(issue.path), detail }];
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
