import { grantable, rightsOf, roles, type Role } from '@/lib/identity/access/policy';
import type { ErrorCode } from '@/lib/kernel/errors';

/** People are numbers: 0 makes the organization, the others start outside. */
export type Step =
  | { verb: 'invite'; actor: number; target: number; role: Role }
  | { verb: 'resend' | 'revoke'; actor: number; target: number }
  | { verb: 'accept'; actor: number }
  | { verb: 'changeRole'; actor: number; target: number; role: Role }
  | { verb: 'remove'; actor: number; target: number }
  | { verb: 'leave'; actor: number };

export type Outcome = 'allowed' | ErrorCode;

/** Power as a person would order it, written down apart from the product's own table so that it can judge that table. */
const power: Record<Role, number> = { owner: 2, admin: 1, developer: 0, viewer: 0, billing: 0 };

/** Who belongs to one organization, as the rules say it must come out. Throws when a rule would be broken. */
export class Authority {
  readonly members = new Map<number, Role>([[0, 'owner']]);
  readonly invitations = new Map<number, { role: Role; sender: number }>();

  apply(step: Step): Outcome {
    const outcome = this.#run(step);
    const owners = [...this.members.values()].filter((role) => role === 'owner');
    if (owners.length === 0) throw new Error(`no owner is left after ${JSON.stringify(step)}`);
    for (const { role, sender } of this.invitations.values()) this.#judge(sender, role, step);
    return outcome;
  }

  #run(step: Step): Outcome {
    const { actor } = step;
    if (step.verb === 'accept') return this.#accept(actor, step);
    const own = this.members.get(actor);
    if (own === undefined) return 'not_found';
    if (step.verb === 'leave') return this.#end(actor);
    if (!rightsOf[own].has('member:manage')) return 'forbidden';
    const { target } = step;
    switch (step.verb) {
      case 'invite':
        if (!grantable[own].includes(step.role)) return 'forbidden';
        if (this.members.has(target) || this.invitations.has(target)) return 'conflict';
        this.invitations.set(target, { role: step.role, sender: actor });
        return 'allowed';
      case 'resend':
      case 'revoke': {
        const open = this.invitations.get(target);
        if (open === undefined) return 'not_found';
        if (!grantable[own].includes(open.role)) return 'forbidden';
        if (step.verb === 'revoke') this.invitations.delete(target);
        else this.invitations.set(target, { ...open, sender: actor });
        return 'allowed';
      }
      case 'remove': {
        const role = this.members.get(target);
        if (role === undefined) return 'not_found';
        return grantable[own].includes(role) ? this.#end(target) : 'forbidden';
      }
      case 'changeRole':
        return this.#changeRole(own, step);
    }
  }

  #changeRole(own: Role, step: Extract<Step, { verb: 'changeRole' }>): Outcome {
    const before = this.members.get(step.target);
    if (before === undefined) return 'not_found';
    if (!grantable[own].includes(before) || !grantable[own].includes(step.role)) return 'forbidden';
    if (before === step.role) return 'allowed';
    if (this.#isLastOwner(step.target)) return 'conflict';
    this.#judge(step.actor, step.role, step);
    if (power[before] > power[own]) throw new Error(`somebody above was changed by ${JSON.stringify(step)}`);
    this.members.set(step.target, step.role);
    this.#revokeSentBy(step.target, grantable[step.role]);
    return 'allowed';
  }

  #accept(person: number, step: Step): Outcome {
    const open = this.invitations.get(person);
    if (open === undefined) return 'gone';
    this.#judge(open.sender, open.role, step);
    this.invitations.delete(person);
    this.members.set(person, open.role);
    return 'allowed';
  }

  #end(person: number): Outcome {
    if (this.#isLastOwner(person)) return 'conflict';
    this.members.delete(person);
    this.#revokeSentBy(person, []);
    return 'allowed';
  }

  #revokeSentBy(sender: number, unless: readonly Role[]): void {
    for (const [invited, open] of this.invitations) {
      if (open.sender === sender && !unless.includes(open.role)) this.invitations.delete(invited);
    }
  }

  #isLastOwner(person: number): boolean {
    if (this.members.get(person) !== 'owner') return false;
    return ![...this.members].some(([other, role]) => other !== person && role === 'owner');
  }

  /** Whoever gives a role has at least its power at that moment, and power at all. */
  #judge(giver: number, role: Role, step: Step): void {
    const own = this.members.get(giver);
    if (own === undefined || power[own] < Math.max(1, power[role])) throw new Error(`${role} was given by ${own ?? 'a stranger'} in ${JSON.stringify(step)}`);
  }
}

export const everyRole = roles;
