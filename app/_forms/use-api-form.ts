'use client';

import { useRef, useState, type ChangeEvent, type FocusEvent, type FormEvent, type RefCallback } from 'react';
import type { ProblemShown } from '@/app/_ui/problem-summary';
import { ApiProblem, newIntent } from '@/lib/http/client';
import { shownProblem } from './problem';
import type { Rule } from './rules';
import { useLeaveGuard } from './use-leave-guard';

interface FieldSpec {
  label: string;
  start?: string;
  rule?: Rule;
}

type Control = HTMLInputElement | HTMLSelectElement;
type Texts<Name extends string> = Record<Name, string>;

interface ApiFormOptions<Name extends string> {
  /** The fields in the order of the page; their names are the names in the body that is sent. */
  fields: Record<Name, FieldSpec>;
  /** `intent` stays the same until values change or the form is reset, so a repeated press is one act, even while the next page loads. */
  send: (values: Texts<Name>, intent: string) => Promise<void>;
  /** Ask before leaving with unsaved changes. */
  guardLeaving?: boolean;
}

export interface FieldProps {
  label: string;
  name: string;
  value: string;
  error: string | undefined;
  ref: RefCallback<Control>;
  onChange: (event: ChangeEvent<Control>) => void;
  onBlur: (event: FocusEvent<Control>) => void;
}

export interface ApiForm<Name extends string> {
  values: Texts<Name>;
  problem: ProblemShown | null;
  busy: boolean;
  dirty: boolean;
  /** Everything that a form element needs. */
  props: { method: 'post'; noValidate: true; onSubmit: (event: FormEvent) => void };
  field: (name: Name) => FieldProps;
  /** Back to the start, or to new values that are the start from now on. */
  reset: (values?: Texts<Name>) => void;
}

/**
 * A form that talks to the API: checks after blur, a summary on submit, focus on the first wrong field, the
 * server's pointers on their fields, and one act for a double press.
 */
export function useApiForm<Name extends string>({ fields, send, guardLeaving = false }: ApiFormOptions<Name>): ApiForm<Name> {
  const names = namesOf(fields);
  const [start, setStart] = useState(() => byName(names, (name) => fields[name].start ?? ''));
  const [values, setValues] = useState(start);
  const [touched, setTouched] = useState<ReadonlySet<Name>>(new Set());
  const [refused, setRefused] = useState<Partial<Texts<Name>>>({});
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const [busy, setBusy] = useState(false);
  const controls = useRef(new Map<Name, Control>());
  const sent = useRef({ body: '', intent: '' });
  // The state is only seen after the next render; a second press can come before.
  const sending = useRef(false);
  const dirty = names.some((name) => values[name] !== start[name]);
  useLeaveGuard(guardLeaving && dirty && !busy);

  const wrongIn = (name: Name) => fields[name].rule?.(values[name]);
  const summarize = (wrong: readonly (readonly [Name, string])[]) => {
    setProblem({
      title: wrong.length === 1 ? 'One field needs attention' : `${wrong.length} fields need attention`,
      fields: wrong.map(([name, detail]) => ({ label: `${fields[name].label}: ${detail}`, focus: () => controls.current.get(name)?.focus() })),
    });
    const [first] = wrong;
    if (first !== undefined) controls.current.get(first[0])?.focus();
  };
  const fail = (error: unknown) => {
    const landed = error instanceof ApiProblem ? landedOn(error, names) : [];
    if (landed.length === 0) return setProblem(shownProblem(error));
    setRefused(Object.fromEntries(landed) as Partial<Texts<Name>>);
    summarize(landed);
  };
  const submit = async () => {
    setTouched(new Set(names));
    setRefused({});
    const wrong = names.flatMap((name) => pair(name, wrongIn(name)));
    if (wrong.length > 0) return summarize(wrong);
    setProblem(null);
    const body = JSON.stringify(values);
    if (sent.current.body !== body) sent.current = { body, intent: newIntent() };
    sending.current = true;
    setBusy(true);
    try {
      await send(values, sent.current.intent);
    } catch (error) {
      fail(error);
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };

  return {
    values,
    problem,
    busy,
    dirty,
    props: {
      method: 'post',
      noValidate: true,
      onSubmit: (event) => {
        event.preventDefault();
        if (!sending.current) void submit();
      },
    },
    field: (name) => ({
      label: fields[name].label,
      name,
      value: values[name],
      error: refused[name] ?? (touched.has(name) ? wrongIn(name) : undefined),
      ref: (control) => {
        if (control === null) controls.current.delete(name);
        else controls.current.set(name, control);
      },
      onChange: ({ target }) => {
        setValues((before) => ({ ...before, [name]: target.value }));
        setRefused((before) => ({ ...before, [name]: undefined }));
      },
      onBlur: ({ relatedTarget }) => {
        // A message that appears now would move the button away from under the press that took the focus.
        if (relatedTarget instanceof HTMLButtonElement && relatedTarget.type === 'submit') return;
        // Leaving an untouched empty field is no mistake yet.
        if (values[name] !== '') setTouched((before) => new Set([...before, name]));
      },
    }),
    reset: (next = start) => {
      sent.current = { body: '', intent: '' };
      setStart(next);
      setValues(next);
      setTouched(new Set());
      setRefused({});
      setProblem(null);
    },
  };
}

/** The server's pointers that name one of the fields. */
function landedOn<Name extends string>(error: ApiProblem, names: readonly Name[]): (readonly [Name, string])[] {
  return error.errors.flatMap(({ pointer, detail }) => {
    const name = names.find((each) => pointer === `/${each}`);
    return name === undefined ? [] : [[name, detail] as const];
  });
}

function pair<Name extends string>(name: Name, message: string | undefined): (readonly [Name, string])[] {
  return message === undefined ? [] : [[name, message]];
}

/** TypeScript widens the keys of an object to string. */
function namesOf<Name extends string>(fields: Record<Name, FieldSpec>): Name[] {
  return Object.keys(fields) as Name[];
}

function byName<Name extends string>(names: readonly Name[], valueOf: (name: Name) => string): Texts<Name> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Texts<Name>;
}
