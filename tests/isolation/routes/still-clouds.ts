import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Railway } from '@/lib/adapters/railway/port';
import type { Ctx, Ports } from '@/lib/context';

/** Calls that take something away: the rows of a world come back, what is lost at Appwrite or Railway does not. */
const ofAppwrite = new Set<PropertyKey>(['deleteProject', 'deleteKey', 'deletePlatform', 'renameProject'] satisfies (keyof AppwriteAdmin)[]);
const ofRailway = new Set<PropertyKey>(['deleteProject', 'deleteService', 'setVariables', 'stop', 'cancel', 'restart', 'rollback'] satisfies (keyof Railway)[]);

export interface StillClouds {
  ports: Partial<Ctx>;
  /** Every call that was made, with what it named. */
  calls: string[];
}

/** The same Appwrite and Railway, which say yes to every removal and keep everything. */
export function stillClouds({ appwrite, railway }: Pick<Ports, 'appwrite' | 'railway'>): StillClouds {
  const calls: string[] = [];
  return {
    calls,
    ports: {
      appwrite: {
        async byId(id) {
          const instance = await appwrite.byId(id);
          return { ...instance, admin: (options) => still(instance.admin(options), ofAppwrite, calls) };
        },
      },
      railway: { ...railway, withToken: (token, options) => still(railway.withToken(token, options), ofRailway, calls) },
    },
  };
}

function still<Port extends object>(port: Port, withheld: ReadonlySet<PropertyKey>, calls: string[]): Port {
  return new Proxy(port, {
    get(target, name): unknown {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      return (...values: unknown[]): unknown => {
        calls.push(`${String(name)} ${JSON.stringify(values)}`);
        return withheld.has(name) ? Promise.resolve() : Reflect.apply(call, target, values);
      };
    },
  });
}
