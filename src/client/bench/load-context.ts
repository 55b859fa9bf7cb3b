/** What the clients of one load share. */
import type { RedNodeError } from '../../errors.js';
import type { ClientNode } from '../types.js';
import type { Lane, LaneParts } from './lane.js';
import type { LoadConnectionOptions } from './load-connection.js';
import type { Paced } from './pacer.js';
import type { Requests } from './requests.js';
import type { Routes } from './routes.js';

export interface LoadContext {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly laneParts: Omit<LaneParts, 'owner'>;
  /** Nothing more is to be sent. */
  readonly isStopping: boolean;
  /** Connections that open now come too late. */
  readonly isOver: boolean;
  /** How many requests the next batch holds; 0: none is due, or there are no more. */
  take(): number;
  /** When a request was due of which `left` are still to be sent in this batch, itself included. */
  intendedAtMs(left: number): number;
  /** The client has nothing to send: it is fired when there is, and ends when there will not be. */
  wait(client: Paced): void;
  finished(client: Paced): void;
  /** A client begins to look for its masters; `lost` are its broken lanes. */
  recovering(lost: readonly Lane[]): void;
  /** It has them all, after `reopened` connections were opened again, or has given up because the load stops. */
  recovered(reopened: number): void;
  failedToReconnect(error: unknown): void;
  connectionTo(node: ClientNode): LoadConnectionOptions;
  replyTimedOut(node: ClientNode): RedNodeError;
}
