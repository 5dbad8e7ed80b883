import { AppError, type FieldError } from '@/lib/kernel/errors';
import { parseDotenv } from './dotenv';
import type { ChangeVariables } from './schemas';
import { isGenerated, nameProblem, valueProblem } from './variable-rules';

export interface WantedVariable {
  name: string;
  /** Undefined: stays as it is. */
  value: string | undefined;
  secret: boolean | undefined;
}

/** What a request asks for, every name and value checked; `invalid_input` names each that is wrong, all at once. */
export function wantedVariables({ variables, dotenv, remove }: ChangeVariables): { wanted: WantedVariable[]; protectedNames: string[] } {
  const errors: FieldError[] = [];
  const wanted = dotenv === undefined ? fromList(variables ?? [], errors) : fromText(dotenv, errors);
  const protectedNames = dotenv === undefined ? [] : wanted.filter(({ name }) => isGenerated(name)).map(({ name }) => name);
  for (const [index, name] of remove.entries()) {
    if (isGenerated(name)) errors.push({ pointer: `/remove/${index}`, detail: `${name} comes from the backend and cannot be removed.` });
    else if (wanted.some((variable) => variable.name === name)) errors.push({ pointer: `/remove/${index}`, detail: `${name} is to be set and removed at once. Name it in one place.` });
  }
  const [first] = errors;
  if (first !== undefined) throw new AppError('invalid_input', first.detail, { errors: errors.slice(0, mostErrors) });
  return { wanted: wanted.filter(({ name }) => !isGenerated(name)), protectedNames };
}

/** Enough to mend a file by; the answer stays readable. */
const mostErrors = 50;

function fromList(variables: NonNullable<ChangeVariables['variables']>, errors: FieldError[]): WantedVariable[] {
  const seen = new Set<string>();
  for (const [index, { name, value, secret }] of variables.entries()) {
    const generated = isGenerated(name) ? `${name} comes from the backend and cannot be set.` : null;
    const twice = seen.has(name) ? `${name} is named twice.` : null;
    seen.add(name);
    const wrongName = nameProblem(name) ?? generated ?? twice;
    if (wrongName !== null) errors.push({ pointer: `/variables/${index}/name`, detail: wrongName });
    const wrongValue = value === undefined ? null : valueProblem({ name, value, secret: secret === true });
    if (wrongValue !== null) errors.push({ pointer: `/variables/${index}/value`, detail: wrongValue });
  }
  return variables.map(({ name, value, secret }) => ({ name, value, secret }));
}

function fromText(text: string, errors: FieldError[]): WantedVariable[] {
  const { assignments, problems } = parseDotenv(text);
  for (const { line, detail } of problems) errors.push({ pointer: '/dotenv', detail: `Line ${line}: ${detail}` });
  for (const { name, value, line } of assignments) {
    const wrong = nameProblem(name) ?? (isGenerated(name) ? null : valueProblem({ name, value, secret: false }));
    if (wrong !== null) errors.push({ pointer: '/dotenv', detail: `Line ${line}: ${wrong}` });
  }
  return assignments.map(({ name, value }) => ({ name, value, secret: undefined }));
}
