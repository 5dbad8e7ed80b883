'use client';

import { createElement, lazy, Suspense, type ComponentType } from 'react';

/** A component whose code is loaded when it is first shown: for dialogs, which most visits never open. */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Loaded: ComponentType<Props> = lazy(async () => ({ default: await load() }));
  return function OnDemand(props: Props) {
    return <Suspense>{createElement(Loaded, props)}</Suspense>;
  };
}
