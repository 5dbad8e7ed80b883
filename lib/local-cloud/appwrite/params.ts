import { AppwriteError, invalidParam } from './errors';
import { CUSTOM_ID } from './ids';
import { parseDate } from './data/dates';
import type { JsonObject } from './schema';

/** Reads one value or throws `Invalid \`name\` param: …`. */
export type Rule<T> = (value: unknown, name: string) => T;

/** The parameters of a request: its body, or its query string when it has none. */
export class Input {
  readonly #values: Readonly<JsonObject>;

  constructor(values: Readonly<JsonObject>) {
    this.#values = values;
  }

  required<T>(name: string, rule: Rule<T>): T {
    const value = this.raw(name);
    if (value === undefined || value === null) throw new AppwriteError('general_argument_invalid', `Param "${name}" is not optional.`);
    return rule(value, name);
  }

  optional<T, F>(name: string, rule: Rule<T>, fallback: F): T | F {
    const value = this.raw(name);
    return value === undefined || value === null ? fallback : rule(value, name);
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }
}

/** A role inside a team. */
export const CUSTOM_ROLE = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,80}$/;

const ID_RULE = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";

export const customId: Rule<string> = (value, name) => {
  if (value === 'unique()' || (typeof value === 'string' && CUSTOM_ID.test(value))) return value;
  throw invalidParam(name, ID_RULE);
};

export const key: Rule<string> = (value, name) => {
  if (typeof value === 'string' && CUSTOM_ID.test(value)) return value;
  throw invalidParam(name, ID_RULE);
};

export function text(max: number, min = 1): Rule<string> {
  return (value, name) => {
    const length = typeof value === 'string' ? [...value].length : -1;
    if (typeof value === 'string' && length >= min && length <= max) return value;
    throw invalidParam(name, `Value must be a valid string and at least ${min} chars and no longer than ${max} chars`);
  };
}

export const boolean: Rule<boolean> = (value, name) => {
  if (value === true || value === 'true' || value === 1 || value === '1') return true;
  if (value === false || value === 'false' || value === 0 || value === '0') return false;
  throw invalidParam(name, 'Value must be a valid boolean');
};

export function integer(min: number, max: number): Rule<number> {
  return (value, name) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw invalidParam(name, `Value must be a valid range between ${min.toLocaleString('en-US')} and ${max.toLocaleString('en-US')}`);
  };
}

export const number: Rule<number> = (value, name) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidParam(name, 'Value must be a valid float');
};

export const object: Rule<JsonObject> = (value, name) => {
  const parsed = typeof value === 'string' ? tryJson(value) : value;
  if (isObject(parsed)) return parsed;
  throw invalidParam(name, 'Value must be a valid object.');
};

/** Preferences: an object whose JSON fits into 64 KiB. */
export const preferences: Rule<JsonObject> = (value, name) => {
  if (isObject(value) && JSON.stringify(value).length <= 65_535) return value;
  throw invalidParam(name, 'Value must be a valid object.');
};

export const email: Rule<string> = (value, name) => {
  if (isEmail(value)) return value.toLowerCase();
  throw invalidParam(name, 'Value must be a valid email address');
};

export const password: Rule<string> = (value, name) => {
  if (typeof value === 'string' && value.length >= 8 && value.length <= 256) return value;
  throw invalidParam(name, 'Password must be between 8 and 256 characters long.');
};

export const datetime: Rule<Date> = (value, name) => {
  const date = typeof value === 'string' ? parseDate(value) : undefined;
  if (date !== undefined) return date;
  throw invalidParam(name, 'Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.');
};

export const hostname: Rule<string> = (value, name) => {
  if (typeof value === 'string' && /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value)) return value;
  throw invalidParam(name, 'Value must be a valid hostname without path, port and protocol.');
};

export function oneOf(values: readonly string[]): Rule<string> {
  return (value, name) => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw invalidParam(name, `Value must be one of (${values.join(', ')})`);
  };
}

/** A list whose items `accepts`; `expects` is what the message says an item must be. */
export function listOf(accepts: (item: string) => boolean, expects: string, max = 100): Rule<string[]> {
  return (value, name) => {
    const items = typeof value === 'string' && value !== '' ? [value] : value;
    if (Array.isArray(items) && items.length <= max && items.every((item): item is string => typeof item === 'string' && accepts(item))) return items;
    throw invalidParam(name, `Value must a valid array no longer than ${max} items and ${expects}`);
  };
}

/** The texts of `queries[]`, whose contents the query parser reads. */
export const queryTexts = listOf(
  (item) => item.length >= 1 && item.length <= 4096,
  'Value must be a valid string and at least 1 chars and no longer than 4096 chars',
);

/** A list of objects, such as the rows of a bulk write. */
export const objects: Rule<JsonObject[]> = (value, name) => {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw invalidParam(name, 'Value must be a valid array of objects.');
};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEmail(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 320 && /^[^\s@"<>(),;:\\]+@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i.test(value);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
