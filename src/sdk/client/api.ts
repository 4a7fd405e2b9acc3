// Made from docs/openapi.json by scripts/client-types.mjs: not to be changed by hand.
export interface components {
  schemas: {
    KeyInput: {
      name: string;
      scopes: ('admin' | 'publish' | 'manage' | 'read')[];
      /** @default null */
      tenant_id?: string | null;
      expires_at?: string | null;
    };
    KeyChange: {
      name?: string;
      expires_at?: string | null;
    };
    TokenInput: {
      /** @enum {string} */
      capability: 'manage' | 'read';
      /** @default 3600 */
      expires_in?: number;
      /** @default null */
      subject?: string | null;
    };
    TryInput: {
      /**
       * Format: uri
       * @example https://hooks.example.com/posthorn
       */
      url: string;
      name?: string | null;
      profile?: string;
      events?: string[];
      environments?: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method?: 'POST' | 'PUT';
      secret?: string | null;
      /** @enum {string} */
      signature?: 'hmac' | 'ed25519' | 'both';
      timeout_seconds?: number | null;
      max_retries?: number | null;
      retry_interval?: ('exponential' | 'fixed') | null;
      retry_delay_seconds?: number | null;
      retry_schedule_seconds?: number[] | null;
      notify_on_failure?: boolean;
      notify_emails?: string[];
      probe?: boolean;
      disable_after_days?: number | null;
      headers?: {
        [key: string]: string;
      };
      auth?:
        | (
            | {
                /** @constant */
                type: 'bearer';
                token: string;
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
                password: string;
              }
          )
        | null;
      verify_tls?: boolean;
      ca?: string | null;
      client_certificate?: {
        certificate: string;
        key: string;
      } | null;
      allowed_ips?: string[];
      max_in_flight?: number | null;
      template?:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering?: 'none' | 'fifo';
      rate_limit?: {
        per_second: number;
        /** @default 1 */
        burst?: number;
      } | null;
      enabled?: boolean;
      /** @description At most 16384 bytes of JSON in all. */
      metadata?: {
        [key: string]: string;
      };
      type?: string;
      data?: object;
    };
    EndpointInput: {
      /**
       * Format: uri
       * @example https://hooks.example.com/posthorn
       */
      url: string;
      name?: string | null;
      profile?: string;
      events?: string[];
      environments?: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method?: 'POST' | 'PUT';
      secret?: string | null;
      /** @enum {string} */
      signature?: 'hmac' | 'ed25519' | 'both';
      timeout_seconds?: number | null;
      max_retries?: number | null;
      retry_interval?: ('exponential' | 'fixed') | null;
      retry_delay_seconds?: number | null;
      retry_schedule_seconds?: number[] | null;
      notify_on_failure?: boolean;
      notify_emails?: string[];
      probe?: boolean;
      disable_after_days?: number | null;
      headers?: {
        [key: string]: string;
      };
      auth?:
        | (
            | {
                /** @constant */
                type: 'bearer';
                token: string;
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
                password: string;
              }
          )
        | null;
      verify_tls?: boolean;
      ca?: string | null;
      client_certificate?: {
        certificate: string;
        key: string;
      } | null;
      allowed_ips?: string[];
      max_in_flight?: number | null;
      template?:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering?: 'none' | 'fifo';
      rate_limit?: {
        per_second: number;
        /** @default 1 */
        burst?: number;
      } | null;
      enabled?: boolean;
      /** @description At most 16384 bytes of JSON in all. */
      metadata?: {
        [key: string]: string;
      };
    };
    EndpointPatch: {
      /**
       * Format: uri
       * @example https://hooks.example.com/posthorn
       */
      url?: string;
      name?: string | null;
      events?: string[];
      environments?: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method?: 'POST' | 'PUT';
      /** @enum {string} */
      signature?: 'hmac' | 'ed25519' | 'both';
      timeout_seconds?: number | null;
      max_retries?: number | null;
      retry_interval?: ('exponential' | 'fixed') | null;
      retry_delay_seconds?: number | null;
      retry_schedule_seconds?: number[] | null;
      notify_on_failure?: boolean;
      notify_emails?: string[];
      probe?: boolean;
      disable_after_days?: number | null;
      headers?: {
        [key: string]: string;
      };
      auth?:
        | (
            | {
                /** @constant */
                type: 'bearer';
                token: string;
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
                password: string;
              }
          )
        | null;
      verify_tls?: boolean;
      ca?: string | null;
      client_certificate?: {
        certificate: string;
        key: string;
      } | null;
      allowed_ips?: string[];
      max_in_flight?: number | null;
      template?:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering?: 'none' | 'fifo';
      rate_limit?: {
        per_second: number;
        /** @default 1 */
        burst?: number;
      } | null;
      enabled?: boolean;
      /** @description At most 16384 bytes of JSON in all. */
      metadata?: {
        [key: string]: string;
      };
    };
    EnableInput: {
      /**
       * @default deliver
       * @enum {string}
       */
      held?: 'deliver' | 'discard';
      per_second?: number;
    };
    RotateInput: {
      secret?: string;
      /** @default 86400 */
      grace_seconds?: number;
      /**
       * @default new
       * @enum {string}
       */
      primary?: 'new' | 'previous';
    };
    PreviewInput: {
      type?: string;
      data?: object;
      template?:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
    };
    TestInput: {
      type?: string;
      data?: object;
      /** @default false */
      wait?: boolean;
    };
    SecretTestInput: {
      /** @default null */
      flaw?: ('signature' | 'timestamp') | null;
    };
    EventTypeInput: {
      /** @default null */
      description?: string | null;
      /** @default null */
      group?: string | null;
      schema?: object | null;
      example?: object | null;
      /** @default false */
      validate?: boolean;
      /** @default false */
      archived?: boolean;
      /** @default false */
      deprecated?: boolean;
    };
    ImportInput: {
      /** @description OpenAPI 3.1, as JSON. */
      document: object;
      /** @default false */
      dry_run?: boolean;
      /** @default null */
      data_property?: string | null;
      validate?: boolean;
    };
    EventInput: {
      id?: string;
      /** @example message.received */
      type: string;
      /** @description Up to 1 MiB as compact JSON. Every attempt sends these bytes. */
      data: object;
      /**
       * Format: date-time
       * @description When it happened; now, if left out.
       */
      timestamp?: string;
      /**
       * @default production
       * @enum {string}
       */
      environment?: 'production' | 'staging' | 'development';
      ordering_key?: string;
    };
    BatchInput: {
      events: components['schemas']['EventInput'][];
    };
    ReplayInput: {
      endpoint_id: string;
      /**
       * @default failed
       * @enum {string}
       */
      kind?: 'failed' | 'all' | 'missing';
      /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
      since: string;
      /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
      until?: string;
      statuses?: ('succeeded' | 'failed' | 'cancelled')[];
      event_types?: string[];
      per_second?: number;
      /** @default false */
      dry_run?: boolean;
    };
    TenantInput: {
      /** @default null */
      name?: string | null;
      /** @description At most 16384 bytes of JSON in all. */
      metadata?: {
        [key: string]: string;
      };
      /** @default [] */
      notify_emails?: string[];
    };
    FieldError: {
      /** @description As the caller wrote it: `events[2].type`. */
      path: string;
      message: string;
    };
    /** @description RFC 9457. What it is about is in `code`. */
    Problem: {
      /** @constant */
      type: 'about:blank';
      title: string;
      status: number;
      /**
       * @description Stays as it is; the words may change.
       * @enum {string}
       */
      code:
        | 'malformed_request'
        | 'unauthorized'
        | 'forbidden'
        | 'not_found'
        | 'method_not_allowed'
        | 'delivery_ended'
        | 'request_timeout'
        | 'payload_dropped'
        | 'endpoint_deleted'
        | 'replay_running'
        | 'replay_ended'
        | 'endpoint_disabled'
        | 'tenant_being_deleted'
        | 'changed_meanwhile'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'invalid_request'
        | 'too_many_requests'
        | 'headers_too_large'
        | 'internal_error'
        | 'unavailable';
      /** @description What was wrong, and what to do, for people. */
      detail: string;
      /** @description The first twenty wrong fields, and how many more. */
      errors?: components['schemas']['FieldError'][];
    };
    Tenant: {
      id: string;
      name: string | null;
      metadata: {
        [key: string]: string;
      };
      notify_emails: string[];
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      deleting_since: string | null;
    };
    Held: {
      count: number;
      /** @description There are more than were counted. */
      is_more: boolean;
      since: string | null;
      release: {
        /** @enum {string} */
        kind: 'deliver' | 'discard';
        per_second: number | null;
        released: number;
        /** Format: date-time */
        started_at: string;
      } | null;
    };
    Endpoint: {
      id: string;
      tenant_id: string;
      /** Format: uri */
      url: string;
      name: string | null;
      profile: string;
      events: string[];
      environments: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method: 'POST' | 'PUT';
      signed: boolean;
      /** @enum {string} */
      signature: 'hmac' | 'ed25519' | 'both';
      /** @description Of Ed25519 signatures: `whpk_…`. */
      public_key: string | null;
      previous_secrets_valid_until: string[];
      timeout_seconds: number;
      max_retries: number;
      /** @enum {string} */
      retry_interval: 'exponential' | 'fixed';
      retry_delay_seconds: number | null;
      /** @description As they will be used. */
      retry_schedule_seconds: number[];
      notify_on_failure: boolean;
      notify_emails: string[];
      disable_after_days: number | null;
      probe: boolean;
      /** @description Values that look like credentials are `[redacted]`. */
      headers: {
        [key: string]: string;
      };
      auth:
        | (
            | {
                /** @constant */
                type: 'bearer';
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
              }
          )
        | null;
      verify_tls: boolean;
      ca: string | null;
      client_certificate: {
        subject: string;
        issuer: string;
        serial_number: string;
        fingerprint_sha256: string;
        /** Format: date-time */
        valid_until: string;
      } | null;
      allowed_ips: string[];
      max_in_flight: number | null;
      template:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering: 'none' | 'fifo';
      rate_limit: {
        per_second: number;
        burst: number;
      } | null;
      slowed_until: string | null;
      enabled: boolean;
      /** @description `manual`, `gone` (it answered 410) or `failing`. */
      disabled_reason: string | null;
      failing_since: string | null;
      held: components['schemas']['Held'];
      /** @description Why nothing can be sent to it. */
      unreadable?: string;
      metadata: {
        [key: string]: string;
      };
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    Event: {
      id: string;
      type: string;
      /** @enum {string} */
      environment: 'production' | 'staging' | 'development';
      /** Format: date-time */
      timestamp: string;
      ordering_key: string | null;
      /** Format: date-time */
      created_at: string;
      /** @description Of a single event only. null: dropped because of its age. */
      data?: {
        [key: string]: unknown;
      } | null;
      /** @description Of a single event only. */
      delivery_ids?: string[];
    };
    ApiKey: {
      id: string;
      name: string;
      prefix: string;
      scopes: ('admin' | 'publish' | 'manage' | 'read')[];
      tenant_id: string | null;
      /** Format: date-time */
      created_at: string;
      expires_at: string | null;
      revoked_at: string | null;
      last_used_at: string | null;
    };
    NewApiKey: {
      id: string;
      name: string;
      prefix: string;
      scopes: ('admin' | 'publish' | 'manage' | 'read')[];
      tenant_id: string | null;
      /** Format: date-time */
      created_at: string;
      expires_at: string | null;
      revoked_at: string | null;
      last_used_at: string | null;
      /** @description The key itself: shown this once. */
      key: string;
    };
    Token: {
      id: string;
      /** @description Shown this once. */
      token: string;
      /** @enum {string} */
      capability: 'manage' | 'read';
      tenant_id: string;
      subject: string | null;
      /** Format: date-time */
      expires_at: string;
    };
    AuditEntry: {
      id: string;
      /** Format: date-time */
      created_at: string;
      actor: {
        /** @enum {string} */
        kind: 'root' | 'key' | 'token' | 'system';
        id: string | null;
        name: string | null;
      };
      /** @enum {string} */
      action:
        | 'endpoint.created'
        | 'endpoint.updated'
        | 'endpoint.enabled'
        | 'endpoint.disabled'
        | 'endpoint.secret_rotated'
        | 'endpoint.deleted'
        | 'delivery.retried'
        | 'delivery.cancelled'
        | 'replay.begun'
        | 'replay.paused'
        | 'replay.resumed'
        | 'replay.cancelled'
        | 'tenant.updated'
        | 'tenant.deleted'
        | 'token.issued'
        | 'token.revoked'
        | 'key.created'
        | 'key.changed'
        | 'key.revoked'
        | 'event_type.changed'
        | 'event_type.deleted';
      subject_id: string;
      before: {
        [key: string]: unknown;
      } | null;
      after: {
        [key: string]: unknown;
      } | null;
      /** @description Secret fields that are others now. */
      sealed: string[];
    };
    AuditPage: {
      data: components['schemas']['AuditEntry'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    ApiKeyPage: {
      data: components['schemas']['ApiKey'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    Attempt: {
      number: number;
      /** @enum {string} */
      trigger: 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      timing: {
        dns_ms: number | null;
        connect_ms: number | null;
        tls_ms: number | null;
        first_byte_ms: number | null;
        total_ms: number;
      };
      status_code: number | null;
      error: {
        /** @enum {string} */
        class:
          | 'http'
          | 'redirect'
          | 'timeout'
          | 'dns'
          | 'connection'
          | 'tls'
          | 'blocked_address'
          | 'invalid_response'
          | 'invalid_request'
          | 'template';
        message: string | null;
      } | null;
      remark: string | null;
      retry_after_seconds: number | null;
      request: {
        method: string;
        url: string;
        headers: {
          [key: string]: string;
        } | null;
      };
      response: {
        headers: {
          [key: string]: string;
        } | null;
        body: string | null;
        body_bytes: number | null;
        truncated: boolean;
      };
    };
    LastAttempt: {
      number: number;
      /** @enum {string} */
      trigger: 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      timing: {
        dns_ms: number | null;
        connect_ms: number | null;
        tls_ms: number | null;
        first_byte_ms: number | null;
        total_ms: number;
      };
      status_code: number | null;
      error: {
        /** @enum {string} */
        class:
          | 'http'
          | 'redirect'
          | 'timeout'
          | 'dns'
          | 'connection'
          | 'tls'
          | 'blocked_address'
          | 'invalid_response'
          | 'invalid_request'
          | 'template';
        message: string | null;
      } | null;
      remark: string | null;
      retry_after_seconds: number | null;
      /** @description The beginning of the answer. null: dropped. */
      excerpt: string | null;
    };
    ListedAttempt: {
      delivery_id: string;
      endpoint_id: string;
      event_id: string;
      event_type: string;
      number: number;
      /** @enum {string} */
      trigger: 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      timing: {
        dns_ms: number | null;
        connect_ms: number | null;
        tls_ms: number | null;
        first_byte_ms: number | null;
        total_ms: number;
      };
      status_code: number | null;
      error: {
        /** @enum {string} */
        class:
          | 'http'
          | 'redirect'
          | 'timeout'
          | 'dns'
          | 'connection'
          | 'tls'
          | 'blocked_address'
          | 'invalid_response'
          | 'invalid_request'
          | 'template';
        message: string | null;
      } | null;
      remark: string | null;
      retry_after_seconds: number | null;
      /** @description The beginning of the answer. null: dropped. */
      excerpt: string | null;
    };
    DeliveryWithAttempts: {
      id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string;
      /** @enum {string} */
      environment: 'production' | 'staging' | 'development';
      /** @enum {string} */
      trigger: 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
      test: boolean;
      replay_id: string | null;
      /** @enum {string} */
      status: 'pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled';
      attempt_count: number;
      /** @description null: the endpoint was deleted. */
      max_attempts: number | null;
      next_attempt_at: string | null;
      last_status_code: number | null;
      last_error_class:
        | (
            | 'http'
            | 'redirect'
            | 'timeout'
            | 'dns'
            | 'connection'
            | 'tls'
            | 'blocked_address'
            | 'invalid_response'
            | 'invalid_request'
            | 'template'
          )
        | null;
      workflow_id: string | null;
      ordered: boolean;
      ordering_key: string | null;
      /** Format: date-time */
      created_at: string;
      completed_at: string | null;
      request_body: string | null;
      attempts: components['schemas']['Attempt'][];
    };
    Delivery: {
      id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string;
      /** @enum {string} */
      environment: 'production' | 'staging' | 'development';
      /** @enum {string} */
      trigger: 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
      test: boolean;
      replay_id: string | null;
      /** @enum {string} */
      status: 'pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled';
      attempt_count: number;
      /** @description null: the endpoint was deleted. */
      max_attempts: number | null;
      next_attempt_at: string | null;
      last_status_code: number | null;
      last_error_class:
        | (
            | 'http'
            | 'redirect'
            | 'timeout'
            | 'dns'
            | 'connection'
            | 'tls'
            | 'blocked_address'
            | 'invalid_response'
            | 'invalid_request'
            | 'template'
          )
        | null;
      workflow_id: string | null;
      ordered: boolean;
      ordering_key: string | null;
      /** Format: date-time */
      created_at: string;
      completed_at: string | null;
      last_attempt?: components['schemas']['LastAttempt'] | null;
    };
    OrderedDelivery: {
      id: string;
      /** @enum {string} */
      status: 'pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled';
      note?: string;
    };
    DeliveryHistory: {
      delivery_id: string;
      /** @enum {string} */
      status: 'pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled';
      next_attempt_at: string | null;
      runs: {
        workflow_id: string;
        run_id: string;
        status: string;
        /** @description What else an entry has depends on its type. */
        entries: ({
          event_id: number;
          time: string | null;
          type: string;
        } & {
          [key: string]: unknown;
        })[];
      }[];
      /** @description Why it is not all from Temporal. */
      note?: string;
      /** @description From the log, where Temporal has none. */
      attempts?: components['schemas']['Attempt'][];
    };
    DeliveryPage: {
      data: components['schemas']['Delivery'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    AttemptPage: {
      data: components['schemas']['ListedAttempt'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    CreatedEndpoint: {
      id: string;
      tenant_id: string;
      /** Format: uri */
      url: string;
      name: string | null;
      profile: string;
      events: string[];
      environments: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method: 'POST' | 'PUT';
      signed: boolean;
      /** @enum {string} */
      signature: 'hmac' | 'ed25519' | 'both';
      /** @description Of Ed25519 signatures: `whpk_…`. */
      public_key: string | null;
      previous_secrets_valid_until: string[];
      timeout_seconds: number;
      max_retries: number;
      /** @enum {string} */
      retry_interval: 'exponential' | 'fixed';
      retry_delay_seconds: number | null;
      /** @description As they will be used. */
      retry_schedule_seconds: number[];
      notify_on_failure: boolean;
      notify_emails: string[];
      disable_after_days: number | null;
      probe: boolean;
      /** @description Values that look like credentials are `[redacted]`. */
      headers: {
        [key: string]: string;
      };
      auth:
        | (
            | {
                /** @constant */
                type: 'bearer';
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
              }
          )
        | null;
      verify_tls: boolean;
      ca: string | null;
      client_certificate: {
        subject: string;
        issuer: string;
        serial_number: string;
        fingerprint_sha256: string;
        /** Format: date-time */
        valid_until: string;
      } | null;
      allowed_ips: string[];
      max_in_flight: number | null;
      template:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering: 'none' | 'fifo';
      rate_limit: {
        per_second: number;
        burst: number;
      } | null;
      slowed_until: string | null;
      enabled: boolean;
      /** @description `manual`, `gone` (it answered 410) or `failing`. */
      disabled_reason: string | null;
      failing_since: string | null;
      held: components['schemas']['Held'];
      /** @description Why nothing can be sent to it. */
      unreadable?: string;
      metadata: {
        [key: string]: string;
      };
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      /** @description Shown this once. null: it is unsigned, or the secret has been replaced since. */
      secret?: string | null;
      /** @description What is odd about the request, and was taken all the same. */
      warnings: components['schemas']['FieldError'][];
    };
    ListedEndpoint: {
      id: string;
      tenant_id: string;
      /** Format: uri */
      url: string;
      name: string | null;
      profile: string;
      events: string[];
      environments: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method: 'POST' | 'PUT';
      signed: boolean;
      /** @enum {string} */
      signature: 'hmac' | 'ed25519' | 'both';
      /** @description Of Ed25519 signatures: `whpk_…`. */
      public_key: string | null;
      previous_secrets_valid_until: string[];
      timeout_seconds: number;
      max_retries: number;
      /** @enum {string} */
      retry_interval: 'exponential' | 'fixed';
      retry_delay_seconds: number | null;
      /** @description As they will be used. */
      retry_schedule_seconds: number[];
      notify_on_failure: boolean;
      notify_emails: string[];
      disable_after_days: number | null;
      probe: boolean;
      /** @description Values that look like credentials are `[redacted]`. */
      headers: {
        [key: string]: string;
      };
      auth:
        | (
            | {
                /** @constant */
                type: 'bearer';
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
              }
          )
        | null;
      verify_tls: boolean;
      ca: string | null;
      client_certificate: {
        subject: string;
        issuer: string;
        serial_number: string;
        fingerprint_sha256: string;
        /** Format: date-time */
        valid_until: string;
      } | null;
      allowed_ips: string[];
      max_in_flight: number | null;
      template:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering: 'none' | 'fifo';
      rate_limit: {
        per_second: number;
        burst: number;
      } | null;
      slowed_until: string | null;
      enabled: boolean;
      /** @description `manual`, `gone` (it answered 410) or `failing`. */
      disabled_reason: string | null;
      failing_since: string | null;
      held: components['schemas']['Held'];
      /** @description Why nothing can be sent to it. */
      unreadable?: string;
      metadata: {
        [key: string]: string;
      };
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      last_attempt?: components['schemas']['LastAttempt'] | null;
    };
    ChangedEndpoint: {
      id: string;
      tenant_id: string;
      /** Format: uri */
      url: string;
      name: string | null;
      profile: string;
      events: string[];
      environments: ('production' | 'staging' | 'development')[];
      /** @enum {string} */
      method: 'POST' | 'PUT';
      signed: boolean;
      /** @enum {string} */
      signature: 'hmac' | 'ed25519' | 'both';
      /** @description Of Ed25519 signatures: `whpk_…`. */
      public_key: string | null;
      previous_secrets_valid_until: string[];
      timeout_seconds: number;
      max_retries: number;
      /** @enum {string} */
      retry_interval: 'exponential' | 'fixed';
      retry_delay_seconds: number | null;
      /** @description As they will be used. */
      retry_schedule_seconds: number[];
      notify_on_failure: boolean;
      notify_emails: string[];
      disable_after_days: number | null;
      probe: boolean;
      /** @description Values that look like credentials are `[redacted]`. */
      headers: {
        [key: string]: string;
      };
      auth:
        | (
            | {
                /** @constant */
                type: 'bearer';
              }
            | {
                /** @constant */
                type: 'basic';
                username: string;
              }
          )
        | null;
      verify_tls: boolean;
      ca: string | null;
      client_certificate: {
        subject: string;
        issuer: string;
        serial_number: string;
        fingerprint_sha256: string;
        /** Format: date-time */
        valid_until: string;
      } | null;
      allowed_ips: string[];
      max_in_flight: number | null;
      template:
        | (
            | {
                jsonata: string;
              }
            | {
                /** @enum {string} */
                preset: 'slack' | 'discord' | 'teams';
                title?: string;
                fields?: string[];
                link?: string;
              }
          )
        | null;
      /** @enum {string} */
      ordering: 'none' | 'fifo';
      rate_limit: {
        per_second: number;
        burst: number;
      } | null;
      slowed_until: string | null;
      enabled: boolean;
      /** @description `manual`, `gone` (it answered 410) or `failing`. */
      disabled_reason: string | null;
      failing_since: string | null;
      held: components['schemas']['Held'];
      /** @description Why nothing can be sent to it. */
      unreadable?: string;
      metadata: {
        [key: string]: string;
      };
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      /** @description What is odd about the request, and was taken all the same. */
      warnings: components['schemas']['FieldError'][];
    };
    Preview: {
      method: string;
      headers: {
        [key: string]: string;
      };
      body: string;
    };
    TrialResult: {
      /** @description A sentence for whoever set the endpoint up. */
      verdict: string;
      attempt: components['schemas']['Attempt'];
    };
    SecretTestResult: {
      /** @description A sentence for whoever set the endpoint up. */
      verdict: string;
      /** @description With `flaw`: whether it was (4xx). null: it failed in another way. */
      refused?: boolean | null;
      attempt: components['schemas']['Attempt'];
    };
    EndpointPage: {
      data: components['schemas']['ListedEndpoint'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    RotatedSecret: {
      secret: string | null;
      public_key: string | null;
      previous_valid_until: string | null;
      /** @enum {string} */
      primary: 'new' | 'previous';
    };
    TestResult: {
      event_id: string;
      delivery_id: string;
      /** @description A sentence for whoever set the endpoint up. */
      verdict: string;
      attempt: components['schemas']['Attempt'];
    };
    TestAccepted: {
      event_id: string;
      delivery_id: string;
      /** @description A sentence for whoever set the endpoint up. */
      verdict?: string;
      attempt?: null;
    };
    EventType: {
      name: string;
      /** @description With which it comes; null: it is your own. */
      profile: string | null;
      /** @description All that know the name. */
      profiles: string[];
      description: string | null;
      group: string | null;
      schema: {
        [key: string]: unknown;
      } | null;
      example: {
        [key: string]: unknown;
      } | null;
      example_is_generated: boolean;
      validate: boolean;
      archived: boolean;
      deprecated: boolean;
      created_at: string | null;
      updated_at: string | null;
      /** @description The only one that gets it: Posthorn’s own news. */
      tenant?: string;
    };
    WrittenEventType: {
      name: string;
      /** @description With which it comes; null: it is your own. */
      profile: string | null;
      /** @description All that know the name. */
      profiles: string[];
      description: string | null;
      group: string | null;
      schema: {
        [key: string]: unknown;
      } | null;
      example: {
        [key: string]: unknown;
      } | null;
      example_is_generated: boolean;
      validate: boolean;
      archived: boolean;
      deprecated: boolean;
      created_at: string | null;
      updated_at: string | null;
      /** @description The only one that gets it: Posthorn’s own news. */
      tenant?: string;
      /** @description What is odd about the request, and was taken all the same. */
      warnings: components['schemas']['FieldError'][];
    };
    ImportedEventTypes: {
      dry_run: boolean;
      created: number;
      updated: number;
      unchanged: number;
      types: {
        name: string;
        /** @enum {string} */
        change: 'created' | 'updated' | 'unchanged';
        /** @description What differs in one that is updated. */
        fields: string[];
      }[];
    };
    EventTypePage: {
      data: components['schemas']['EventType'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    AcceptedEvent: {
      id: string;
      delivery_ids: string[];
    };
    BatchResult: {
      /** @description One for each event, in order. */
      results: (
        | components['schemas']['AcceptedEvent']
        | {
            error: components['schemas']['Problem'];
          }
      )[];
    };
    EventPage: {
      data: components['schemas']['Event'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    Me: {
      /** @enum {string} */
      kind: 'root' | 'key' | 'token';
      id: string | null;
      name: string | null;
      scopes: ('admin' | 'publish' | 'manage' | 'read')[];
      /** @description The only tenant it is good for; null: all. */
      tenant_id: string | null;
      /** @enum {string} */
      environment: 'development' | 'production';
      allows_unverified_tls: boolean;
      temporal_ui: string | null;
    };
    Profiles: {
      data: {
        name: string;
        description: string;
        methods: ('POST' | 'PUT')[];
        timeout_seconds: number;
        max_retries: number;
        retry_schedule_seconds: number[];
        /** @description What "exponential" stands for. */
        exponential_seconds: number[];
        jitter: number;
        signature: {
          /** @enum {string} */
          scheme: 'standard' | 'hex-body' | 'base64-body' | 'timestamped-hex';
          prefix?: string;
        };
        headers: {
          eventId?: string;
          deliveryId?: string;
          timestamp?: string;
          eventType?: string;
          signature: string;
          previousSignature?: string;
        };
        /** @enum {string} */
        secret_format: 'hex' | 'whsec';
        secret_optional: boolean;
      }[];
    };
    EventCounts: {
      /** Format: date-time */
      since: string;
      /** @description false: only the newest 20,000 were counted. */
      is_complete: boolean;
      data: {
        type: string;
        /** @enum {string} */
        environment: 'production' | 'staging' | 'development';
        events: number;
        last_event_id: string | null;
      }[];
    };
    Operations: {
      /** Format: date-time */
      at: string;
      /** @description Counts stop here: as much, or more. */
      counted_to: number;
      temporal: {
        /** @description The process that answers. */
        connected: boolean;
      };
      backlog: {
        /** @description Open, and carried by no workflow yet. */
        deliveries: number;
        oldest_seconds: number;
        /** @description Due over a minute ago. */
        overdue_retries: number;
      };
      /** @description Of endpoints that are sent one after the other. */
      lanes: {
        deliveries: number;
        oldest_seconds: number;
        lanes: number;
        overdue: number;
      };
      failing_endpoints: number;
      replays: {
        running: number;
        paused: number;
      };
      /** @description Endpoints that let go of what was held for them. */
      releases: number;
      notifications_waiting: number;
      workers: {
        id: number;
        role: string;
        /** Format: date-time */
        started_at: string;
        /** @description Since its last heartbeat. */
        silent_seconds: number;
      }[];
    };
    FailingEndpoint: {
      tenant_id: string;
      endpoint_id: string;
      name: string | null;
      url: string | null;
      /** Format: date-time */
      failing_since: string;
      /** Format: date-time */
      last_failure_at: string;
      last_status_code: number | null;
      last_error: {
        class: string;
        message: string | null;
      } | null;
      /** @description Its owner was told that it will be disabled. */
      is_warned: boolean;
      /** @description When that is told, or done. null: never. */
      next_step_at: string | null;
    };
    TenantVolumes: {
      /** @enum {string} */
      interval: 'hour' | 'day';
      /** Format: date-time */
      since: string;
      /** @description false: there were too many tenants to look at all. */
      is_complete: boolean;
      data: {
        tenant_id: string;
        name: string | null;
        attempts: number;
        failed: number;
      }[];
    };
    Settings: {
      process: {
        /** @enum {string} */
        role: 'all' | 'api' | 'worker';
        node: string;
        /** Format: date-time */
        started_at: string;
      };
      data: {
        name: string;
        /** @description null: none, or a secret. */
        value: string | null;
        is_set: boolean;
        /** @description It is a secret, or parts of it are. */
        is_hidden: boolean;
      }[];
    };
    FailingEndpointPage: {
      data: components['schemas']['FailingEndpoint'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    Notification: {
      id: string;
      /** @enum {string} */
      kind: 'delivery.exhausted' | 'endpoint.failing' | 'endpoint.disabled' | 'endpoint.recovered';
      endpoint_id: string;
      reason: string | null;
      failing_since: string | null;
      deliveries: number;
      /** @description The first ten. */
      delivery_ids: string[];
      last_status_code: number | null;
      last_error: {
        class: string;
        message: string | null;
      } | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      last_at: string;
      /** @enum {string} */
      status: 'waiting' | 'sending' | 'sent' | 'not_sent';
      why_not: {
        /** @enum {string} */
        code: 'no_smtp' | 'no_address' | 'turned_off' | 'limit' | 'endpoint_deleted' | 'refused';
        message: string;
      } | null;
      sent_at: string | null;
      sent_to: string[];
      refused_by: string[];
      tries: number;
      /** @description Of one that is tried again. */
      next_try_at: string | null;
      last_problem: string | null;
    };
    NotificationOfTenant: {
      tenant_id: string;
      id: string;
      /** @enum {string} */
      kind: 'delivery.exhausted' | 'endpoint.failing' | 'endpoint.disabled' | 'endpoint.recovered';
      endpoint_id: string;
      reason: string | null;
      failing_since: string | null;
      deliveries: number;
      /** @description The first ten. */
      delivery_ids: string[];
      last_status_code: number | null;
      last_error: {
        class: string;
        message: string | null;
      } | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      last_at: string;
      /** @enum {string} */
      status: 'waiting' | 'sending' | 'sent' | 'not_sent';
      why_not: {
        /** @enum {string} */
        code: 'no_smtp' | 'no_address' | 'turned_off' | 'limit' | 'endpoint_deleted' | 'refused';
        message: string;
      } | null;
      sent_at: string | null;
      sent_to: string[];
      refused_by: string[];
      tries: number;
      /** @description Of one that is tried again. */
      next_try_at: string | null;
      last_problem: string | null;
    };
    Readiness: {
      postgres: boolean;
      temporal: boolean;
      /** @description Why not, in words. */
      reasons?: string[];
    };
    NotificationPage: {
      data: components['schemas']['Notification'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    AllNotificationPage: {
      data: components['schemas']['NotificationOfTenant'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    EgressIps: {
      data: string[];
    };
    Health: {
      /** @constant */
      status: 'ok';
    };
    OpenApiDocument: {
      [key: string]: unknown;
    };
    Replay: {
      id: string;
      endpoint_id: string;
      /** @enum {string} */
      kind: 'failed' | 'all' | 'missing';
      /** Format: date-time */
      since: string;
      /** Format: date-time */
      until: string;
      statuses: ('pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled')[];
      event_types: string[] | null;
      per_second: number | null;
      /** @enum {string} */
      status: 'running' | 'paused' | 'finishing' | 'completed' | 'cancelled';
      /** @description Why it makes nothing now, or was cancelled. */
      reason: string | null;
      /** @description null: not counted yet. */
      total: number | null;
      done: number;
      succeeded: number;
      failed: number;
      cancelled: number;
      open: number;
      /** @description Events whose data has been dropped because of their age. */
      skipped: number;
      workflow_id: string;
      /** Format: date-time */
      created_at: string;
      completed_at: string | null;
    };
    ReplayDryRun: {
      /** @constant */
      dry_run: true;
      endpoint_id: string;
      /** @enum {string} */
      kind: 'failed' | 'all' | 'missing';
      /** Format: date-time */
      since: string;
      /** Format: date-time */
      until: string;
      statuses: ('pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled')[];
      event_types: string[] | null;
      per_second: number | null;
      total: number;
      skipped: number;
      is_complete: boolean;
    };
    ReplayPage: {
      data: components['schemas']['Replay'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    AttemptSummary: {
      attempts: number;
      delivered: number;
      failed: number;
      success_rate: number | null;
      duration_ms: {
        p50: number | null;
        p95: number | null;
        p99: number | null;
      };
      status_codes: {
        [key: string]: number;
      };
      error_classes: {
        [key: string]: number;
      };
    };
    Statistics: {
      /** @enum {string} */
      interval: 'hour' | 'day';
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      to: string;
      total: components['schemas']['AttemptSummary'];
      data: {
        /** Format: date-time */
        start: string;
        attempts: number;
        delivered: number;
        failed: number;
        success_rate: number | null;
        duration_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        status_codes: {
          [key: string]: number;
        };
        error_classes: {
          [key: string]: number;
        };
      }[];
    };
    StatisticsByEndpoint: {
      /** @enum {string} */
      interval: 'hour' | 'day';
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      to: string;
      starts: string[];
      data: {
        endpoint_id: string;
        total: components['schemas']['AttemptSummary'];
        /** @description A number for each time in `starts`. */
        attempts: number[];
        failed: number[];
      }[];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
    TenantStatistics: components['schemas']['Statistics'] | components['schemas']['StatisticsByEndpoint'];
    TenantPage: {
      data: components['schemas']['Tenant'][];
      /** @description Pass it as `cursor` to get the next page. null: this was the last. */
      next_cursor: string | null;
    };
  };
  responses: {
    /** @description Malformed request (`malformed_request`) */
    malformed_request: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'malformed_request';
        };
      };
    };
    /** @description Unauthorized (`unauthorized`) */
    unauthorized: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'unauthorized';
        };
      };
    };
    /** @description Forbidden (`forbidden`) */
    forbidden: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'forbidden';
        };
      };
    };
    /** @description Not found (`not_found`) */
    not_found: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'not_found';
        };
      };
    };
    /** @description Method not allowed (`method_not_allowed`) */
    method_not_allowed: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'method_not_allowed';
        };
      };
    };
    /** @description Delivery ended (`delivery_ended`) */
    delivery_ended: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'delivery_ended';
        };
      };
    };
    /** @description Request timeout (`request_timeout`) */
    request_timeout: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'request_timeout';
        };
      };
    };
    /** @description Payload dropped (`payload_dropped`) */
    payload_dropped: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'payload_dropped';
        };
      };
    };
    /** @description Endpoint deleted (`endpoint_deleted`) */
    endpoint_deleted: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'endpoint_deleted';
        };
      };
    };
    /** @description Replay running (`replay_running`) */
    replay_running: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'replay_running';
        };
      };
    };
    /** @description Replay ended (`replay_ended`) */
    replay_ended: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'replay_ended';
        };
      };
    };
    /** @description Endpoint disabled (`endpoint_disabled`) */
    endpoint_disabled: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'endpoint_disabled';
        };
      };
    };
    /** @description Tenant being deleted (`tenant_being_deleted`) */
    tenant_being_deleted: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'tenant_being_deleted';
        };
      };
    };
    /** @description Changed meanwhile (`changed_meanwhile`) */
    changed_meanwhile: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'changed_meanwhile';
        };
      };
    };
    /** @description Payload too large (`payload_too_large`) */
    payload_too_large: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'payload_too_large';
        };
      };
    };
    /** @description Unsupported media type (`unsupported_media_type`) */
    unsupported_media_type: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'unsupported_media_type';
        };
      };
    };
    /** @description Invalid request (`invalid_request`) */
    invalid_request: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'invalid_request';
        };
      };
    };
    /** @description Too many requests (`too_many_requests`) */
    too_many_requests: {
      headers: {
        /** @description Seconds to wait. */
        'Retry-After'?: number;
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'too_many_requests';
        };
      };
    };
    /** @description Request header fields too large (`headers_too_large`) */
    headers_too_large: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'headers_too_large';
        };
      };
    };
    /** @description Internal error (`internal_error`) */
    internal_error: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'internal_error';
        };
      };
    };
    /** @description Temporarily unavailable (`unavailable`) */
    unavailable: {
      headers: {
        /** @description Seconds to wait. */
        'Retry-After'?: number;
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code?: 'unavailable';
        };
      };
    };
  };
  parameters: {
    /** @description A customer of yours, by your own id. */
    tenant: string;
    /** @description As it was answered with when the thing was made. */
    id: string;
    /** @description Of an event type. */
    name: string;
    /** @description A request with the same key is done once; the same key with another request is refused. */
    'idempotency-key': string;
    /** @description The `updated_at` that was read, in double quotes: when it was changed since, nothing is done (412). */
    'if-match': string;
  };
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export interface operations {
  listTenants: {
    parameters: {
      query?: {
        search?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of tenants. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TenantPage'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getTenant: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tenant. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tenant'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  putTenant: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "name": "Acme",
         *       "metadata": {
         *         "plan": "gold"
         *       },
         *       "notify_emails": [
         *         "ops@acme.example"
         *       ]
         *     }
         */
        'application/json': components['schemas']['TenantInput'];
      };
    };
    responses: {
      /** @description The tenant. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tenant'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['tenant_being_deleted'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  deleteTenant: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tenant, on its way out. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tenant'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listEndpoints: {
    parameters: {
      query?: {
        include?: 'last_attempt';
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of endpoints. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EndpointPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  createEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description A request with the same key is done once; the same key with another request is refused. */
        'Idempotency-Key'?: components['parameters']['idempotency-key'];
      };
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "url": "https://hooks.example.com/crm",
         *       "name": "CRM",
         *       "profile": "standard",
         *       "events": [
         *         "conversation.*",
         *         "message.received"
         *       ],
         *       "headers": {
         *         "X-Team": "crm"
         *       },
         *       "max_retries": 3
         *     }
         */
        'application/json': components['schemas']['EndpointInput'];
      };
    };
    responses: {
      /** @description The endpoint that an earlier request with this key made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedEndpoint'];
        };
      };
      /** @description The new endpoint, with its secret. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedEndpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['tenant_being_deleted'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Endpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  deleteEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  changeEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `updated_at` that was read, in double quotes: when it was changed since, nothing is done (412). */
        'If-Match'?: components['parameters']['if-match'];
      };
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "events": [
         *         "*"
         *       ],
         *       "timeout_seconds": 10
         *     }
         */
        'application/json': components['schemas']['EndpointPatch'];
      };
    };
    responses: {
      /** @description The endpoint as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChangedEndpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      412: components['responses']['changed_meanwhile'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  enableEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "per_second": 50
         *     }
         */
        'application/json': components['schemas']['EnableInput'];
      };
    };
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Endpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  disableEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Endpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  rotateSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "grace_seconds": 3600
         *     }
         */
        'application/json': components['schemas']['RotateInput'];
      };
    };
    responses: {
      /** @description The new secret, shown this once. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotatedSecret'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  endPreviousSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Endpoint'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  previewRequest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "type": "message.received",
         *       "data": {
         *         "text": "hi"
         *       }
         *     }
         */
        'application/json': components['schemas']['PreviewInput'];
      };
    };
    responses: {
      /** @description The request that an attempt would make. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Preview'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  testEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "type": "message.received",
         *       "data": {
         *         "text": "hi"
         *       }
         *     }
         */
        'application/json': components['schemas']['TestInput'];
      };
    };
    responses: {
      /** @description With `wait`: the first attempt has been made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TestResult'];
        };
      };
      /** @description The delivery is on its way; with `wait`, no attempt was made in time. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TestAccepted'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      /** @description Endpoint disabled (`endpoint_disabled`), or Tenant being deleted (`tenant_being_deleted`) */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            /** @enum {unknown} */
            code?: 'endpoint_disabled' | 'tenant_being_deleted';
          };
        };
      };
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  tryEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "url": "https://hooks.example.com/crm",
         *       "type": "message.created",
         *       "data": {
         *         "text": "hi"
         *       }
         *     }
         */
        'application/json': components['schemas']['TryInput'];
      };
    };
    responses: {
      /** @description What came of it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrialResult'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  testSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "flaw": "signature"
         *     }
         */
        'application/json': components['schemas']['SecretTestInput'];
      };
    };
    responses: {
      /** @description What came of it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SecretTestResult'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  previewUnsavedEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "url": "https://hooks.example.com/crm",
         *       "template": {
         *         "preset": "slack"
         *       }
         *     }
         */
        'application/json': components['schemas']['TryInput'];
      };
    };
    responses: {
      /** @description The request. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Preview'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listEvents: {
    parameters: {
      query?: {
        type?: string;
        environment?: 'production' | 'staging' | 'development';
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of events. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  publishEvent: {
    parameters: {
      query?: never;
      header?: {
        /** @description A request with the same key is done once; the same key with another request is refused. */
        'Idempotency-Key'?: components['parameters']['idempotency-key'];
      };
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "id": "order-7731",
         *       "type": "conversation.created",
         *       "data": {
         *         "order": 7731
         *       }
         *     }
         */
        'application/json': components['schemas']['EventInput'];
      };
    };
    responses: {
      /** @description It had been accepted before, by its id or the key. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AcceptedEvent'];
        };
      };
      /** @description The event and its deliveries are committed. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AcceptedEvent'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['tenant_being_deleted'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  publishBatch: {
    parameters: {
      query?: never;
      header?: {
        /** @description A request with the same key is done once; the same key with another request is refused. */
        'Idempotency-Key'?: components['parameters']['idempotency-key'];
      };
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "events": [
         *         {
         *           "type": "conversation.created",
         *           "data": {
         *             "order": 7733
         *           }
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['BatchInput'];
      };
    };
    responses: {
      /** @description All that it holds had been accepted before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BatchResult'];
        };
      };
      /** @description What became of each. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BatchResult'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The event with its data. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Event'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listDeliveries: {
    parameters: {
      query?: {
        status?: ('pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled')[];
        endpoint_id?: string;
        event_id?: string;
        replay_id?: string;
        event_type?: string;
        environment?: 'production' | 'staging' | 'development';
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        include?: 'last_attempt';
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of deliveries. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  streamDeliveries: {
    parameters: {
      query?: {
        status?: ('pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled')[];
        endpoint_id?: string;
        event_id?: string;
        replay_id?: string;
        event_type?: string;
        environment?: 'production' | 'staging' | 'development';
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        include?: 'last_attempt';
        /** @description Rows of a page. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Until it is hung up. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The delivery. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryWithAttempts'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getDeliveryHistory: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Every run that carried it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryHistory'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  retryDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is about to be made. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderedDelivery'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      /** @description Endpoint disabled (`endpoint_disabled`), or Endpoint deleted (`endpoint_deleted`), or Payload dropped (`payload_dropped`) */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            /** @enum {unknown} */
            code?: 'endpoint_disabled' | 'endpoint_deleted' | 'payload_dropped';
          };
        };
      };
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  cancelDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is cancelled. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderedDelivery'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['delivery_ended'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listAttempts: {
    parameters: {
      query: {
        endpoint_id: string;
        status_code?: string[];
        error_class?: (
          | 'http'
          | 'redirect'
          | 'timeout'
          | 'dns'
          | 'connection'
          | 'tls'
          | 'blocked_address'
          | 'invalid_response'
          | 'invalid_request'
          | 'template'
        )[];
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of attempts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AttemptPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listReplays: {
    parameters: {
      query?: {
        endpoint_id?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of replays. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  createReplay: {
    parameters: {
      query?: never;
      header?: {
        /** @description A request with the same key is done once; the same key with another request is refused. */
        'Idempotency-Key'?: components['parameters']['idempotency-key'];
      };
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "endpoint_id": "ep_…",
         *       "kind": "all",
         *       "since": "2026-01-01",
         *       "per_second": 20
         *     }
         */
        'application/json': components['schemas']['ReplayInput'];
      };
    };
    responses: {
      /** @description With `dry_run`: what it would be. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayDryRun'];
        };
      };
      /** @description The replay, which has begun. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      /** @description Replay running (`replay_running`), or Endpoint disabled (`endpoint_disabled`), or Endpoint deleted (`endpoint_deleted`) */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            /** @enum {unknown} */
            code?: 'replay_running' | 'endpoint_disabled' | 'endpoint_deleted';
          };
        };
      };
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The replay. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  pauseReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The replay. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['replay_ended'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  resumeReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The replay. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['replay_ended'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  cancelReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The replay. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Replay'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['replay_ended'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getTenantStatistics: {
    parameters: {
      query?: {
        interval?: 'hour' | 'day';
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        from?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        to?: string;
        by?: 'endpoint';
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What the attempts came to. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TenantStatistics'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getEndpointStatistics: {
    parameters: {
      query?: {
        interval?: 'hour' | 'day';
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        from?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        to?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What the attempts came to. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Statistics'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listEventTypes: {
    parameters: {
      query?: {
        profile?: string;
        group?: string;
        archived?: 'true' | 'false' | 'all';
        deprecated?: 'true' | 'false';
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of event types. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventTypePage'];
        };
      };
      401: components['responses']['unauthorized'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getEventType: {
    parameters: {
      query?: {
        profile?: string;
      };
      header?: never;
      path: {
        /** @description Of an event type. */
        name: components['parameters']['name'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The event type. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventType'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  putEventType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Of an event type. */
        name: components['parameters']['name'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "description": "An order has been paid.",
         *       "group": "orders",
         *       "validate": true,
         *       "schema": {
         *         "type": "object",
         *         "required": [
         *           "order"
         *         ],
         *         "properties": {
         *           "order": {
         *             "type": "integer"
         *           }
         *         }
         *       }
         *     }
         */
        'application/json': components['schemas']['EventTypeInput'];
      };
    };
    responses: {
      /** @description It was there before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WrittenEventType'];
        };
      };
      /** @description It is new. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WrittenEventType'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  deleteEventType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Of an event type. */
        name: components['parameters']['name'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  importEventTypes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "dry_run": true,
         *       "document": {
         *         "openapi": "3.1.0",
         *         "info": {
         *           "title": "Shop",
         *           "version": "1"
         *         },
         *         "webhooks": {
         *           "order.shipped": {
         *             "post": {
         *               "summary": "On its way."
         *             }
         *           }
         *         }
         *       }
         *     }
         */
        'application/json': components['schemas']['ImportInput'];
      };
    };
    responses: {
      /** @description What became of each. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ImportedEventTypes'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listKeys: {
    parameters: {
      query?: {
        tenant_id?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of keys. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKeyPage'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  createKey: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "billing backend",
         *       "scopes": [
         *         "publish"
         *       ],
         *       "tenant_id": "acme"
         *     }
         */
        'application/json': components['schemas']['KeyInput'];
      };
    };
    responses: {
      /** @description With the key itself, shown this once. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewApiKey'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      409: components['responses']['tenant_being_deleted'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What is known of it; not the key. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKey'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  revokeKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is refused from now on. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  changeKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description As it was answered with when the thing was made. */
        id: components['parameters']['id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "expires_at": "2099-01-01T00:00:00Z"
         *     }
         */
        'application/json': components['schemas']['KeyChange'];
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKey'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "capability": "manage",
         *       "expires_in": 900,
         *       "subject": "ada@acme.example"
         *     }
         */
        'application/json': components['schemas']['TokenInput'];
      };
    };
    responses: {
      /** @description The token. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Token'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      409: components['responses']['tenant_being_deleted'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  revokeTokens: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description They are refused from now on. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      413: components['responses']['payload_too_large'];
      415: components['responses']['unsupported_media_type'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listTenantAudit: {
    parameters: {
      query?: {
        action?: (
          | 'endpoint.created'
          | 'endpoint.updated'
          | 'endpoint.enabled'
          | 'endpoint.disabled'
          | 'endpoint.secret_rotated'
          | 'endpoint.deleted'
          | 'delivery.retried'
          | 'delivery.cancelled'
          | 'replay.begun'
          | 'replay.paused'
          | 'replay.resumed'
          | 'replay.cancelled'
          | 'tenant.updated'
          | 'tenant.deleted'
          | 'token.issued'
          | 'token.revoked'
          | 'key.created'
          | 'key.changed'
          | 'key.revoked'
          | 'event_type.changed'
          | 'event_type.deleted'
        )[];
        subject_id?: string;
        actor_id?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of the log, newest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listAudit: {
    parameters: {
      query?: {
        action?: (
          | 'endpoint.created'
          | 'endpoint.updated'
          | 'endpoint.enabled'
          | 'endpoint.disabled'
          | 'endpoint.secret_rotated'
          | 'endpoint.deleted'
          | 'delivery.retried'
          | 'delivery.cancelled'
          | 'replay.begun'
          | 'replay.paused'
          | 'replay.resumed'
          | 'replay.cancelled'
          | 'tenant.updated'
          | 'tenant.deleted'
          | 'token.issued'
          | 'token.revoked'
          | 'key.created'
          | 'key.changed'
          | 'key.revoked'
          | 'event_type.changed'
          | 'event_type.deleted'
        )[];
        subject_id?: string;
        actor_id?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        until?: string;
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of the log, newest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditPage'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The key or token of this request. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Me'];
        };
      };
      401: components['responses']['unauthorized'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listProfiles: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Profiles'];
        };
      };
      401: components['responses']['unauthorized'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  countEventTypes: {
    parameters: {
      query?: {
        /** @description RFC 3339, or a date alone, which is its beginning in UTC. */
        since?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By type and environment, most frequent first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventCounts'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listNotifications: {
    parameters: {
      query?: {
        endpoint_id?: string;
        kind?: ('delivery.exhausted' | 'endpoint.failing' | 'endpoint.disabled' | 'endpoint.recovered')[];
        status?: ('waiting' | 'sending' | 'sent' | 'not_sent')[];
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description A customer of yours, by your own id. */
        tenant: components['parameters']['tenant'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of notifications. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NotificationPage'];
        };
      };
      400: components['responses']['malformed_request'];
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      404: components['responses']['not_found'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listAllNotifications: {
    parameters: {
      query?: {
        kind?: ('delivery.exhausted' | 'endpoint.failing' | 'endpoint.disabled' | 'endpoint.recovered')[];
        status?: ('waiting' | 'sending' | 'sent' | 'not_sent')[];
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of notifications. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AllNotificationPage'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listEgressIps: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Addresses and networks. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EgressIps'];
        };
      };
      401: components['responses']['unauthorized'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All metrics of this process. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It does. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events can be accepted and retried. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Readiness'];
        };
      };
      /** @description They cannot; why not is in `reasons`. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Readiness'];
        };
      };
    };
  };
  getOpenApi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OpenAPI 3.1. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OpenApiDocument'];
        };
      };
      /** @description It is the one that `If-None-Match` names. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getDocs: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page that loads nothing else. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/html': string;
        };
      };
      /** @description It is the one that `If-None-Match` names. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getOperations: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What waits, and who works on it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Operations'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listFailingEndpoints: {
    parameters: {
      query?: {
        /** @description Rows of a page. */
        limit?: number;
        /** @description The `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FailingEndpointPage'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  listTenantVolumes: {
    parameters: {
      query?: {
        interval?: 'hour' | 'day';
        /** @description Rows of a page. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Those that attempted most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TenantVolumes'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      422: components['responses']['invalid_request'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
  getSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Settings'];
        };
      };
      401: components['responses']['unauthorized'];
      403: components['responses']['forbidden'];
      429: components['responses']['too_many_requests'];
      500: components['responses']['internal_error'];
      503: components['responses']['unavailable'];
    };
  };
}
