import { SimulatedCrash, type FaultHook, type FaultPosition } from '@/lib/sagas/fault';
import type { CallFault } from './dialects';
import type { InBetween } from './in-between';
import { lanePatienceMs, type Lane } from './lane';

export type Fault = CallFault | 'crash';

/** One fault at one place of a saga. */
export interface Strike {
  step: string;
  position: FaultPosition;
  fault: Fault;
  /** How many calls in a row meet it, or how many workers die there. */
  times: number;
  /** The step changes nothing at the other side, so on the way its looks are struck. */
  onlyLooks?: boolean;
}

export interface Armed {
  hook: FaultHook;
  /** Whether something was struck that is no call. */
  struckElsewhere: () => boolean;
}

interface On {
  between: InBetween;
  lane: Lane;
  caller: string;
}

export function armFor(on: On, strike: Strike): Armed {
  return strike.fault === 'crash' ? armCrash(strike) : armCall(on, { ...strike, fault: strike.fault });
}

/** The run ends there as by a kill: nothing behind it is done or written, but a call that is on its way arrives. */
function armCrash({ step, position, times }: Strike): Armed {
  let crashes = 0;
  return {
    struckElsewhere: () => crashes > 0,
    hook(atStep, atPosition) {
      if (crashes === times || atStep !== step || atPosition !== position) return Promise.resolve();
      crashes += 1;
      return Promise.reject(new SimulatedCrash(`${step}:${position}`));
    },
  };
}

/** Before and on the way, the step's own call is struck, on the way the one that changes something if there is one; behind it, whatever comes next, at the other side or in writing it down. */
function armCall({ between, lane, caller }: On, { step, position, fault, times, onlyLooks = false }: Strike & { fault: CallFault }): Armed {
  const own = position === 'before' || position === 'sent';
  let [armed, broken] = [false, false];
  return {
    struckElsewhere: () => broken,
    async hook(atStep, atPosition) {
      if (armed && atStep === step && atPosition === 'answered') between.spareNothing(caller);
      if (armed || atStep !== step || atPosition !== (own ? 'before' : position)) return;
      armed = true;
      between.arm(caller, { fault, work: position === 'sent' ? 'done' : 'undone', times, sparesLooks: position === 'sent' && !onlyLooks });
      if (own) return;
      broken = true;
      if (fault === 'timeout') {
        lane.postgres.hang();
        setTimeout(lane.postgres.heal, lanePatienceMs + 200);
      } else if (fault === 'reset') lane.postgres.reset();
      else if (fault === 'slow') {
        lane.postgres.slow(30, 30);
        setTimeout(lane.postgres.heal, 600);
      } else broken = false;
    },
  };
}
