'use client';

import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useForm, type DefaultValues, type FieldErrors, type FieldValues, type Path, type UseFormReturn } from 'react-hook-form';
import type { ProblemShown } from '@/app/_ui/problem-summary';
import { ApiProblem, newIntent } from '@/lib/http/client';
import { shownProblem } from './problem';

interface ApiFormOptions<Values extends FieldValues> {
  defaults: DefaultValues<Values>;
  /** Labels by field name, for the summary. Also says which pointers of a problem land on a field. */
  labels: Record<Path<Values>, string>;
  /** Sends the form. `intent` stays the same while the same values are sent again. */
  send: (values: Values, intent: string) => Promise<void>;
  /** Ask before leaving with unsaved changes. */
  guardLeaving?: boolean;
}

export interface ApiForm<Values extends FieldValues> {
  form: UseFormReturn<Values>;
  problem: ProblemShown | null;
  busy: boolean;
  onSubmit: (event: FormEvent) => void;
  errorOf: (name: Path<Values>) => string | undefined;
  fail: (error: unknown) => void;
}

/**
 * A form that talks to the API: checks after blur, a summary on submit, focus on the first wrong field,
 * the server's pointers on their fields, and one act for a double press.
 */
export function useApiForm<Values extends FieldValues>({ defaults, labels, send, guardLeaving = false }: ApiFormOptions<Values>): ApiForm<Values> {
  const form = useForm<Values>({ defaultValues: defaults, mode: 'onTouched', shouldFocusError: true });
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const intentRef = useRef({ of: '', intent: '' });
  const { errors, isSubmitting, isDirty } = form.formState;
  useLeaveGuard(guardLeaving && isDirty && !isSubmitting);

  const summarize = (wrong: FieldErrors<Values>) => setProblem(summaryOf(wrong, labels, form));
  const fail = (error: unknown) => setProblem(error instanceof ApiProblem ? landOnFields(error, labels, form) : shownProblem(error));
  const submit = form.handleSubmit(async (values) => {
    setProblem(null);
    const of = JSON.stringify(values);
    if (intentRef.current.of !== of) intentRef.current = { of, intent: newIntent() };
    try {
      await send(values, intentRef.current.intent);
      intentRef.current = { of: '', intent: '' };
    } catch (error) {
      fail(error);
    }
  }, summarize);

  return {
    form,
    problem,
    busy: isSubmitting,
    onSubmit: (event) => void (isSubmitting ? event.preventDefault() : submit(event)),
    errorOf: (name) => messageOf(form.getFieldState(name, { ...form.formState, errors }).error?.message),
    fail,
  };
}

function messageOf(message: string | undefined): string | undefined {
  return message === undefined || message === '' ? undefined : message;
}

function summaryOf<Values extends FieldValues>(wrong: FieldErrors<Values>, labels: Record<Path<Values>, string>, form: UseFormReturn<Values>): ProblemShown {
  const names = pathsOf(labels).filter((name) => name in wrong);
  return {
    title: names.length === 1 ? 'One field needs attention' : `${names.length} fields need attention`,
    fields: names.map((name) => ({ label: `${labels[name]}: ${form.getFieldState(name).error?.message ?? 'check this field'}`, focus: () => form.setFocus(name) })),
  };
}

function landOnFields<Values extends FieldValues>(error: ApiProblem, labels: Record<Path<Values>, string>, form: UseFormReturn<Values>): ProblemShown {
  const names = pathsOf(labels);
  const landed = error.errors.flatMap(({ pointer, detail }) => {
    const name = names.find((each) => pointer === `/${each.replaceAll('.', '/')}`);
    return name === undefined ? [] : [{ name, detail }];
  });
  const [first] = landed;
  if (first === undefined) return shownProblem(error);
  for (const { name, detail } of landed) form.setError(name, { type: 'server', message: detail });
  form.setFocus(first.name);
  return {
    title: landed.length === 1 ? 'One field needs attention' : `${landed.length} fields need attention`,
    fields: landed.map(({ name, detail }) => ({ label: `${labels[name]}: ${detail}`, focus: () => form.setFocus(name) })),
  };
}

/** The keys of the labels are the fields' names. */
function pathsOf<Values extends FieldValues>(labels: Record<Path<Values>, string>): Path<Values>[] {
  return Object.keys(labels) as Path<Values>[];
}

/** Asks before a tab is closed or a link followed while something is unsaved. */
function useLeaveGuard(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href]:not([download]):not([target=_blank])') : null;
      if (link === null || event.metaKey || event.ctrlKey) return;
      if (!window.confirm('Leave without saving your changes?')) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    window.addEventListener('beforeunload', onUnload);
    document.addEventListener('click', onClick, true);
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      document.removeEventListener('click', onClick, true);
    };
  }, [active]);
}
