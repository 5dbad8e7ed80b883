import { AppwriteError } from './errors';
import { DuplicateDocument, insert } from './documents';
import { isoTime, uniqueId } from './ids';
import { stamp } from './listing';
import type { Namespace } from './namespace';
import { HASH_OPTIONS, hashPassword } from './passwords';
import { permission } from './permissions';
import { users, type UserDocument } from './schema';

const FREE_HOSTS = new Set(['gmail.com', 'googlemail.com', 'hotmail.com', 'icloud.com', 'outlook.com', 'proton.me', 'yahoo.com']);
const DISPOSABLE_HOSTS = new Set(['example.com', 'mailinator.com', 'guerrillamail.com', '10minutemail.com', 'yopmail.com']);

export interface NewUser {
  id: string;
  email: string;
  name: string;
  /** Absent for accounts that an administrator makes without one and for anonymous ones. */
  password?: string;
  phone?: string;
  /** Set when the person signs up alone. */
  accessedAt?: Date;
}

/** Adds a user; the id and the address must be free. */
export async function createUser(ns: Namespace, input: NewUser): Promise<UserDocument> {
  const now = new Date();
  const id = input.id === 'unique()' ? uniqueId() : input.id;
  try {
    return await insert(ns, users, {
      id,
      permissions: [permission('read', 'any'), permission('update', `user:${id}`), permission('delete', `user:${id}`)],
      values: {
        name: input.name, email: input.email, phone: input.phone ?? '', registration: now, accessedAt: input.accessedAt ?? null,
        password: input.password === undefined ? '' : await hashPassword(input.password),
        passwordUpdate: input.password === undefined ? null : now, targetId: uniqueId(),
      },
    });
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('user_already_exists') : error;
  }
}

/** An account as its owner sees it. */
export function toAccount(user: UserDocument): Record<string, unknown> {
  const { values } = user;
  return {
    ...stamp(user),
    name: values.name,
    registration: isoTime(values.registration),
    status: values.status,
    labels: values.labels,
    passwordUpdate: isoTime(values.passwordUpdate),
    email: values.email,
    phone: values.phone,
    emailVerification: values.emailVerification,
    ...emailFacts(values.email),
    phoneVerification: values.phoneVerification,
    mfa: values.mfa,
    prefs: values.prefs,
    targets: values.email === '' ? [] : [emailTarget(user)],
    accessedAt: isoTime(values.accessedAt),
    impersonator: false,
    impersonatorUserId: null,
  };
}

/** A user as the users API shows it to keys: the hash of the password included, as on the real server. */
export function toUser(user: UserDocument): Record<string, unknown> {
  return { ...toAccount(user), password: user.values.password, hash: 'argon2', hashOptions: HASH_OPTIONS };
}

function emailTarget(user: UserDocument): Record<string, unknown> {
  return {
    ...stamp(user), $id: user.values.targetId, name: '', userId: user.$id, providerId: null, providerType: 'email',
    identifier: user.values.email, expired: false,
  };
}

function emailFacts(email: string): Record<string, unknown> {
  if (email === '') return { emailCanonical: null, emailIsFree: null, emailIsDisposable: null, emailIsCorporate: null, emailIsCanonical: null };
  const [local = '', host = ''] = email.split('@');
  const canonical = `${local.split('+')[0] ?? ''}@${host}`;
  const free = FREE_HOSTS.has(host);
  const disposable = DISPOSABLE_HOSTS.has(host);
  return {
    emailCanonical: canonical, emailIsFree: free, emailIsDisposable: disposable, emailIsCorporate: !free && !disposable,
    emailIsCanonical: canonical === email,
  };
}
