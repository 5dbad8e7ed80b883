import type { Account } from './accounts';
import { Catalog } from './catalog';
import type { Deployer } from './deploy';
import type { Fleet } from './fleet';
import type { Store } from './state';

/** What every operation may use: the account that asks and what it may see. */
export interface Call {
  account: Account;
  catalog: Catalog;
  store: Store;
  deployer: Deployer;
  fleet: Fleet;
}

export function toCall(parts: Pick<Call, 'store' | 'deployer' | 'fleet'>, account: Account): Call {
  return { ...parts, account, catalog: new Catalog(parts.store, account) };
}
