/** What REST answers, by openapi.json: for clients of the API. Generated: `npm run generate`. */
export type components = {
  schemas: {
    readonly Node: {
      readonly nodeId: string;
      /** @description effect, compute, reducer or orchestrator; of a rejected node whatever it said */
      readonly nodeType: string | null;
      readonly nodeVersion: string;
      readonly state: components['schemas']['NodeState'];
      /** @description Accepted with one backend still pending */
      readonly degraded: boolean;
      readonly capabilities: {
        readonly [key: string]: unknown;
      };
      readonly endpoints: {
        readonly [key: string]: string;
      };
      readonly metadata: {
        readonly [key: string]: unknown;
      };
      /** @description Of the record that was confirmed to the workflow last; 0 before the first. Activation raises it once more, in the backends alone */
      readonly revision: number;
      /**
       * Format: uuid
       * @description Event id of the introspection or command that began the present attempt
       */
      readonly attemptId: string;
      readonly incarnation: number | null;
      /**
       * Format: date-time
       * @description When the node was accepted first
       */
      readonly registeredAt: string | null;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly updatedAt: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly lastHeartbeatAt: string | null;
      /** @description Ed25519, 32 bytes in base64url: what its messages are held against; null as long as none is known */
      readonly publicKey: string | null;
    };
    readonly NodePage: {
      readonly items: readonly components['schemas']['Node'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly Explanation: {
      readonly nodeId: string;
      readonly state: components['schemas']['NodeState'];
      /**
       * Format: date-time
       * @description When the message came that led into the state
       */
      readonly since: string;
      /** @description The step that led into the state */
      readonly because: {
        readonly eventType: string;
        /** Format: uuid */
        readonly eventId: string;
        /**
         * Format: date-time
         * @description RFC 3339, UTC
         */
        readonly occurredAt: string;
        /** @description Of the orchestrator's contract */
        readonly rule: string;
      };
      /** @description All of it in words: a line for each thought */
      readonly text: string;
    };
    readonly HistoryPage: {
      readonly items: readonly components['schemas']['HistoryItem'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly NodeStepPage: {
      readonly items: readonly components['schemas']['NodeStep'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly NodeBackends: {
      readonly nodeId: string;
      /** @description What both are to hold; null where nothing was ever asked of them */
      readonly desired: {
        readonly revision: number;
        /** @enum {string} */
        readonly presence: 'present' | 'absent';
        /**
         * @description Of Consul's check: critical until the node is active
         * @enum {string}
         */
        readonly health: 'critical' | 'passing';
        /** Format: uuid */
        readonly attemptId: string;
        /** @description The record that both are to hold, or held before it was to go */
        readonly record: {
          readonly [key: string]: unknown;
        };
      } | null;
      readonly consul: components['schemas']['NodeBackend'];
      readonly postgres: components['schemas']['NodeBackend'];
    };
    readonly StartedOperation: {
      /**
       * Format: uuid
       * @description Ask /v1/operations/{id} for it
       */
      readonly operationId: string;
    };
    readonly Registration: {
      /**
       * Format: uuid
       * @description Ask /v1/operations/{id} for it
       */
      readonly operationId: string;
      /**
       * @description `partial`: the node is registered, and a backend is still pending
       * @enum {string}
       */
      readonly status: 'success' | 'partial' | 'failed';
      /** @description Why it failed: `superseded`, `ack_timeout`, `stale`, `dead_letter: {id} (…)`, …, or in words */
      readonly reason?: string;
      /** @description Null where the command failed */
      readonly registeredNodeId: string | null;
      readonly consulRegistered: boolean;
      readonly postgresRegistered: boolean;
      /** @description From the request to the step that settled it */
      readonly registrationTimeMs: number;
    };
    readonly Deregistration: {
      /**
       * Format: uuid
       * @description Null where the node was deregistered before
       */
      readonly operationId: string | null;
      /** @enum {string} */
      readonly status: 'success' | 'failed';
      /** @description Why it failed: `superseded`, `ack_timeout`, `stale`, `dead_letter: {id} (…)`, …, or in words */
      readonly reason?: string;
      readonly nodeId: string;
      /** @description Of the node when the command was settled */
      readonly state: string;
    };
    readonly Operation: {
      /**
       * Format: uuid
       * @description Event id of the command
       */
      readonly id: string;
      /** @enum {string} */
      readonly kind: 'register' | 'deregister';
      readonly nodeId: string;
      /** @enum {string} */
      readonly status: 'pending' | 'succeeded' | 'failed';
      /** @description Why it failed: `superseded`, `ack_timeout`, `stale`, `dead_letter: {id} (…)`, …, or in words */
      readonly reason?: string;
      /** @description Of the node, from the command to what settled it; empty until the command is decided */
      readonly steps: readonly {
        readonly eventType: string;
        /** @description Of the orchestrator's contract */
        readonly rule: string;
        /** @description States gone through */
        readonly path: string;
        /**
         * Format: date-time
         * @description RFC 3339, UTC
         */
        readonly occurredAt: string;
      }[];
    };
    readonly PublishedEvent: {
      /** Format: uuid */
      readonly eventId: string;
    };
    readonly Health: {
      /** @enum {string} */
      readonly status: 'healthy' | 'degraded' | 'unhealthy';
      readonly components: {
        readonly [key: string]: {
          /** @enum {string} */
          readonly status: 'healthy' | 'degraded' | 'unhealthy';
          readonly critical: boolean;
          readonly message: string;
          readonly details: {
            readonly [key: string]: unknown;
          };
        };
      };
    };
    readonly TakenMessage: {
      /** Format: uuid */
      readonly eventId: string;
      /**
       * Format: uuid
       * @description Of the workflow that the message belongs to, or begins
       */
      readonly correlationId: string;
    };
    readonly DeadLetterPage: {
      readonly items: readonly components['schemas']['DeadLetter'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly DeadLetterDetail: {
      /** Format: uuid */
      readonly id: string;
      /** @description Full name of the topic that the message came by */
      readonly originalTopic: string;
      readonly originalPartition: number;
      readonly originalOffset: string;
      /** @enum {string} */
      readonly cause: 'malformed' | 'unrouted' | 'rejected_by_handler' | 'too_large';
      readonly reason: string;
      /** @description The message's key, where that is a node id */
      readonly nodeId: string | null;
      /** @description It was too long to be kept whole, and cannot be sent again */
      readonly valueTruncated: boolean;
      /**
       * Format: date-time
       * @description When the message was appended to its topic
       */
      readonly occurredAt: string;
      /**
       * Format: uuid
       * @description The first letter of its line: itself, unless it is the failure of a redrive
       */
      readonly rootId: string;
      /** @description 1 at first, and one more for each redrive of the same root that failed */
      readonly attempt: number;
      /** @description It failed too often: it is sent again only when it is released or forced */
      readonly quarantined: boolean;
      /** @description The last 1000 times that it was sent again, oldest first */
      readonly redrives: readonly {
        /**
         * Format: date-time
         * @description RFC 3339, UTC
         */
        readonly redrivenAt: string;
        /**
         * @description By its id, or as one of those that a filter found
         * @enum {string}
         */
        readonly how: 'id' | 'filter';
        /**
         * Format: uuid
         * @description Null where the release of then did not note it
         */
        readonly requestId: string | null;
        /** @description Address that the request came from */
        readonly requestedFrom: string | null;
        /** @description Although it was in quarantine */
        readonly forced: boolean;
      }[];
      readonly originalKey: string | null;
      /**
       * @description How `originalKey` is written: base64 where it is no plain text
       * @enum {string}
       */
      readonly originalKeyEncoding: 'utf8' | 'base64';
      readonly originalHeaders: {
        readonly [key: string]: string | readonly string[];
      };
      /** @description Base64; null for a tombstone */
      readonly originalValue: string | null;
      /** @description The value as text; null where it is none */
      readonly originalText: string | null;
      /** @description Of the whole value, also where it was cut */
      readonly valueSha256: string | null;
      /**
       * Format: uuid
       * @description Of the message, where it could be read; the id of the operation of a command
       */
      readonly originalEventId: string | null;
      /**
       * Format: uuid
       * @description The letter whose redrive failed so; null for the first of its line
       */
      readonly redriveOf: string | null;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly quarantinedAt: string | null;
      /** @description A letter of its line is in quarantine, so this one is not sent again, either */
      readonly lineQuarantined: boolean;
      /** @description Later letters of its line, the first 100 */
      readonly successors: readonly {
        /** Format: uuid */
        readonly id: string;
        /** @description 1 at first, and one more for each redrive of the same root that failed */
        readonly attempt: number;
        /**
         * Format: date-time
         * @description When the message was appended to its topic
         */
        readonly occurredAt: string;
        /** @description It failed too often: it is sent again only when it is released or forced */
        readonly quarantined: boolean;
        /**
         * Format: uuid
         * @description The letter whose redrive failed so
         */
        readonly redriveOf: string | null;
      }[];
    };
    readonly Redrive: {
      /**
       * Format: uuid
       * @description Of a dead letter
       */
      readonly id: string;
      /**
       * Format: uuid
       * @description Of the request: its X-Correlation-Id, or one that was made for it
       */
      readonly requestId: string;
    };
    readonly RedriveReport: {
      /**
       * Format: uuid
       * @description Of the request: its X-Correlation-Id, or one that was made for it
       */
      readonly requestId: string;
      readonly dryRun: boolean;
      /** @description Letters that the filter finds; of more than 10,000 the oldest 10,000 are looked at */
      readonly matched: number;
      /** @description There are more than were looked at: a narrower filter reaches them */
      readonly moreMatch: boolean;
      /** @description What was sent, in this order; of a dry run what would be sent */
      readonly sent: {
        readonly count: number;
        readonly ids: readonly string[];
      };
      /** @description What was found and not sent, by reason */
      readonly notSent: readonly {
        /**
         * @description `superseded`: a later letter of its line stands for it. `over_limit`: the next request sends it. `unconfirmed`: the log did not answer, and may have it. `not_tried`: one before it was not taken. `gone`: deleted meanwhile
         * @enum {string}
         */
        readonly why:
          | 'truncated'
          | 'no_value'
          | 'unread_topic'
          | 'quarantined'
          | 'superseded'
          | 'over_limit'
          | 'unconfirmed'
          | 'not_tried'
          | 'gone';
        readonly count: number;
        /** @description The first 20 */
        readonly ids: readonly string[];
      }[];
    };
    readonly DeadLetterRelease: {
      /**
       * Format: uuid
       * @description Of a dead letter
       */
      readonly id: string;
      /** @description Letters of its line that were in quarantine; empty where none was */
      readonly released: readonly string[];
    };
    readonly Drift: {
      /** @description The last audit of each; empty before the first */
      readonly backends: readonly components['schemas']['BackendDrift'][];
      /** @description What the last audits found: at most the first 10000 entries of each backend */
      readonly items: readonly components['schemas']['DriftFinding'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly DriftRepair: {
      /** Format: uuid */
      readonly id: string;
      /** @enum {string} */
      readonly status: 'pending' | 'running' | 'done';
      /**
       * @description Null: both
       * @enum {string|null}
       */
      readonly backend: 'consul' | 'postgres' | null;
      /** @description Null: every node */
      readonly nodeId: string | null;
      /**
       * @description Null: each
       * @enum {string|null}
       */
      readonly drift: 'missing' | 'altered' | 'ghost' | null;
      readonly dryRun: boolean;
      readonly force: boolean;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly requestedAt: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly finishedAt: string | null;
      /** @description What it came to at each backend; empty until it is done */
      readonly outcome: readonly {
        /** @enum {string} */
        readonly backend: 'consul' | 'postgres';
        readonly compared: number;
        /** @description Findings that the request is about */
        readonly matching: number;
        /** @description Repairs asked for; in a dry run those that would have been */
        readonly repairs: number;
        readonly held: readonly components['schemas']['DriftHeld'][];
        /** @description Why the audit did not come to its end */
        readonly cutOff: string | null;
      }[];
    };
    readonly AuditPage: {
      readonly items: readonly components['schemas']['AuditEntry'][];
      /** @description Pass it as `cursor` to get the next page; null at the end */
      readonly nextCursor: string | null;
    };
    readonly Caller: {
      readonly name: string;
      /** @enum {string} */
      readonly role: 'reader' | 'operator' | 'admin' | 'node';
      /**
       * @description `token`: of ADMIN_TOKENS. `oidc`: of the OpenID provider. `none`: nobody has to authenticate here
       * @enum {string}
       */
      readonly source: 'token' | 'oidc' | 'none';
      /** @description Of a node: the id that it may speak for, or the beginning of ids with `*`; null: all, or no node */
      readonly nodes: string | null;
      /**
       * Format: date-time
       * @description When its credentials end
       */
      readonly expiresAt: string | null;
    };
    readonly RegistrationMetrics: {
      /** @description Nodes that ever asked to be registered, whatever became of them */
      readonly total: number;
      /** @description Those accepted at some time whose latest attempt has not failed, the ones that left since included */
      readonly successful: number;
      /** @description Those whose latest attempt failed: state rejected or ack_timed_out. The rest of `total` was never accepted yet */
      readonly failed: number;
      /** @description Nodes whose record is confirmed to be in Consul now, as far as the registry was told */
      readonly consulRegistrations: number;
      /** @description Nodes whose record is confirmed to be current in PostgreSQL now, likewise */
      readonly postgresRegistrations: number;
      readonly registeredNodes: {
        /** @description Nodes in state active */
        readonly count: number;
        /** @description Their ids in order, the first 1000 */
        readonly names: readonly string[];
      };
    };
    readonly Expiry: {
      /**
       * @description `running`: each in its time. `held`: too many at once, so none. `released`: all of them, as an operator wants it
       * @enum {string}
       */
      readonly status: 'running' | 'held' | 'released';
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly heldSince: string | null;
      /** @description Nodes that were about to expire when it was last decided to hold expiry back or to resume it */
      readonly expiring: number;
      /** @description Nodes that owed heartbeats then */
      readonly live: number;
      /**
       * Format: date-time
       * @description Until when an operator lets everything expire; null when that is over
       */
      readonly releasedUntil: string | null;
      /** @description Why it is not running */
      readonly reason: string | null;
    };
    /**
     * @description A problem of RFC 9457. Its `type` is one of
     *     - `/problems/validation` (400): A parameter or a field is missing, unknown or wrong; `errors` names each of them.
     *     - `/problems/malformed-request` (400): Its URL or its body is not what HTTP or the content type demand.
     *     - `/problems/unauthenticated` (401): Send a token of this registry, or of its OpenID provider, as `Authorization: Bearer TOKEN`.
     *     - `/problems/forbidden` (403): `detail` says which role it takes, and which one the caller has.
     *     - `/problems/cross-site` (403): A browser says so in `Sec-Fetch-Site` or `Origin`. Only pages of this registry may change something.
     *     - `/problems/host-not-allowed` (421): Use its address, a loopback name, or a name that ALLOWED_HOSTS has.
     *     - `/problems/too-many-requests` (429): Try again after the seconds of `Retry-After`; `RateLimit-Limit` says how many are taken.
     *     - `/problems/identity-provider-unavailable` (503): Its keys are needed to check the token: try again after the seconds of `Retry-After`.
     *     - `/problems/node-not-found` (404): No node of this id has ever announced itself here.
     *     - `/problems/route-not-found` (404): Nothing is served under this method and path; /openapi.json lists what is.
     *     - `/problems/operation-not-found` (404): No command of this id came by this API within the last 7 days.
     *     - `/problems/idempotency-key-in-use` (409): Try again after the seconds of `Retry-After`; the answer will be that of the first request.
     *     - `/problems/idempotency-key-reused` (422): A key stands for one request for 24 hours: take a new key for what is not the same.
     *     - `/problems/dead-letter-not-found` (404): No dead letter of this id is known here.
     *     - `/problems/dead-letter-truncated` (409): Its original was too long: it can be looked at, and has to be sent anew by who sent it first.
     *     - `/problems/dead-letter-not-redrivable` (409): The original had no value, or came by a topic that this registry does not read (any more).
     *     - `/problems/dead-letter-quarantined` (409): Its message was sent again and failed too often. Mend the reason and release it, or send it once with `force`.
     *     - `/problems/redrive-under-way` (409): One at a time: try again after the seconds of `Retry-After`. What it sends is not sent twice.
     *     - `/problems/drift-repair-not-found` (404): No repair of this id was asked for within the last 7 days.
     *     - `/problems/too-many-repairs` (503): Each costs an audit, and they are done one after the other: try again after the seconds of `Retry-After`.
     *     - `/problems/payload-too-large` (413): Its body, its headers or its URL are over the limit.
     *     - `/problems/unsupported-media-type` (415): Bodies are application/json.
     *     - `/problems/state-unavailable` (503): Try again after the seconds of `Retry-After`; /health tells what is missing.
     *     - `/problems/log-unavailable` (503): Nothing was promised: try again after the seconds of `Retry-After`, with the same Idempotency-Key if there was one. /health tells what is missing.
     *     - `/problems/too-many-streams` (503): This process has as many as it can hold, or is stopping: try again after the seconds of `Retry-After`.
     *     - `/problems/events-lost` (410): The log does not have all that came after the cursor: it keeps events for some days, or it is another one. Look at the fleet anew, and go on with the cursor in `extensions`, where what is left begins.
     *     - `/problems/stream-ended` (503): Nobody read it, or the process stops: come back with the cursor in `extensions`.
     *     - `/problems/internal` (500): A mistake of the registry, not of the request. Its log has the reason.
     */
    readonly Problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail: string;
      readonly errors?: readonly {
        /** @enum {string} */
        readonly in: 'path' | 'query' | 'header' | 'body' | 'argument';
        readonly field: string;
        readonly message: string;
      }[];
    };
    /** @enum {string} */
    readonly NodeState:
      | 'pending_registration'
      | 'accepted'
      | 'awaiting_ack'
      | 'ack_received'
      | 'active'
      | 'rejected'
      | 'ack_timed_out'
      | 'liveness_expired'
      | 'deregistering'
      | 'deregistered';
    readonly HistoryItem: {
      /** @description Of the state after the step; an ignored message leaves it */
      readonly version: number;
      /** Format: uuid */
      readonly eventId: string;
      readonly eventType: string;
      /** @description Of the orchestrator's contract; tells of an ignored message why */
      readonly rule: string;
      /** @description `none` at first */
      readonly fromStatus: string;
      /** @description States gone through, such as `pending_registration > accepted > awaiting_ack` */
      readonly path: string;
      readonly toStatus: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly occurredAt: string;
      /** Format: uuid */
      readonly correlationId: string;
      /** Format: uuid */
      readonly causationId: string | null;
    };
    readonly NodeStep: {
      /**
       * @description `orchestrator`: decides the workflow. `reducer`: says what both backends are to hold
       * @enum {string}
       */
      readonly machine: 'orchestrator' | 'reducer';
      /** @description Of the state after the step; an ignored message leaves it */
      readonly version: number;
      /** Format: uuid */
      readonly eventId: string;
      readonly eventType: string;
      /** @description Of the machine's contract; tells of an ignored message why */
      readonly rule: string;
      /** @description `none` at first */
      readonly fromStatus: string;
      /** @description States gone through, such as `pending_registration > accepted > awaiting_ack` */
      readonly path: string;
      readonly toStatus: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly occurredAt: string;
      /** Format: uuid */
      readonly correlationId: string;
      /**
       * Format: uuid
       * @description Event id of the message that caused this one: an output of another step
       */
      readonly causationId: string | null;
      /** @description It changed nothing */
      readonly ignored: boolean;
      /** @description Who sent the message */
      readonly source: string | null;
      /** @description What the message said, in the words of the wire */
      readonly payload: {
        readonly [key: string]: unknown;
      };
      /** @description What was published because of it, in this order */
      readonly outputs: readonly {
        /** Format: uuid */
        readonly eventId: string;
        readonly eventType: string;
        readonly payload: {
          readonly [key: string]: unknown;
        };
      }[];
    };
    readonly NodeBackend: {
      /**
       * @description `confirmed`: it holds the desired revision. `refused`: it will not take it; see `failure`
       * @enum {string}
       */
      readonly status: 'confirmed' | 'pending' | 'refused' | 'never_asked';
      /** @description Confirmed last; 0 before the first */
      readonly confirmedRevision: number;
      /** @description What it answered last, where that was an error */
      readonly failure: {
        readonly revision: number;
        readonly code: string;
        readonly message: string;
      } | null;
    };
    readonly DeadLetter: {
      /** Format: uuid */
      readonly id: string;
      /** @description Full name of the topic that the message came by */
      readonly originalTopic: string;
      readonly originalPartition: number;
      readonly originalOffset: string;
      /** @enum {string} */
      readonly cause: 'malformed' | 'unrouted' | 'rejected_by_handler' | 'too_large';
      readonly reason: string;
      /** @description The message's key, where that is a node id */
      readonly nodeId: string | null;
      /** @description It was too long to be kept whole, and cannot be sent again */
      readonly valueTruncated: boolean;
      /**
       * Format: date-time
       * @description When the message was appended to its topic
       */
      readonly occurredAt: string;
      /**
       * Format: uuid
       * @description The first letter of its line: itself, unless it is the failure of a redrive
       */
      readonly rootId: string;
      /** @description 1 at first, and one more for each redrive of the same root that failed */
      readonly attempt: number;
      /** @description It failed too often: it is sent again only when it is released or forced */
      readonly quarantined: boolean;
      /** @description How often it was sent again */
      readonly redrives: number;
    };
    readonly BackendDrift: {
      /** @enum {string} */
      readonly backend: 'consul' | 'postgres';
      /**
       * @description `clean`: nothing of ours differs. `held`: an operator has to decide. `incomplete`: the audit was cut off
       * @enum {string}
       */
      readonly status: 'clean' | 'drifting' | 'held' | 'incomplete';
      /** Format: uuid */
      readonly auditId: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly startedAt: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly finishedAt: string;
      /** @description Desired nodes that were compared */
      readonly compared: number;
      /** @description Entries that the backend holds */
      readonly entries: number;
      /** @description Nodes whose intent is on its way, or was refused: not judged */
      readonly unsettled: number;
      /** @description Of 256 buckets those in which nothing had changed since they were compared */
      readonly skippedBuckets: number;
      readonly counts: {
        readonly missing: number;
        readonly altered: number;
        readonly ghost: number;
        readonly foreign: number;
      };
      /** @description Why the audit did not come to its end */
      readonly cutOff: string | null;
      /** @description What of it is not repaired, and why */
      readonly held: readonly components['schemas']['DriftHeld'][];
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly heldSince: string | null;
      /** @description Repairs that the audit asked the reducer for */
      readonly repairs: number;
    };
    readonly DriftFinding: {
      /** @enum {string} */
      readonly backend: 'consul' | 'postgres';
      /** @description For an entry of no known node what it says itself, else the name of the entry */
      readonly nodeId: string;
      /**
       * @description `ghost`: ours, and nothing of the kind is desired. `foreign`: not ours, never touched
       * @enum {string}
       */
      readonly drift: 'missing' | 'altered' | 'ghost' | 'foreign';
      /** @description Desired revision; null where nothing was ever desired of the node */
      readonly revision: number | null;
      /** @description Revision that the entry says it has */
      readonly foundRevision: number | null;
      /** @description Fields that differ, by the names that the backend has for them */
      readonly differences: readonly string[];
      /** @description The entry itself where it is not the node's own one; Consul only */
      readonly entry: {
        readonly consulNode: string;
        readonly serviceId: string;
        readonly serviceName: string;
      } | null;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly firstSeenAt: string;
      /**
       * Format: date-time
       * @description RFC 3339, UTC
       */
      readonly lastSeenAt: string;
    };
    readonly DriftHeld: {
      /** @enum {string} */
      readonly reason:
        | 'cut_off'
        | 'no_record'
        | 'not_serving'
        | 'settling'
        | 'behind'
        | 'manual'
        | 'unknown_node'
        | 'newer_than_desired'
        | 'too_many_differ'
        | 'many_missing';
      readonly entries: number;
      /**
       * @description `waits`: passes by itself. `operator`: see `text`. `nobody`: there is nothing to repair it with
       * @enum {string}
       */
      readonly decidedBy: 'waits' | 'operator' | 'nobody';
      readonly text: string;
    };
    readonly AuditEntry: {
      /** Format: uuid */
      readonly id: string;
      /**
       * Format: date-time
       * @description When it was written, before the command was carried out
       */
      readonly at: string;
      /**
       * Format: date-time
       * @description Of several refused requests, told as one, the first; else null
       */
      readonly firstAt: string | null;
      /**
       * @description What was wanted; `request` where it was refused and would have been no command
       * @enum {string}
       */
      readonly action:
        | 'node.register'
        | 'node.deregister'
        | 'introspection.request'
        | 'dead-letter.redrive'
        | 'dead-letters.redrive'
        | 'dead-letter.release'
        | 'drift.repair'
        | 'expiry.release'
        | 'expiry.resume-protection'
        | 'request';
      /** @description Null where nobody said, or proved, who it is */
      readonly caller: {
        readonly name: string;
        /** @enum {string} */
        readonly role: 'reader' | 'operator' | 'admin' | 'node';
        /**
         * @description `token`: of ADMIN_TOKENS. `oidc`: of the OpenID provider. `none`: nobody has to authenticate here
         * @enum {string}
         */
        readonly source: 'token' | 'oidc' | 'none';
      } | null;
      /** @description Address that it came from; `many` where there were too many */
      readonly ip: string;
      readonly method: string;
      readonly route: string;
      /** @description Id of the node, dead letter or other thing that it was about */
      readonly target: string | null;
      /** @description What was asked for, as JSON, cut after 2000 characters */
      readonly details: string | null;
      /**
       * @description Null: it is under way, or the process died meanwhile, so that it may have been carried out or not
       * @enum {string|null}
       */
      readonly outcome: 'done' | 'refused' | 'failed' | null;
      /** @description Of the answer */
      readonly status: number | null;
      /** @description Type of the problem that it was answered with */
      readonly problem: string | null;
      /**
       * Format: uuid
       * @description Of the operation, event, redrive or repair that it came to
       */
      readonly resultId: string | null;
      /** @description Requests that this entry stands for */
      readonly count: number;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
};
export type Node = components['schemas']['Node'];
export type NodePage = components['schemas']['NodePage'];
export type Explanation = components['schemas']['Explanation'];
export type HistoryPage = components['schemas']['HistoryPage'];
export type NodeStepPage = components['schemas']['NodeStepPage'];
export type NodeBackends = components['schemas']['NodeBackends'];
export type StartedOperation = components['schemas']['StartedOperation'];
export type Registration = components['schemas']['Registration'];
export type Deregistration = components['schemas']['Deregistration'];
export type Operation = components['schemas']['Operation'];
export type PublishedEvent = components['schemas']['PublishedEvent'];
export type Health = components['schemas']['Health'];
export type TakenMessage = components['schemas']['TakenMessage'];
export type DeadLetterPage = components['schemas']['DeadLetterPage'];
export type DeadLetterDetail = components['schemas']['DeadLetterDetail'];
export type Redrive = components['schemas']['Redrive'];
export type RedriveReport = components['schemas']['RedriveReport'];
export type DeadLetterRelease = components['schemas']['DeadLetterRelease'];
export type Drift = components['schemas']['Drift'];
export type DriftRepair = components['schemas']['DriftRepair'];
export type AuditPage = components['schemas']['AuditPage'];
export type Caller = components['schemas']['Caller'];
export type RegistrationMetrics = components['schemas']['RegistrationMetrics'];
export type Expiry = components['schemas']['Expiry'];
export type Problem = components['schemas']['Problem'];
export type NodeState = components['schemas']['NodeState'];
export type HistoryItem = components['schemas']['HistoryItem'];
export type NodeStep = components['schemas']['NodeStep'];
export type NodeBackend = components['schemas']['NodeBackend'];
export type DeadLetter = components['schemas']['DeadLetter'];
export type BackendDrift = components['schemas']['BackendDrift'];
export type DriftFinding = components['schemas']['DriftFinding'];
export type DriftHeld = components['schemas']['DriftHeld'];
export type AuditEntry = components['schemas']['AuditEntry'];
